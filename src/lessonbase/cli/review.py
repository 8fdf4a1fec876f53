"""What a curator decides: quarantine, near duplicates, contradictions."""

from typing import TYPE_CHECKING, Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import Call, print_json, print_list, say
from lessonbase.cli.records import Id

if TYPE_CHECKING:
    from lessonbase.records import Record, ReviewItem

app = typer.Typer(no_args_is_help=True, help="What waits for a curator's decision.")

Note = Annotated[str, typer.Option(help="Why, for the record's history.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=1_000, help="Most.")] = 20,
    as_json: Json = False,
) -> None:
    """What waits: quarantined and proposed records, pairs that say the same or the contrary.

    Example: lessonbase review list
    """
    call: Call = ctx.obj
    with call.open() as base:
        queue = base.review(limit=limit)
    if as_json:
        print_list(queue.items, more=queue.more)
        return
    for item in queue.items:
        typer.echo(_shown(item))
    if queue.more:
        say("there is more: raise --limit")
    if not queue.items:
        say("nothing waits")


@app.command()
def accept(ctx: typer.Context, record_id: Id, note: Note = "", as_json: Json = False) -> None:
    """Let a record that waits be recalled; of one in pairs, keep both.

    Example: lessonbase review accept 01J8Z3K5 --note "checked against the runbook"
    """
    call: Call = ctx.obj
    with call.open() as base:
        _told(base.accept(record_id, note=note), as_json=as_json)


@app.command()
def reject(ctx: typer.Context, record_id: Id, note: Note = "", as_json: Json = False) -> None:
    """Turn a record away: it is retired, and stays readable in history.

    Example: lessonbase review reject 01J8Z3K5 --note "made up"
    """
    call: Call = ctx.obj
    with call.open() as base:
        _told(base.reject(record_id, note=note), as_json=as_json)


@app.command()
def merge(
    ctx: typer.Context,
    record_id: Id,
    other_id: Annotated[str, typer.Argument(help="Id of the record that it stands for.")],
    as_json: Json = False,
) -> None:
    """Let one record stand for two that say the same; sources and histories of both are kept.

    Example: lessonbase review merge 01J8Z3K5 01J8Z3K6
    """
    call: Call = ctx.obj
    with call.open() as base:
        _told(base.merge(record_id, other_id), as_json=as_json)


@app.command()
def undo(ctx: typer.Context, record_id: Id, as_json: Json = False) -> None:
    """Take back the last merge that a record was part of.

    Example: lessonbase review undo 01J8Z3K5
    """
    call: Call = ctx.obj
    with call.open() as base:
        _told(base.unmerge(record_id), as_json=as_json)


def _told(record: "Record", *, as_json: bool) -> None:
    if as_json:
        print_json(record)
    else:
        typer.echo(f"{record.id} is {record.status}, version {record.version}: {record.title}")


def _shown(item: "ReviewItem") -> str:
    """A thing to decide, in a few lines, both texts of a pair side by side."""
    from lessonbase.render import main_text, one_line

    lines = [f"{item.reason}: {item.record.id}  {one_line(item.record.title)}"]
    lines.append(f"  {one_line(main_text(item.record))}")
    if item.other is not None:
        lines.append(f"  against {item.other.id}  {one_line(item.other.title)}")
        lines.append(f"  {one_line(main_text(item.other))}")
    if item.evidence:
        lines.append(f"  because: {one_line(item.evidence)}")
    return "\n".join(lines)


GROUPS = {"review": app}

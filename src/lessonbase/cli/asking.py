"""Asking: recall before acting, search for what was."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from lessonbase.cli.call import Call, print_json

KINDS = "lesson, failure_mode, soul_entry, coordination_pattern, heuristic, observation"
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show why each hit is there.")]
KindOption = Annotated[
    list[str], typer.Option("--kind", help=f"Only this kind; may be repeated. One of {KINDS}.")
]
TagOption = Annotated[list[str], typer.Option("--tag", help="Only with this tag; repeatable.")]
ServiceOption = Annotated[
    list[str], typer.Option("--service", help="Only about this service; repeatable.")
]
StatusOption = Annotated[
    list[str],
    typer.Option(
        "--status",
        help="active (default), proposed, quarantined, superseded, retired, or all; repeatable.",
    ),
]
AuthorOption = Annotated[
    str | None, typer.Option("--author", help="Only by this person, agent or organisation.")
]
SinceOption = Annotated[
    datetime | None, typer.Option("--since", help="Happened or recorded at or after (UTC).")
]
UntilOption = Annotated[
    datetime | None, typer.Option("--until", help="Happened or recorded before (UTC).")
]


def recall(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(help="What you are about to do; - reads stdin.")],
    k: Annotated[int, typer.Option("-k", help="Most hits, 1 to 100.")] = 5,
    budget: Annotated[
        int | None, typer.Option(help="Most tokens of the prompt block that shows the hits.")
    ] = None,
    kind: KindOption = [],
    explain: Explain = False,
    as_json: Json = False,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Print a block for a model's prompt.")
    ] = False,
) -> None:
    """What is known that bears on a task, before acting.

    Example: lessonbase recall "deploy a schema migration on Friday" -k 3
    """
    from lessonbase.prompt import prompt_block
    from lessonbase.render import briefing_text

    call: Call = ctx.obj
    filters = make_filters(kind=kind)
    with call.open() as base:
        briefing = base.recall(read_text(task), k, budget=budget, kinds=filters.kinds)
    if as_json:
        print_json(briefing)
    elif prompt:
        if block := prompt_block(briefing.hits):
            typer.echo(block)
    else:
        typer.echo(briefing_text(briefing, explain=explain))


def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="Words, a question, a stack trace; - reads stdin.")],
    n: Annotated[int, typer.Option("-n", help="Most results, 1 to 100.")] = 10,
    kind: KindOption = [],
    tag: TagOption = [],
    service: ServiceOption = [],
    status: StatusOption = [],
    author: AuthorOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    explain: Explain = False,
    as_json: Json = False,
) -> None:
    """Past incidents and lessons that match, best first.

    Example: lessonbase search "ECONNRESET from the payment gateway" --service stripe -n 3
    """
    from lessonbase.render import results_text

    call: Call = ctx.obj
    filters = make_filters(kind, tag, service, status, author, since, until)
    with call.open() as base:
        found = base.search(read_text(query), n, filters=filters)
    if as_json:
        print_json(found)
    else:
        typer.echo(results_text(found, explain=explain))


def make_filters(
    kind: list[str] = [],
    tag: list[str] = [],
    service: list[str] = [],
    status: list[str] = [],
    author: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Any:
    """The options as Filters; a value that is not one is an error that lists the right ones."""
    from pydantic import ValidationError

    from lessonbase.errors import InvalidInput
    from lessonbase.records import Filters, Status

    statuses = list(Status) if "all" in status else status or [Status.ACTIVE]
    try:
        return Filters(
            kinds=tuple(kind),  # validated here
            tags=tuple(tag),
            services=tuple(service),
            statuses=tuple(statuses),
            author=author,
            since=make_moment(since),
            until=make_moment(until),
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            f"{first['input']!r} is not one of {first.get('ctx', {}).get('expected', '')}",
            hint="`lessonbase search --help` lists the values",
        ) from error


def read_text(text: str) -> str:
    """The argument itself, or standard input for `-`."""
    if text != "-":
        return text
    return typer.get_text_stream("stdin", errors="replace").read()


def make_moment(moment: datetime | None) -> datetime | None:
    """A time that was given as an option: in UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


COMMANDS = (recall, search)

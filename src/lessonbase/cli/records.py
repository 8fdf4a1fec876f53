"""Single records: add, edit, show, history, list, retire, supersede, erase, outcome."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lessonbase.cli.asking import (
    KINDS,
    AuthorOption,
    Json,
    KindOption,
    ServiceOption,
    SinceOption,
    StatusOption,
    TagOption,
    UntilOption,
    make_filters,
    read_text,
)
from lessonbase.cli.call import Call, print_json, print_list, say

if TYPE_CHECKING:
    from lessonbase.records import Record

# What `edit` offers not to change, since the base refuses it.
FIXED = ("id", "kind", "space", "version", "created_at", "updated_at")

Id = Annotated[str, typer.Argument(help="Id of the record.")]
Fields = Annotated[
    list[str] | None,
    typer.Argument(
        help="FIELD=VALUE pairs; lists with commas or as JSON, nested fields with dots.",
        metavar="[FIELD=VALUE]...",
    ),
]


def add(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help=f"One of {KINDS}; or - for a JSON object on stdin.")],
    fields: Fields = None,
    as_json: Json = False,
) -> None:
    """Keep a record.

    Example: lessonbase add lesson title="Migrations take locks" situation="ALTER TABLE on a
    busy table" advice="Set lock_timeout first." tags=migrations,postgres
    """
    from lessonbase.errors import InvalidInput
    from lessonbase.records import KINDS as MODELS

    call: Call = ctx.obj
    if kind == "-":
        try:
            draft = json.loads(read_text("-"))
        except ValueError as error:
            raise InvalidInput(f"stdin is not JSON: {error}", hint="give one object") from error
        if not isinstance(draft, dict):
            raise InvalidInput("stdin is not a JSON object", hint='give {"kind": "lesson", …}')
    elif kind in MODELS:
        draft = {"kind": kind, **assigned(fields or ())}
    else:
        raise InvalidInput(f"{kind!r} is not a kind", hint=f"use one of {KINDS}")
    with call.open(create=True) as base:
        record = base.add(draft)
    if as_json:
        print_json(record)
    else:
        typer.echo(record.id)


def edit(ctx: typer.Context, record_id: Id, fields: Fields = None, as_json: Json = False) -> None:
    """Change fields of a record, as given or, with none given, in $EDITOR.

    Example: lessonbase edit seed-lesson-retry-budget confidence=HIGH tags=retries,cost
    """
    call: Call = ctx.obj
    with call.open() as base:
        old = base.get(record_id)
        changes = assigned(fields or ()) if fields else _edited(old)
        record = base.edit(record_id, changes, version=old.version)
    if as_json:
        print_json(record)
    else:
        typer.echo(f"{record.id} version {record.version}")


def show(ctx: typer.Context, record_id: Id, as_json: Json = False) -> None:
    """Show all of a record.

    Example: lessonbase show seed-lesson-retry-budget
    """
    from lessonbase.render import record_text

    call: Call = ctx.obj
    with call.open() as base:
        record = base.get(record_id)
    if as_json:
        print_json(record)
    else:
        typer.echo(record_text(record))


def history(ctx: typer.Context, record_id: Id, as_json: Json = False) -> None:
    """Show what happened to a record, oldest first.

    Example: lessonbase history seed-lesson-retry-budget
    """
    from lessonbase.render import history_text

    call: Call = ctx.obj
    with call.open() as base:
        events = base.history(record_id)
    if as_json:
        print_list(events)
    else:
        typer.echo(history_text(events))


def list_(
    ctx: typer.Context,
    n: Annotated[int, typer.Option("-n", help="Most records, 1 to 1000.")] = 50,
    before: Annotated[
        int | None, typer.Option(help="Go on after a page: its number `next`.")
    ] = None,
    kind: KindOption = [],
    tag: TagOption = [],
    service: ServiceOption = [],
    status: StatusOption = [],
    author: AuthorOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: Json = False,
) -> None:
    """List records, last changed first.

    Example: lessonbase list --kind failure_mode --tag deployment
    """
    from lessonbase.render import records_text

    call: Call = ctx.obj
    filters = make_filters(kind, tag, service, status, author, since, until)
    with call.open() as base:
        page = base.list(filters=filters, limit=n, before=before)
    if as_json:
        print_list(page.records, next=page.after)
        return
    typer.echo(records_text(page.records))
    if page.after is not None:
        say(f"more: --before {page.after}")


def retire(
    ctx: typer.Context,
    record_id: Id,
    note: Annotated[str, typer.Option(help="Why; kept in the history.")] = "",
) -> None:
    """Take a record out of recall; it stays in search by status, and in history.

    Example: lessonbase retire seed-lesson-retry-budget --note "we have no retries any more"
    """
    call: Call = ctx.obj
    with call.open() as base:
        record = base.retire(record_id, note=note)
    typer.echo(f"{record.id} {record.status}")


def supersede(
    ctx: typer.Context,
    record_id: Id,
    by: Annotated[str, typer.Option("--by", help="Id of the record that takes its place.")],
) -> None:
    """Let another record take the place of this one.

    Example: lessonbase supersede old-id --by new-id
    """
    call: Call = ctx.obj
    with call.open() as base:
        newer = base.supersede(record_id, by)
    typer.echo(f"{record_id} superseded by {newer.id}")


def erase(
    ctx: typer.Context,
    record_id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a record for good, from history and files too.

    Example: lessonbase erase 01JD2Q7VJ8R5W3N8M4X9K2B6TZ --yes
    """
    call: Call = ctx.obj
    with call.open() as base:
        record = base.get(record_id)
        if not yes:
            typer.confirm(f"Erase {record.title!r} for good?", abort=True, err=True)
        base.erase(record_id)
    typer.echo(f"{record_id} erased")


def outcome(
    ctx: typer.Context,
    record_id: Id,
    what: Annotated[str, typer.Argument(help="helped, harmed, ignored, stale or wrong.")],
    recall: Annotated[str | None, typer.Option(help="Id of the recall that returned it.")] = None,
    saved_tokens: Annotated[
        int | None, typer.Option(help="Tokens it saved, if you know.", min=0)
    ] = None,
    note: Annotated[str, typer.Option(help="What happened.")] = "",
) -> None:
    """Tell what became of a record that was recalled.

    Example: lessonbase outcome seed-lesson-retry-budget helped --note "no retry storm this time"
    """
    from pydantic import ValidationError

    from lessonbase.errors import InvalidInput
    from lessonbase.records import Outcome, OutcomeKind

    call: Call = ctx.obj
    try:
        report = Outcome(
            record_id=record_id,
            outcome=OutcomeKind(what),
            recall_id=recall,
            saved_tokens=saved_tokens,
            note=note,
        )
    except (ValueError, ValidationError) as error:
        raise InvalidInput(
            f"{what!r} is not an outcome", hint="use helped, harmed, ignored, stale or wrong"
        ) from error
    with call.open() as base:
        base.outcome(report)
    typer.echo(f"{record_id} {report.outcome}")


def assigned(pairs: Sequence[str]) -> dict[str, Any]:
    """FIELD=VALUE pairs as a dict; `a.b=c` nests, a value that is JSON is read as such.

    >>> assigned(["title=Retry less", "tags=retries,cost", "provenance.line=3"])
    {'title': 'Retry less', 'tags': ['retries', 'cost'], 'provenance': {'line': 3}}
    """
    from lessonbase.errors import InvalidInput

    fields: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InvalidInput(f"{pair!r} is not FIELD=VALUE", hint='write title="…"')
        *path, last = name.split(".")
        inner = fields
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = _value(last, value)
    return fields


# Fields that take a list: commas separate its values, unless it is given as JSON.
_LISTS = frozenset(
    (
        *("tags", "services", "roles", "checks", "supersedes", "codes", "exceptions"),
        *("statuses", "signals", "cves", "versions", "identifiers"),
    )
)
_NUMBERS = frozenset({"line", "trust"})


def _value(name: str, text: str) -> Any:
    if text[:1] in "[{" or name in _NUMBERS or text == "null":
        try:
            return json.loads(text)
        except ValueError:
            return text
    if name in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _edited(record: "Record") -> dict[str, Any]:
    """What the person changed of the record in $EDITOR."""
    import os
    import shlex
    import subprocess
    from tempfile import TemporaryDirectory

    from lessonbase.errors import InvalidInput

    before = record.model_dump(mode="json", exclude=set(FIXED))
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with TemporaryDirectory() as directory:
        draft = Path(directory) / f"{record.kind}.json"
        draft.write_text(json.dumps(before, indent=2, ensure_ascii=False), encoding="utf-8")
        if subprocess.call([*shlex.split(editor), str(draft)]):  # noqa: S603 - the user's own editor
            raise InvalidInput(f"{editor} failed", hint="nothing was changed")
        try:
            after = json.loads(draft.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InvalidInput(f"not JSON: {error}", hint="nothing was changed") from error
    return {name: value for name, value in after.items() if before.get(name) != value}


COMMANDS = (add, edit, show, history, list_, retire, supersede, erase, outcome)

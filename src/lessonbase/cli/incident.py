"""The incident view: how it ended before, what to check, and what is left of it when it is over."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lessonbase.cli.asking import Json, make_moment, read_text
from lessonbase.cli.call import Call, print_json

_ASK = "ask"
# Characters of a log that are sent; of a longer one its telling lines are.
_SENT = 400_000

File = Annotated[
    Path | None, typer.Option("-f", "--file", help="Read it from this file; - reads stdin.")
]


class _AskByDefault(TyperGroup):
    """Takes what is no command, nor a call for help, for the question."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_ASK, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_AskByDefault,
    no_args_is_help=True,
    help='The view for an engineer in an incident: `lessonbase incident "TEXT"`.',
)


@app.command()
def ask(
    ctx: typer.Context,
    text: Annotated[
        str | None, typer.Argument(help="A trace, an alert, a line of log; - reads stdin.")
    ] = None,
    file: File = None,
    done: Annotated[list[str], typer.Option(help="A check that you have made; repeatable.")] = [],
    n: Annotated[int, typer.Option("-n", min=1, max=100, help="Most earlier failures.")] = 3,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown, for the channel.")
    ] = False,
    as_json: Json = False,
) -> None:
    """How it ended before: recovery first, then who, when, how often, and what to check.

    The word `ask` may be left out: lessonbase incident "FATAL: no connection slots"

    Example: lessonbase incident ask -f app.log --done "free disk space"
    """
    from lessonbase.render import incident_markdown, incident_text

    call: Call = ctx.obj
    seen = _seen(text, file)
    with call.open() as base:
        view = base.incident(seen, n, done=done)
    if as_json:
        print_json(view)
    else:
        typer.echo(incident_markdown(view) if markdown else incident_text(view))


@app.command()
def close(
    ctx: typer.Context,
    incident: Annotated[
        str | None, typer.Argument(help="Id that `incident` printed; none: your latest.")
    ] = None,
    file: File = None,
    title: Annotated[str, typer.Option(help="What it is about, in a line.")] = "",
    cause: Annotated[str, typer.Option(help="Why it happened.")] = "",
    recovery: Annotated[str, typer.Option(help="What ended it.")] = "",
    prevention: Annotated[str, typer.Option(help="What keeps it from happening again.")] = "",
    impact: Annotated[str, typer.Option(help="What it cost.")] = "",
    detection: Annotated[str, typer.Option(help="How it was noticed.")] = "",
    check: Annotated[list[str], typer.Option(help="Something that was checked; repeatable.")] = [],
    by: Annotated[str, typer.Option(help="Who ended it; you, if it is left out.")] = "",
    severity: Annotated[str, typer.Option(help="critical, high, medium or low.")] = "",
    at: Annotated[
        datetime | None, typer.Option(help="When it happened (UTC); else what the text says.")
    ] = None,
    same_as: Annotated[
        str | None, typer.Option(help="It was this failure mode once more; makes no draft.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, keep nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Draft a failure mode from an incident that is over; what is known is filled in.

    Example: lessonbase incident close --recovery "Failed over to the replica." --cause "Full disk."
    """
    from pydantic import ValidationError

    from lessonbase.errors import InvalidInput
    from lessonbase.records import Closing, Severity
    from lessonbase.render import closed_text

    if severity and severity not in set(Severity):
        raise InvalidInput(f"severity {severity!r} is none", hint=f"one of {', '.join(Severity)}")
    call: Call = ctx.obj
    learned: dict[str, Any] = {
        "incident_id": incident,
        "text": _seen(None, file) if file else "",
        "title": title,
        "cause": cause,
        "recovery": recovery,
        "prevention": prevention,
        "impact": impact,
        "detection": detection,
        "checks": tuple(check),
        "resolved_by": by or call.agent or _user(),
        "severity": severity or None,
        "occurred_at": make_moment(at),
        "same_as": same_as,
        "dry_run": dry_run,
    }
    try:
        closing = Closing(**learned)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            f"{first['loc'][0]}: {first['msg']}",
            hint="`lessonbase incident close --help` shows all",
        ) from error
    with call.open() as base:
        closed = base.close_incident(closing)
    if as_json or dry_run:
        print_json(closed)
    else:
        typer.echo(closed_text(closed))


def _seen(text: str | None, file: Path | None) -> str:
    """The text, or the file's; of a very long one its telling lines."""
    from lessonbase.errors import InvalidInput
    from lessonbase.signature import telling_lines

    if (text is None) == (file is None):
        raise InvalidInput("give the text of the incident, or its file: -f LOG", hint="one of them")
    if file is None or str(file) == "-":
        seen = read_text(text or "-")
    else:
        try:
            seen = file.read_text(errors="replace")
        except OSError as error:
            raise InvalidInput(f"{file}: {error.strerror}", hint="give a text file") from error
    return seen if len(seen) <= _SENT else telling_lines(seen, limit=_SENT)


def _user() -> str:
    """The name of whoever is at this terminal; empty if the machine does not know."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


GROUPS = {"incident": app}

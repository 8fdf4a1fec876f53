"""Health: stats, doctor, reindex."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import Call, bar, print_json, say

if TYPE_CHECKING:
    from lessonbase.ports import Base


def stats(ctx: typer.Context, as_json: Json = False) -> None:
    """Say how much the base holds.

    Example: lessonbase stats --json
    """
    call: Call = ctx.obj
    with call.open() as base:
        found = base.stats()
    if as_json:
        print_json(found)
        return
    rows = [("records", found.records), *found.kinds.items(), *found.statuses.items()]
    rows += [("recalls", found.recalls), ("outcomes", found.outcomes), ("spaces", found.spaces)]
    for name, count in rows:
        typer.echo(f"{name:<22}{count:>8}")
    typer.echo(f"encoder  {found.encoder}")


def doctor(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    settings: Annotated[
        bool, typer.Option("--settings", help="Print every setting as it is read, and stop.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Hold the ledger and its indexes against each other; exit 1 if something is wrong.

    Example: lessonbase doctor --repair
    """
    if settings:
        from lessonbase.settings import read_settings

        print_json(read_settings())
        return
    call: Call = ctx.obj
    with call.open() as base, bar("Refilling") as progress:
        found = base.doctor(repair=repair, progress=progress)
    if as_json:
        print_json(found)
    else:
        for problem in found.problems:
            typer.echo(f"problem: {problem}")
        for problem in found.repaired:
            typer.echo(f"mended: {problem}")
        typer.echo("healthy" if found.healthy else "not healthy")
    if not found.healthy:
        sys.exit(1)


def reindex(
    ctx: typer.Context,
    encoder: Annotated[
        str | None,
        typer.Option(help="Encoder to change to, as <backend>:<model>; none: the present one."),
    ] = None,
) -> None:
    """Encode every record anew and refill the indexes.

    Example: lessonbase reindex --encoder onnx:all-MiniLM-L6-v2
    """
    call: Call = ctx.obj
    opened = _with_encoder(call, encoder) if encoder else call.open()
    with opened as base, bar("Encoding") as progress:
        base.reindex(progress=progress)
        found = base.stats()
    say(f"{found.records} records indexed with {encoder or found.encoder}")
    if encoder:
        say(f"from now on set LESSONBASE_ENCODER={encoder}")


def _with_encoder(call: Call, encoder: str) -> "Base":
    """The base, held by this process and read by *encoder*; its owner is asked to leave."""
    from lessonbase.settings import read_settings
    from lessonbase.wiring import end_owner, open_base

    settings = read_settings(encoder=encoder)
    end_owner(call.base or settings.home)
    return open_base(
        call.base,
        call.space,
        call.agent,
        teams=(call.team,) if call.team else (),
        embedded=True,
        settings=settings,
        new_encoder=True,
    )


COMMANDS = (stats, doctor, reindex)

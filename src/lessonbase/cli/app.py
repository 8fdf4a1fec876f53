"""The `lessonbase` command: its global options, and the commands of every room."""

from pathlib import Path
from typing import Annotated

import typer

from lessonbase.cli import (
    asking,
    evaluate,
    exchange,
    hooks,
    incident,
    mapping,
    oos,
    records,
    review,
    serving,
    souls,
    upkeep,
)
from lessonbase.cli.call import Call

app = typer.Typer(
    name="lessonbase",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("lessonbase"))
        raise typer.Exit


@app.callback()
def _global(
    ctx: typer.Context,
    base: Annotated[
        Path | None,
        typer.Option(help="Directory of the base.", envvar="LESSONBASE_HOME", show_envvar=True),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(help="Tenant to work in.", envvar="LESSONBASE_SPACE", show_envvar=True),
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option(help="Agent to act as.", envvar="LESSONBASE_AGENT", show_envvar=True),
    ] = None,
    team: Annotated[
        str | None,
        typer.Option(help="Team to act for.", envvar="LESSONBASE_TEAM", show_envvar=True),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What a team of agents learned yesterday, in front of the agent that acts today.

    Example: lessonbase init && lessonbase recall "deploy a schema migration on Friday"
    """
    del version
    ctx.obj = Call(base, space, agent, team)


for room in (asking, records, exchange, upkeep, evaluate, mapping, serving):
    for command in room.COMMANDS:
        app.command(command.__name__.rstrip("_").replace("_", "-"))(command)
for room in (incident, serving, hooks, oos, review, souls):
    for name, group in room.GROUPS.items():
        app.add_typer(group, name=name)

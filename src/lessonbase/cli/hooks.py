"""Hooks of coding agents: running one, and putting them into an agent's settings."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lessonbase.cli.call import Call, say
from lessonbase.hook import EVENTS
from lessonbase.hook import main as run_hook

if TYPE_CHECKING:
    from lessonbase.cli.hook_install import Agent
    from lessonbase.ports import Base

# A key as it stands in an agent's settings.
_TOKEN = re.compile(r"\blb_([0-9a-f]{10})_[A-Za-z0-9_-]{43}\b")

# Stands for a key until there is one.
_NOT_YET = "lb_MADE_WHEN_INSTALLED"

hook = typer.Typer(no_args_is_help=True, help="Hooks: what is known, in front of every prompt.")


def _event(ctx: typer.Context) -> None:
    call: Call = ctx.obj
    given = {"base": call.base, "space": call.space, "agent": call.agent, "team": call.team}
    options = [f"--{name}={value}" for name, value in given.items() if value]
    run_hook([str(ctx.info_name), *options, *ctx.args])


for name in EVENTS:
    hook.command(
        name,
        help=f"Answer an agent's {name} event, read as JSON from stdin; prints nothing if nothing "
        "fits, if there is no owner, or after any error. Run by agents, not by people.\n\n"
        f"Example: lessonbase hook {name} --for claude-code",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(_event)


@hook.command("install")
def hook_install(
    ctx: typer.Context,
    agent: Annotated[str, typer.Option(help="claude-code, codex or cursor.")],
    project: Annotated[
        Path | None, typer.Option(help="Set up this project only; none: all that you do.")
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Show what would change.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take out what was put in.")] = False,
) -> None:
    """Put our hooks and our MCP server into a coding agent's settings; twice is as good as once.

    The agent gets a key of its own, of role writer; --undo ends it.

    Example: lessonbase --agent scout hook install --agent claude-code --print
    """
    from lessonbase.cli.hook_install import PLACES, as_diff, install
    from lessonbase.errors import InvalidInput
    from lessonbase.records import Role
    from lessonbase.settings import read_settings
    from lessonbase.wiring import usual_url

    call: Call = ctx.obj
    chosen: Agent | None = next((one for one in PLACES if one == agent), None)
    if chosen is None:
        raise InvalidInput(f"{agent!r} is not an agent", hint=f"use one of {', '.join(PLACES)}")
    directory = (call.base or read_settings().home).expanduser().absolute()
    servers = (project or Path.home()) / PLACES[chosen].servers[int(project is not None)]
    # As the user, not as the agent: making keys is not for agents.
    with replace(call, agent=None, team=None).open(create=True) as base:
        known = _known_key(base, servers)
        # A project's settings name a variable, as they are read by others.
        token = known or _NOT_YET
        if not (known or show or undo or project):
            teams = (call.team,) if call.team else ()
            note = f"{agent} on this machine"
            token = base.create_key(Role.WRITER, agent=call.agent, teams=teams, note=note).token
        done = install(
            chosen,
            command=Path(sys.argv[0]).absolute(),
            base=directory,
            url=usual_url(directory),
            token=token,
            home=Path.home(),
            project=project,
            scope={"space": call.space, "agent": call.agent, "team": call.team},
            show=show,
            undo=undo,
        )
        if undo and known and not show:
            base.revoke_key(_id_of(known))
    if show:
        typer.echo(as_diff(done.changes))
    for line in done.notes:
        say(line)


def _known_key(base: "Base", settings: Path) -> str | None:
    """The token in an agent's settings, if it still lets somebody in."""
    from lessonbase.cli.hook_files import read

    found = _TOKEN.search(read(settings) or "")
    keys = base.keys()
    active = {key.id for key in keys if key.revoked_at is None}
    return found[0] if found and found[1] in active else None


def _id_of(token: str) -> str:
    return token.split("_")[1]


GROUPS = {"hook": hook}

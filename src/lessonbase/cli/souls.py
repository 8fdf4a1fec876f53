"""Who an agent is, and what it has lived."""

from typing import Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import Call, print_json, print_list, say

app = typer.Typer(no_args_is_help=True, help="Souls of agents: who they are, what they have lived.")

Whose = Annotated[
    str | None, typer.Option("--agent", help="Whose soul; none: the agent that acts.")
]


@app.command()
def brief(
    ctx: typer.Context,
    agent: Whose = None,
    task: Annotated[str, typer.Option("--task", "-t", help="What the session is for.")] = "",
    budget: Annotated[int, typer.Option(min=100, help="Most tokens.")] = 800,
    peek: Annotated[bool, typer.Option("--peek", help="Do not remember that it was read.")] = False,
    as_json: Json = False,
) -> None:
    """What an agent should know before its session; the base remembers that it was read.

    Who it is, what it has lived that bears on the task, rules that bind it, what is new in the
    team, what is stale, and what changed in its soul since it last read it.

    Example: lessonbase soul brief --agent scout --task "answer the client's complaint"
    """
    call: Call = ctx.obj
    with call.open() as base:
        told = base.soul_brief(agent, task=task, budget=budget, peek=peek)
    if as_json:
        print_json(told)
    else:
        typer.echo(told.prompt)


@app.command()
def history(ctx: typer.Context, agent: Whose = None, as_json: Json = False) -> None:
    """What happened to a soul, oldest first: its entries' changes, and when it was read.

    Example: lessonbase soul history --agent scout
    """
    from lessonbase.errors import InvalidInput
    from lessonbase.render import one_line

    call: Call = ctx.obj
    with call.open() as base:
        whose = agent or base.scope.agent
        if not whose:
            raise InvalidInput("no agent is named", hint="say whose soul: --agent NAME")
        events = base.soul_history(whose)
    if as_json:
        print_list(events)
        return
    for event in events:
        words = [f"{event.at:%Y-%m-%d %H:%M}", event.actor, event.what]
        words += [f"{event.aspect}:"] if event.aspect else []
        words += [one_line(event.after or event.before)]
        words += [f"(was: {one_line(event.before)})"] if event.what == "changed" else []
        typer.echo("  ".join(filter(None, words)))


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """Every agent that has a soul here, and when it was last read.

    Example: lessonbase soul list
    """
    call: Call = ctx.obj
    with call.open() as base:
        found = base.souls()
    if as_json:
        print_list(found)
        return
    for soul in found:
        read = f"read {soul.last_read:%Y-%m-%d}" if soul.last_read else "never read"
        retired = f", retired {soul.retired_at:%Y-%m-%d}" if soul.retired_at else ""
        changed = f"changed {soul.changed_at:%Y-%m-%d}"
        typer.echo(f"{soul.agent}: {soul.entries} entries, {changed}, {read}{retired}")
    if not found:
        say("no souls here: `lessonbase import SOUL.md` brings one in")


@app.command()
def retire(
    ctx: typer.Context,
    agent: Annotated[str, typer.Argument(help="The agent.")],
    as_json: Json = False,
) -> None:
    """Retire an agent: its soul is not recalled any more, and stays readable.

    Example: lessonbase soul retire scout
    """
    call: Call = ctx.obj
    with call.open() as base:
        soul = base.retire_soul(agent)
    if as_json:
        print_json(soul)
    else:
        typer.echo(
            f"{agent} is retired; its soul stays readable: lessonbase soul brief --agent {agent}"
        )


GROUPS = {"soul": app}

"""Ways in for agents: serve, mcp, key, audit."""

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lessonbase.cli.asking import Json
from lessonbase.cli.call import Call, print_json, print_list, say

if TYPE_CHECKING:
    from lessonbase.ports import Base

# Bytes of randomness in the owner's secret.
_SECRET_BYTES = 32

key = typer.Typer(no_args_is_help=True, help="Keys: who may come in from outside, as whom.")


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(help="Port; none: the same one for a base each time.", min=0, max=65_535),
    ] = None,
    name: Annotated[
        list[str], typer.Option(help="Name by which it may be called as well; repeatable.")
    ] = [],
    idle_exit: Annotated[
        float | None, typer.Option(help="End after so many seconds without a request.", min=0)
    ] = None,
    create: Annotated[
        bool, typer.Option("--create", help="Make the base if none is there.")
    ] = False,
    log_file: Annotated[Path | None, typer.Option(help="File for the log; none: stderr.")] = None,
) -> None:
    """Own the base, and serve it to agents, hooks, the command line and the page.

    Prints a link to the page, which signs its first visitor in. If another process owns the base
    already, it is asked for that link.

    Example: lessonbase serve
    """
    from lessonbase.errors import BaseBusy, BaseNotFound
    from lessonbase.records import Role, Scope
    from lessonbase.settings import read_settings
    from lessonbase.wiring import LEDGER_FILE, hold_base, local_scope, make_directory, owner_of

    call: Call = ctx.obj
    settings = read_settings()
    directory = (call.base or settings.home).expanduser().absolute()
    if not create and not (directory / LEDGER_FILE).exists():
        raise BaseNotFound(str(directory))
    make_directory(directory)
    scope = local_scope(call.space or settings.space)
    waited_until = time.monotonic() + settings.lock_timeout_s
    # Whoever names no space means the usual one, whatever the environment of this process says.
    everything = Scope(role=Role.ADMIN)
    while True:
        try:
            base, hold = hold_base(directory, everything, settings, timeout_s=0)
            break
        except BaseBusy:
            if owner := owner_of(directory, scope, settings):
                say(f"served already; the page: {owner.ticket()}")
                return
            if time.monotonic() >= waited_until:
                raise
            time.sleep(0.05)
    with base:
        from lessonbase.api import server
        from lessonbase.api.app import LOOPBACK, create_app
        from lessonbase.api.auth import Caller
        from lessonbase.api.logs import configure
        from lessonbase.api.watch import Watch
        from lessonbase.errors import InvalidInput
        from lessonbase.mcp.http import HttpTransport
        from lessonbase.stores.lock import release

        configure(log_file)
        server.allow_many_connections()
        listener = server.listening(directory, host, port)
        url = server.url_of(listener)
        if not server.is_loopback(listener) and not base.has_keys():
            raise InvalidInput(
                f"{host} can be reached from elsewhere, and the base has no keys",
                hint="make one first: `lessonbase key create --role reader`",
            )
        watch, secret = Watch(release()), secrets.token_urlsafe(_SECRET_BYTES)
        app = create_app(
            base,
            secret=secret,
            version=release(),
            hosts=LOOPBACK | {server.name_of(listener), *(one.lower() for one in name)},
            watch=watch,
            stop=lambda: serving.stop(),
            mcp=HttpTransport(version=release()),
            cookie=f"lessonbase_{listener.getsockname()[1]}",
        )

        def ready() -> None:
            hold.announce(url, secret)
            say(f"serving at {url}")
            if log_file is None:  # else nobody reads it, and a link is not for a file
                say(f"the page: {url}/login?ticket={app.door.ticket(Caller(scope))}")

        ledger = directory / LEDGER_FILE
        serving = server.Server(
            app,
            base,
            watch,
            idle_exit_s=idle_exit,
            lost=lambda: not ledger.exists(),
            ready=ready,
            leaving=hold.announce,
        )
        serving.run(sockets=[listener])


def mcp(ctx: typer.Context) -> None:
    """Speak MCP on stdin and stdout, as a client of the base's owner.

    Example: lessonbase --agent scout mcp
    """
    from lessonbase.mcp.stdio import run
    from lessonbase.stores.lock import release

    call: Call = ctx.obj

    def opened() -> "Base":
        return call.open(start=True, create=True)

    run(opened, version=release())


@key.command("create")
def key_create(
    ctx: typer.Context,
    role: Annotated[str, typer.Option(help="reader, writer, curator or admin.")] = "writer",
    agent: Annotated[str | None, typer.Option(help="Agent that bears it.")] = None,
    team: Annotated[list[str], typer.Option(help="Team of the bearer; repeatable.")] = [],
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: Json = False,
) -> None:
    """Make a key for a space; it is shown this once, alone on stdout.

    Example: lessonbase --space default key create --role writer --agent scout
    """
    from lessonbase.errors import InvalidInput
    from lessonbase.records import Role

    if role not in list(Role):
        raise InvalidInput(f"{role!r} is not a role", hint=f"use one of {', '.join(Role)}")
    call: Call = ctx.obj
    with call.open() as base:
        made = base.create_key(Role(role), agent=agent, teams=tuple(team), note=note)
    if as_json:
        print_json(made)
        return
    say(f"key {made.key.id}: {role} of space {made.key.space}; keep it, it is not shown again")
    if made.key.role is Role.WRITER and agent is None:
        say("it names no agent: what it writes waits in `lessonbase review list`")
    typer.echo(made.token)


@key.command("list")
def key_list(ctx: typer.Context, as_json: Json = False) -> None:
    """List the keys of a space, revoked ones too.

    Example: lessonbase key list
    """
    call: Call = ctx.obj
    with call.open() as base:
        found = base.keys()
    if as_json:
        print_list(found)
        return
    for one in found:
        used = f"{one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at else "never"
        state = "revoked" if one.revoked_at else "active"
        whom = ", ".join(filter(None, (one.agent, *one.teams))) or "-"
        typer.echo(f"{one.id}  {one.role:<8}{state:<9}{whom:<20}used {used:<18}{one.note}")


@key.command("revoke")
def key_revoke(
    ctx: typer.Context, key_id: Annotated[str, typer.Argument(help="Id of the key.")]
) -> None:
    """End a key, at once and for good.

    Example: lessonbase key revoke 0f3a9c1d2e
    """
    call: Call = ctx.obj
    with call.open() as base:
        base.revoke_key(key_id)
    typer.echo(f"{key_id} revoked")


def audit(
    ctx: typer.Context,
    n: Annotated[int, typer.Option("-n", help="Most events, 1 to 1000.")] = 50,
    as_json: Json = False,
) -> None:
    """Show the latest writes, denials and key changes of a space, newest first.

    Example: lessonbase audit -n 20
    """
    from lessonbase.render import history_text

    call: Call = ctx.obj
    with call.open() as base:
        events = base.audit(limit=n)
    if as_json:
        print_list(events)
    else:
        typer.echo(history_text(events))


COMMANDS = (serve, mcp, audit)
GROUPS = {"key": key}

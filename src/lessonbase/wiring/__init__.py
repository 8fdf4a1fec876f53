"""open_base(): join the process that owns a base, start one, or be it."""

import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, overload

from lessonbase.errors import BaseBusy, BaseNotFound, InvalidInput
from lessonbase.records import Role, Scope
from lessonbase.settings import Settings, read_settings
from lessonbase.stores.lock import Hold, held, holder, release, usual_ports

if TYPE_CHECKING:
    from lessonbase.base import LessonBase
    from lessonbase.client import RemoteBase
    from lessonbase.ports import Base, Clock, Encoder

__all__ = [
    "LEDGER_FILE",
    "end_owner",
    "hold_base",
    "local_scope",
    "make_directory",
    "open_base",
    "owner_of",
    "usual_url",
]

LEDGER_FILE: Final = "ledger.sqlite3"
# Seconds of one try for the lock, between two looks whether an owner serves by now.
_TRY_S: Final = 0.1


@overload
def open_base(
    path: Path | str | None = None,
    space: str | None = None,
    agent: str | None = None,
    *,
    teams: tuple[str, ...] = (),
    embedded: Literal[True],
    create: bool = False,
    settings: Settings | None = None,
    encoder: "Encoder | None" = None,
    clock: "Clock | None" = None,
    new_encoder: bool = False,
) -> "LessonBase": ...


@overload
def open_base(
    path: Path | str | None = None,
    space: str | None = None,
    agent: str | None = None,
    *,
    teams: tuple[str, ...] = (),
    embedded: bool = False,
    start: bool = True,
    create: bool = False,
    settings: Settings | None = None,
) -> "Base": ...


def open_base(
    path: Path | str | None = None,
    space: str | None = None,
    agent: str | None = None,
    *,
    teams: tuple[str, ...] = (),
    embedded: bool = False,
    start: bool = True,
    create: bool = False,
    settings: Settings | None = None,
    encoder: "Encoder | None" = None,
    clock: "Clock | None" = None,
    new_encoder: bool = False,
) -> "Base":
    """Open a base for one caller: as a client of its owner, which is started if there is none.

    Args:
        path: The base's directory; none: ``LESSONBASE_HOME``, else the platform's data directory.
        space: The tenant; none: ``LESSONBASE_SPACE``, else `default`.
        agent: The agent that acts; none: the user who owns the directory, who may do and see all.
        teams: The teams the agent belongs to.
        embedded: Hold the base in this process until it is closed; others wait meanwhile.
        start: Whether to start an owner if nobody holds the base; if not, this process holds it, as
            if *embedded*, which suits a program that asks one thing and ends.
        create: Make the base if there is none.
        settings: Configuration; none: read from the environment.
        encoder: Text encoder of an embedded base; none: the one that the settings name.
        clock: Tells an embedded base the time; none: this machine's does. For simulations.
        new_encoder: Open although the base holds vectors of another encoder, in order to reindex.
    Raises:
        BaseNotFound: If there is no base and *create* is false.
        BaseBusy: If another process holds it, serving nobody, for longer than ``lock_timeout_s``.
        OwnerUnreachable: If an owner did not come up.
        ModelMismatch: If it holds vectors of another encoder.

    >>> from tempfile import mkdtemp
    >>> with open_base(mkdtemp(), create=True, embedded=True) as base:
    ...     _ = base.add({"kind": "heuristic", "title": "Tea", "rule": "Warm the pot first."})
    ...     base.stats().records
    1
    """
    settings = settings or read_settings()
    if settings.url and path is None and not embedded:
        return _elsewhere(settings)
    directory = Path(path) if path is not None else settings.home
    directory = directory.expanduser().absolute()
    own_teams = teams or ((settings.team,) if settings.team else ())
    scope = local_scope(space or settings.space, agent or settings.agent, own_teams)
    if not create and not (directory / LEDGER_FILE).exists():
        raise BaseNotFound(str(directory))
    make_directory(directory)
    if embedded:
        return hold_base(
            directory, scope, settings, encoder=encoder, clock=clock, new_encoder=new_encoder
        )[0]
    if start:
        return _client(directory, scope, settings, create=create)
    return _join_or_hold(directory, scope, settings)


def hold_base(
    directory: Path,
    scope: Scope,
    settings: Settings,
    *,
    encoder: "Encoder | None" = None,
    clock: "Clock | None" = None,
    new_encoder: bool = False,
    timeout_s: float | None = None,
) -> "tuple[LessonBase, Hold]":
    """The base in *directory*, held by this process, and the hold to announce an owner with.

    Raises:
        BaseBusy: If another process holds it for longer than *timeout_s*, or ``lock_timeout_s``.
    """
    wait_s = settings.lock_timeout_s if timeout_s is None else timeout_s
    opened = ExitStack()  # the base's own from here on, closed with it
    try:
        hold = opened.enter_context(held(directory, timeout_s=wait_s))
        # Here, since it brings numpy, SQLAlchemy and the rest, which a client never needs.
        from lessonbase.wiring.assembly import assemble

        base = assemble(
            directory,
            scope,
            opened,
            settings,
            encoder=encoder,
            clock=clock,
            new_encoder=new_encoder,
        )
    except BaseException:
        opened.close()
        raise
    return base, hold


def owner_of(directory: Path, scope: Scope, settings: Settings) -> "RemoteBase | None":
    """A client of the owner that serves *directory* now; none if nobody does."""
    from lessonbase.wiring.joining import serving

    return _client(directory, scope, settings, create=False) if serving(directory) else None


def usual_url(directory: Path) -> str:
    """Where the owner of *directory* serves, or would if it were started now."""
    owner = holder(directory)
    return (owner and owner.url) or f"http://127.0.0.1:{usual_ports(directory)[0]}"


def end_owner(directory: Path) -> None:
    """Ask the owner of *directory* to leave, if there is one; returns when it has been told."""
    from lessonbase.wiring.joining import ask_to_leave, serving

    if owner := serving(directory.expanduser().absolute()):
        ask_to_leave(owner)


def _join_or_hold(directory: Path, scope: Scope, settings: Settings) -> "Base":
    """Use a running owner, else be it: whichever comes first while the base is in other hands."""
    from lessonbase.wiring.joining import ask_to_leave, serving

    if serving(directory) is None:
        # Before the lock is ours, as others wait for it meanwhile.
        import lessonbase.wiring.assembly  # noqa: F401
    started = time.monotonic()
    while True:
        owner = serving(directory)
        if owner and owner.version == release():
            return _client(directory, scope, settings, create=False)
        if owner:
            ask_to_leave(owner)
        left_s = settings.lock_timeout_s - (time.monotonic() - started)
        try:
            return hold_base(directory, scope, settings, timeout_s=max(0, min(_TRY_S, left_s)))[0]
        except BaseBusy as error:
            if left_s <= 0:
                raise BaseBusy(
                    str(directory), pid=error.pid, waited_s=settings.lock_timeout_s
                ) from error


def _client(directory: Path, scope: Scope, settings: Settings, *, create: bool) -> "RemoteBase":
    from lessonbase.client import RemoteBase
    from lessonbase.client.transport import Transport
    from lessonbase.wiring.joining import find_owner

    def find(wait_s: float) -> tuple[str, str]:
        return find_owner(directory, settings, create=create, wait_s=wait_s)

    transport = Transport(str(directory), find, scope, timeout_s=settings.request_timeout_s)
    return RemoteBase(transport, scope)


def _elsewhere(settings: Settings) -> "RemoteBase":
    """A base whose owner is somewhere else; the key says as whom we are let in."""
    from lessonbase.client import RemoteBase
    from lessonbase.client.transport import Transport

    if not settings.url or settings.key is None:
        raise InvalidInput(
            "LESSONBASE_URL is set, and LESSONBASE_KEY is not",
            hint="an admin of that base makes one: `lessonbase key create`",
        )
    address = (settings.url.rstrip("/"), settings.key.get_secret_value())
    find = partial(_fixed, address)
    timeout_s = settings.request_timeout_s
    return RemoteBase(Transport(address[0], find, None, timeout_s=timeout_s, elsewhere=True))


def _fixed(address: tuple[str, str], _: float) -> tuple[str, str]:
    return address


def local_scope(space: str, agent: str | None = None, teams: tuple[str, ...] = ()) -> Scope:
    """The scope of the user who owns the base; an agent that is named may curate, not erase."""
    try:
        whole = Scope(space=space, role=Role.ADMIN)
        narrowed = whole.narrowed(agent=agent, teams=teams)
    except ValueError as error:
        names = ", ".join(repr(name) for name in (space, agent, *teams) if name)
        raise InvalidInput(
            f"one of {names} is not a name",
            hint="use letters, digits, and . _ @ - after the first; at most 100",
        ) from error
    return narrowed or whole


def make_directory(directory: Path) -> None:
    """Make *directory*, for this user alone, unless it is there."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InvalidInput(
            f"{directory} cannot be made: {error.strerror}", hint="choose another --base"
        ) from error

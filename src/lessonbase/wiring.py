"""open_base(): where adapters are chosen and put together; nothing else names them.

A base is open in one process at a time, which holds the lock on its directory. Joining a process
that serves it belongs here too, when there is one to join.
"""

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lessonbase.base import LessonBase, Parts, Thresholds
from lessonbase.encoders.choose import make_encoder
from lessonbase.errors import BaseNotFound, InvalidInput, ModelMismatch
from lessonbase.ports import Encoder
from lessonbase.records import Fingerprint, Role, Scope
from lessonbase.settings import Settings, read_settings
from lessonbase.stores.ledger import FILE_NAME, SqlLedger
from lessonbase.stores.lock import held
from lessonbase.stores.sync import SyncedIndexes

_ENCODER: Final = "encoder"


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


class UlidSource:
    """Ids that sort by time: ULIDs, each greater than the one before, also within a millisecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> str:
        """A fresh id of 26 characters."""
        from ulid import ULID

        with self._lock:
            self._last = max(int(ULID()), self._last + 1)
            return str(ULID.from_int(self._last))


def open_base(
    path: Path | str | None = None,
    space: str | None = None,
    agent: str | None = None,
    *,
    teams: tuple[str, ...] = (),
    create: bool = False,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    new_encoder: bool = False,
) -> LessonBase:
    """Open a base for one caller, who holds it until it is closed.

    Args:
        path: The base's directory; none: ``LESSONBASE_HOME``, else the platform's data directory.
        space: The tenant; none: ``LESSONBASE_SPACE``, else `default`.
        agent: The agent that acts; none: the user who owns the directory, who may do and see all.
        teams: The teams the agent belongs to.
        create: Make the base if there is none.
        settings: Configuration; none: read from the environment.
        encoder: Text encoder; none: the one that the settings name.
        new_encoder: Open although the base holds vectors of another encoder, in order to reindex.
    Raises:
        BaseNotFound: If there is no base and *create* is false.
        BaseBusy: If another process holds it for longer than ``lock_timeout_s``.
        ModelMismatch: If it holds vectors of another encoder.

    >>> from tempfile import mkdtemp
    >>> with open_base(mkdtemp(), create=True) as base:
    ...     _ = base.add({"kind": "heuristic", "title": "Tea", "rule": "Warm the pot first."})
    ...     base.stats().records
    1
    """
    settings = settings or read_settings()
    directory = Path(path) if path is not None else settings.home
    directory = directory.expanduser().absolute()
    scope = _scope(space or settings.space, agent or settings.agent, teams, settings)
    if not create and not (directory / FILE_NAME).exists():
        raise BaseNotFound(str(directory))
    _make_directory(directory)
    with ExitStack() as opened:
        opened.enter_context(held(directory, timeout_s=settings.lock_timeout_s))
        ledger = SqlLedger(directory)
        opened.callback(ledger.close)
        encoder = encoder or make_encoder(settings.encoder)
        _agree(ledger, encoder, settings.encoder, new_encoder=new_encoder)
        indexes = SyncedIndexes(
            ledger, directory, encoder.fingerprint, refill_grace_s=settings.refill_grace_s
        )
        opened.callback(indexes.close)
        thresholds = Thresholds(
            apply=settings.apply_threshold, consider=settings.consider_threshold
        )
        parts = Parts(
            ledger,
            indexes,
            encoder,
            SystemClock(),
            UlidSource(),
            thresholds=thresholds,
            held=opened.pop_all(),
        )
    return LessonBase(parts, scope)


def _scope(space: str, agent: str | None, teams: tuple[str, ...], settings: Settings) -> Scope:
    """The caller's scope. A named agent may curate, not erase: that is the owner's alone."""
    own_teams = teams or ((settings.team,) if settings.team else ())
    role = Role.CURATOR if agent or own_teams else Role.ADMIN
    try:
        return Scope(space=space, agent=agent, teams=own_teams, role=role)
    except ValueError as error:
        names = ", ".join(repr(name) for name in (space, agent, *own_teams) if name)
        raise InvalidInput(
            f"one of {names} is not a name",
            hint="use letters, digits, and . _ @ - after the first; at most 100",
        ) from error


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InvalidInput(
            f"{directory} cannot be made: {error.strerror}", hint="choose another --base"
        ) from error


def _agree(ledger: SqlLedger, encoder: Encoder, name: str, *, new_encoder: bool) -> None:
    """Refuse a base whose vectors are another encoder's; let a new one remember this one."""
    stored = ledger.meta(_ENCODER)
    given = encoder.fingerprint
    if stored is None:
        ledger.set_meta(_ENCODER, given.model_dump_json())
        return
    known = Fingerprint.model_validate_json(stored)
    if known.key != given.key and not new_encoder:
        raise ModelMismatch(stored=str(known), given=str(given), encoder=name)

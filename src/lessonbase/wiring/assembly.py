"""A base that this process holds: adapters chosen and put together; nothing else names them."""

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lessonbase.base import LessonBase, Parts, Thresholds
from lessonbase.encoders.choose import make_encoder
from lessonbase.errors import ModelMismatch
from lessonbase.ports import Clock, Encoder
from lessonbase.records import Fingerprint, Scope
from lessonbase.settings import Settings
from lessonbase.stores.ledger import SqlLedger
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


def assemble(
    directory: Path,
    scope: Scope,
    held: ExitStack,
    settings: Settings,
    *,
    encoder: Encoder | None = None,
    clock: Clock | None = None,
    new_encoder: bool = False,
) -> LessonBase:
    """The base in *directory*, whose lock is in *held* and goes when the base is closed.

    Raises:
        ModelMismatch: If it holds vectors of another encoder, and *new_encoder* is false.
    """
    ledger = SqlLedger(directory)
    held.callback(ledger.close)
    encoder = encoder or make_encoder(settings.encoder)
    _agree(ledger, encoder, settings.encoder, new_encoder=new_encoder)
    indexes = SyncedIndexes(
        ledger, directory, encoder.fingerprint, refill_grace_s=settings.refill_grace_s
    )
    held.callback(indexes.close)
    thresholds = Thresholds(apply=settings.apply_threshold, consider=settings.consider_threshold)
    parts = Parts(
        ledger,
        indexes,
        encoder,
        clock or SystemClock(),
        UlidSource(),
        thresholds=thresholds,
        writers_propose=settings.writers_propose,
        held=held,
    )
    return LessonBase(parts, scope)


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

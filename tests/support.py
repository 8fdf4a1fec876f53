"""A clock and ids that tests can foretell, and a base on real stores."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lessonbase.base import LessonBase, Parts
from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.records import Role, Scope
from lessonbase.stores.ledger import SqlLedger
from lessonbase.stores.sync import SyncedIndexes

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNER = Scope(role=Role.ADMIN)


class SteppingClock:
    """A second passes each time it is asked."""

    def __init__(self) -> None:
        self.moment = DAY

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


class CountingIds:
    """Ids by number: id-0001, id-0002 and so on."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"id-{self.count:04}"


def base_at(path: Path, scope: Scope = OWNER) -> LessonBase:
    """A base on real SQLite, Chroma and tantivy, with the hashing encoder."""
    path.mkdir(parents=True, exist_ok=True)
    encoder = HashingEncoder(384)
    ledger = SqlLedger(path)
    indexes = SyncedIndexes(ledger, path, encoder.fingerprint, refill_grace_s=30)
    held = ExitStack()
    held.callback(ledger.close)
    held.callback(indexes.close)
    parts = Parts(ledger, indexes, encoder, SteppingClock(), CountingIds(), held=held)
    return LessonBase(parts, scope)

"""What a base is made of, and one caller's view of it."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from lessonbase.errors import BaseClosing, NotAllowed, RecordNotFound
from lessonbase.ports import Clock, Encoder, IdSource, Indexes, Ledger, Note
from lessonbase.records import Record, Role, Scope
from lessonbase.retrieval.background import Backgrounds
from lessonbase.retrieval.pipeline import METHODS, Pipeline, Stages


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Relevance from which a briefing says `apply`, and `consider`."""

    apply: float = 0.7
    consider: float = 0.5


@dataclass(frozen=True)
class Parts:
    """Stores, encoder, clock and ids; shared by every scope that looks at the base."""

    ledger: Ledger
    indexes: Indexes
    encoder: Encoder
    clock: Clock
    ids: IdSource
    thresholds: Thresholds = Thresholds()
    # Whether what any writer adds waits, and not only what no known agent answers for.
    writers_propose: bool = False
    # Closed in reverse order: journal and indexes first, the lock on the base last.
    held: ExitStack = field(default_factory=ExitStack)
    writing: "Writing" = field(default_factory=lambda: Writing())

    @cached_property
    def backgrounds(self) -> Backgrounds:
        """What each space says to foreign questions."""
        return Backgrounds(self.ledger, self.encoder)

    @cached_property
    def count_tokens(self) -> Callable[[str], int]:
        """The encoder's count; the same records are recalled again and again."""
        return lru_cache(maxsize=4_096)(self.encoder.count_tokens)


class Writing:
    """One writer at a time: what a change rests on must not move before it is committed.

    None at all once the base is being closed: another process may have it by the time they commit.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._ended = False

    def __enter__(self) -> None:
        self._lock.acquire()
        if self._ended:
            self._lock.release()
            raise BaseClosing

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def end(self) -> None:
        """Let the writer under way finish, and nobody after."""
        with self._lock:
            self._ended = True


class Viewer:
    """What every use case needs: the parts, and whose eyes look at them."""

    def __init__(self, parts: Parts, scope: Scope, *, stages: Stages = METHODS["default"]) -> None:
        """Look at *parts* as *scope*, ranking with *stages*."""
        self._parts = parts
        self.scope = scope
        self._pipeline = Pipeline(
            parts.ledger, parts.indexes, parts.encoder, parts.backgrounds, stages
        )

    def get(self, record_id: str) -> Record:
        """One record.

        Raises:
            RecordNotFound: If there is none with this id, or it is not the caller's to see.
        """
        record = self._parts.ledger.get(self.scope.space, [record_id]).get(record_id)
        if record is None or not self.scope.sees(record.visibility):
            raise RecordNotFound(record_id)
        return record

    @property
    def _key(self) -> str:
        return self._parts.encoder.fingerprint.key

    @property
    def _visible(self) -> frozenset[str] | None:
        return None if self.scope.sees_all else self.scope.visibilities

    def note_denial(self, what: str) -> None:
        """Keep in the audit trail that this scope asked for what it may not have."""
        self._note("denied", None, {"what": what})
        self._parts.ledger.flush()

    def _denied(self, message: str, *, hint: str) -> NotAllowed:
        """The error to raise; the denial is kept in the audit trail."""
        self.note_denial(message)
        return NotAllowed(message, hint=hint)

    def _require(self, role: Role) -> None:
        if not self.scope.role.allows(role):
            raise self._denied(f"a {self.scope.role} may not do this", hint=f"it takes a {role}")

    def _note(
        self,
        action: str,
        record_id: str | None,
        detail: Mapping[str, Any],
        *,
        at: datetime | None = None,
    ) -> None:
        moment = at or self._parts.clock.now()
        note = Note(action, self.scope.space, record_id, moment, self.scope.actor, detail)
        self._parts.ledger.note(note)

"""What was read last, in memory: the records that fit today's tasks are read again and again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Something of each record read last, by space and id; safe under threads."""

    def __init__(self, most: int, size: Callable[[T], int] = lambda _: 1) -> None:
        """Keep so many that the sum of their sizes is at most *most*."""
        self._most = most
        self._size = size
        self._held = 0
        # Counts the changes told by `forget`.
        self.changes = 0
        self._kept: OrderedDict[tuple[str, str], T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, space: str, ids: Sequence[str]) -> dict[str, T]:
        """What is kept of *ids*."""
        with self._lock:
            return {
                record_id: kept
                for record_id in ids
                if (kept := self._kept.get((space, record_id))) is not None
            }

    def put(self, space: str, read: Mapping[str, T], *, unless_changed_since: int) -> None:
        """Keep what was *read*, and forget the oldest beyond the limit.

        Nothing is kept if *changes* has moved on since it was read: it may be out of date, and a
        reader should not have to wait for a writer to be sure.
        """
        with self._lock:
            if self.changes != unless_changed_since:
                return
            for record_id, one in read.items():
                self._drop((space, record_id))
                self._kept[space, record_id] = one
                self._held += self._size(one)
            while self._held > self._most:
                self._drop(next(iter(self._kept)))

    def forget(self, space: str, record_id: str) -> None:
        """A record has changed."""
        with self._lock:
            self.changes += 1
            self._drop((space, record_id))

    def clear(self) -> None:
        """All of them may have changed."""
        with self._lock:
            self.changes += 1
            self._kept.clear()
            self._held = 0

    def _drop(self, key: tuple[str, str]) -> None:
        if (gone := self._kept.pop(key, None)) is not None:
            self._held -= self._size(gone)

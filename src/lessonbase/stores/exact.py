"""Exact search by cosine in memory: the reference, the fallback, the way of selective filters."""

import threading
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from lessonbase.ports import Entry, MatrixRows, Neighbour, Vector, Vectors, WindowKey


class ExactIndex:
    """All windows of a space as one matrix. 1.5 KB a window of 384 dimensions."""

    def __init__(self, dimension: int, rows: Iterable[MatrixRows] = ()) -> None:
        self._lock = threading.RLock()
        self._vectors: Vectors = np.zeros((0, dimension), dtype=np.float32)
        self._recallable = np.zeros(0, dtype=bool)
        self._keys: list[WindowKey] = []
        self._row: dict[WindowKey, int] = {}
        self._rows_of: dict[str, set[int]] = {}
        for batch in rows:
            self._append(batch.keys, batch.recallable, batch.vectors)

    def put(self, entries: Sequence[Entry]) -> None:
        """Add windows, replacing those of the same record and position."""
        if not entries:
            return
        with self._lock:
            self.remove([(entry.record_id, entry.position) for entry in entries])
            last = {(entry.record_id, entry.position): entry for entry in entries}
            self._append(
                list(last),
                [entry.recallable for entry in last.values()],
                np.stack([entry.vector for entry in last.values()]),
            )

    def remove(self, keys: Sequence[WindowKey]) -> None:
        """Take windows out; unknown ones are no error."""
        with self._lock:
            for key in keys:
                row = self._row.pop(key, None)
                if row is None:
                    continue
                self._rows_of[key[0]].discard(row)
                if not self._rows_of[key[0]]:
                    del self._rows_of[key[0]]
                self._move_last_to(row)

    def nearest(self, vector: Vector, limit: int) -> list[Neighbour]:
        """The recallable windows with the largest cosine, at most *limit*, best first."""
        with self._lock:
            return self._best(vector, limit, np.flatnonzero(self._recallable[: len(self._keys)]))

    def nearest_among(self, vector: Vector, limit: int, ids: Collection[str]) -> list[Neighbour]:
        """The same over all windows of the records *ids*, recallable or not."""
        with self._lock:
            # In the order of the matrix: of all rows, it is taken as it is.
            chosen = sorted(row for record_id in ids for row in self._rows_of.get(record_id, ()))
            return self._best(vector, limit, np.array(chosen, dtype=np.intp))

    def __len__(self) -> int:
        """Number of windows."""
        return len(self._keys)

    def keys(self) -> list[WindowKey]:
        """All windows, in no particular order."""
        return list(self._keys)

    @property
    def recallable(self) -> int:
        """Number of windows that a recall may return."""
        return int(self._recallable[: len(self._keys)].sum())

    @property
    def records(self) -> int:
        """Number of records that have a window."""
        return len(self._rows_of)

    def sample(self, most: int) -> list[tuple[WindowKey, Vector]]:
        """At most *most* recallable windows, evenly spread."""
        rows = np.flatnonzero(self._recallable[: len(self._keys)])
        chosen = rows[:: max(1, -(-len(rows) // most))]
        return [(self._keys[row], self._vectors[row]) for row in chosen]

    def _best(self, vector: Vector, limit: int, rows: np.ndarray) -> list[Neighbour]:
        if limit < 1 or not len(rows):
            return []
        whole = len(rows) == len(self._keys)
        matrix = self._vectors[: len(self._keys)] if whole else self._vectors[rows]
        similarity = matrix @ vector
        if len(rows) > limit:
            top = np.argpartition(-similarity, limit - 1)[:limit]
            rows, similarity = rows[top] if not whole else top, similarity[top]
        found = [
            Neighbour(self._keys[row][0], self._keys[row][1], float(value))
            for row, value in zip(rows, similarity, strict=True)
        ]
        return sorted(found, key=lambda near: (-near.similarity, near.record_id, near.position))

    def _append(self, keys: Sequence[WindowKey], recallable: Sequence[bool], new: Vectors) -> None:
        start, end = len(self._keys), len(self._keys) + len(keys)
        if end > len(self._vectors):
            room = max(end, len(self._vectors) * 3 // 2)
            grown = np.zeros((room, self._vectors.shape[1]), dtype=np.float32)
            grown[:start] = self._vectors[:start]
            self._vectors = grown
            self._recallable = np.resize(self._recallable, room)
        self._vectors[start:end] = new
        self._recallable[start:end] = recallable
        self._keys.extend(keys)
        for row, key in enumerate(keys, start):
            self._row[key] = row
            self._rows_of.setdefault(key[0], set()).add(row)

    def _move_last_to(self, row: int) -> None:
        """Close the gap that a removed row leaves."""
        last = len(self._keys) - 1
        key = self._keys.pop()
        if row == last:
            return
        self._vectors[row] = self._vectors[last]
        self._recallable[row] = self._recallable[last]
        self._keys[row] = key
        self._row[key] = row
        self._rows_of[key[0]].discard(last)
        self._rows_of[key[0]].add(row)

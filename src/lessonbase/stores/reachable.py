"""A Chroma index that loses nothing: windows its graph does not lead to are searched beside it.

In an HNSW graph a window is found only through its neighbours, and they may drop it for closer
ones: a few among a thousand near-equal windows were unreachable at any depth, and replacing windows
in place makes more (chroma-core/chroma#7758). So what is put in is looked for, and what is not
found is kept in memory as well and searched exactly.
"""

from collections.abc import Sequence

from lessonbase.ports import Entry, Neighbour, Vector, WindowKey
from lessonbase.stores.exact import ExactIndex
from lessonbase.stores.vectors import ChromaIndex


class ReachableIndex:
    """The windows of one space in Chroma, all of them to be found."""

    def __init__(self, chroma: ChromaIndex, dimension: int, stragglers: Sequence[Entry]) -> None:
        """Search *chroma*, and beside it the windows that it is known not to find."""
        self._chroma = chroma
        self._beside = ExactIndex(dimension)
        self._beside.put(stragglers)

    def put(self, entries: Sequence[Entry], *, verify: bool = True) -> None:
        """Add windows, replacing those of the same record and position.

        Args:
            entries: What to add.
            verify: Look for each afterwards. A search costs about 2 ms, so a refill leaves it to
                :meth:`audit`.
        """
        self._chroma.put(entries)
        if verify:
            self.audit(entries)

    def audit(self, entries: Sequence[Entry]) -> int:
        """Search for windows that are in the index; keep those that are not found beside it.

        Returns:
            How many were not found.
        """
        lost = [entry for entry in entries if not self._leads_to(entry)]
        self._beside.put(lost)
        return len(lost)

    def remove(self, keys: Sequence[WindowKey]) -> None:
        """Take windows out; unknown ones are no error."""
        self._beside.remove(keys)
        self._chroma.remove(keys)

    def nearest(self, vector: Vector, limit: int) -> list[Neighbour]:
        """The windows with the largest cosine, at most *limit*, best first."""
        found = self._chroma.nearest(vector, limit)
        if not len(self._beside):
            return found
        best = {(near.record_id, near.position): near for near in found}
        for near in self._beside.nearest(vector, limit):
            best[near.record_id, near.position] = near
        return sorted(best.values(), key=lambda near: -near.similarity)[:limit]

    def finds(self, vector: Vector) -> bool:
        """Whether there is something at the very place of *vector*."""
        near = self.nearest(vector, 1)
        return bool(near) and near[0].similarity > 1 - 1e-3

    def stragglers(self) -> list[WindowKey]:
        """The windows that are searched beside the graph."""
        return self._beside.keys()

    def __len__(self) -> int:
        """Number of windows."""
        return len(self._chroma)

    def _leads_to(self, entry: Entry) -> bool:
        """Whether the graph leads to *entry*, or to something in the same place."""
        near = self._chroma.nearest(entry.vector, 1)
        return bool(near) and near[0].similarity > 1 - 1e-3

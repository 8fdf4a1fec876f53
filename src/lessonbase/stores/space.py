"""The indexes of one space; each is made from the ledger when it is first needed."""

import threading
from collections.abc import Collection, Sequence
from typing import Final

from lessonbase.ports import Change, Entry, Ledger, WindowKey
from lessonbase.records import Fingerprint
from lessonbase.stores.entries import word_document
from lessonbase.stores.exact import ExactIndex
from lessonbase.stores.reachable import ReachableIndex
from lessonbase.stores.words import WordIndex

# Records whose vectors are read from the ledger each time rather than all of them into memory.
_FEW: Final = 32


class Space:
    """Words, exact vectors, and Chroma's with how far it has followed."""

    def __init__(self, name: str, ledger: Ledger, fingerprint: Fingerprint) -> None:
        """The space *name* of *ledger*, its vectors of encoder *fingerprint*; nothing is read."""
        self.name = name
        # Held while indexes change, so that a refill and a write never interleave in a record.
        self.lock = threading.RLock()
        # Held while an index in memory is made or changed. Not the same: a recall that needs one
        # must not wait for a refill of Chroma.
        self._making = threading.RLock()
        self.chroma: ReachableIndex | None = None
        self.synced = 0  # the event up to which Chroma has followed
        self.ready = False  # whether that is all
        self.refill: threading.Thread | None = None
        self._ledger = ledger
        self._fingerprint = fingerprint
        self._words: WordIndex | None = None
        self._exact: ExactIndex | None = None

    def words(self) -> WordIndex:
        """Every record by its words."""
        if self._words is not None:
            return self._words
        with self._making:
            if self._words is None:
                words = WordIndex()
                words.put(
                    word_document(filed.record)
                    for batch in self._ledger.records(self.name)
                    for filed in batch
                )
                self._words = words
            return self._words

    def exact(self) -> ExactIndex:
        """Every window as a row of a matrix."""
        if self._exact is not None:
            return self._exact
        with self._making:
            if self._exact is None:
                self._exact = self._read_exact()
            return self._exact

    def exact_of(self, ids: Collection[str]) -> ExactIndex:
        """The windows of these records at least; a few are read without loading all."""
        if self._exact is None and len(ids) <= _FEW:
            rows = self._ledger.matrix(self.name, self._fingerprint.key, ids=list(ids))
            return ExactIndex(self._fingerprint.dimension, rows)
        return self.exact()

    def follow(
        self, changes: Sequence[Change], removed: Sequence[WindowKey], entries: Sequence[Entry]
    ) -> None:
        """Bring what is in memory in step with committed *changes*."""
        with self._making:
            if self._exact is not None:
                self._exact.remove(removed)
                self._exact.put(entries)
            if self._words is not None:
                self._words.delete([change.record_id for change in changes if not change.after])
                self._words.put([word_document(change.after) for change in changes if change.after])

    def without_vectors(self) -> "Space":
        """The same space before Chroma was opened; words stay as they are."""
        fresh = Space(self.name, self._ledger, self._fingerprint)
        fresh._words = self._words
        return fresh

    def differences(self) -> list[str]:
        """Where the indexes differ from the ledger: in number, or in what a sample finds."""
        found = []
        truth = self._read_exact()
        with self.lock:
            if self.chroma is not None and self.ready:
                if len(self.chroma) != truth.recallable:
                    found.append(
                        f"vectors: space {self.name!r} has {len(self.chroma)} windows in Chroma, "
                        f"not {truth.recallable}"
                    )
                sample = truth.sample(200)
                lost = [key for key, vector in sample if not self.chroma.finds(vector)]
                if lost:
                    found.append(
                        f"vectors: space {self.name!r} does not find {len(lost)} of "
                        f"{len(sample)} windows, {lost[0]} for one"
                    )
            if len(self.words()) != truth.records:
                found.append(
                    f"words: space {self.name!r} has {len(self.words())} records, "
                    f"not {truth.records}"
                )
        return found

    def close(self) -> None:
        """Let go of the memory."""
        if self._words is not None:
            self._words.close()

    def _read_exact(self) -> ExactIndex:
        rows = self._ledger.matrix(self.name, self._fingerprint.key)
        return ExactIndex(self._fingerprint.dimension, rows)

"""Keeps the indexes of one base in step with its ledger.

A write is applied to every index before it is acknowledged. What an index missed (a kill, a damaged
file, a deleted folder) it is given again from the ledger, in the background and without encoding;
meanwhile vectors are answered exactly from memory, and the answer says `degraded`.
"""

import logging
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lessonbase.errors import StoreError
from lessonbase.ports import (
    Change,
    Entry,
    Filed,
    Ledger,
    Neighbour,
    Progress,
    Vector,
    WordHit,
)
from lessonbase.records import Fingerprint, window_hash, windows
from lessonbase.stores.entries import entries_of
from lessonbase.stores.generations import Generation, Generations
from lessonbase.stores.reachable import ReachableIndex
from lessonbase.stores.space import Space
from lessonbase.stores.vectors import ChromaStore

_LOG: Final = logging.getLogger(__name__)

DIRECTORY: Final = "chroma"
# Most windows of one write that are searched for at once, in about half a second; those of larger
# writes are when `doctor --repair` audits.
_VERIFIED: Final = 200
# Records of one step of a refill: what a write may have to wait for, about 0.2 s.
_STEP: Final = 200
# Records searched for at once behind a refill, about 0.1 s.
_AUDIT_STEP: Final = 50
# Seconds in which a refill lets others have the lock between two steps.
_BREATH_S: Final = 0.01


class SyncedIndexes:
    """Words in tantivy, vectors in Chroma with exact search behind it, one set per space."""

    def __init__(
        self,
        ledger: Ledger,
        root: Path,
        fingerprint: Fingerprint,
        *,
        refill_grace_s: float = 2.0,
    ) -> None:
        """Bind the indexes under *root* to *ledger*; nothing is opened yet.

        Args:
            ledger: What they follow.
            root: The base's directory.
            fingerprint: The encoder whose vectors they hold.
            refill_grace_s: Seconds that `close` waits for a refill under way, so that one-shot
                commands in a row bring it to an end.
        """
        self._ledger = ledger
        self._fingerprint = fingerprint
        self._generations = Generations(root / DIRECTORY, fingerprint.key)
        self._refill_grace_s = refill_grace_s
        self._lock = threading.RLock()
        self._spaces: dict[str, Space] = {}
        self._store: ChromaStore | None = None
        self._generation: Generation | None = None
        self._seqs: dict[str, int] = {}
        self._sealed = False
        self._failure: StoreError | None = None
        self._stopping = threading.Event()

    # Following

    @contextmanager
    def following(self, space: str) -> Iterator[None]:
        """Be ready to follow what is committed in this block: no refill takes a step meanwhile.

        A refill that read a change from the ledger before `apply` had come to it would put vectors
        that `apply` then takes out as old.
        """
        here = self._open(space)
        with here.lock:
            yield

    def apply(self, space: str, changes: Sequence[Change], vectors: Mapping[str, Vector]) -> None:
        """Follow committed *changes*; *vectors* of their windows by window hash."""
        here = self._open(space)
        with here.lock:
            removed = [
                (change.record_id, position)
                for change in changes
                if change.before
                for position in range(len(windows(change.before)))
            ]
            entries = [entry for change in changes for entry in entries_of(change.after, vectors)]
            here.follow(changes, removed, entries)
            if here.chroma is not None:
                self._unseal()
                try:
                    # Out and in again, never over: Chroma's graph loses windows that are replaced
                    # in place (chroma-core/chroma#7758).
                    here.chroma.remove(removed)
                    # A refill under way comes to these changes by itself, since they are newest.
                    if here.ready:
                        recallable = [entry for entry in entries if entry.recallable]
                        here.chroma.put(recallable, verify=len(recallable) <= _VERIFIED)
                        self._advance(here, self._ledger.last_seq())
                except StoreError as error:
                    self._fail(here, error)

    # Answering

    def nearest(self, space: str, vector: Vector, limit: int) -> list[Neighbour]:
        """Recallable windows by cosine, best first."""
        here = self._open(space)
        if here.ready and here.chroma is not None:
            try:
                return here.chroma.nearest(vector, limit)
            except StoreError as error:
                self._fail(here, error)
        return here.exact().nearest(vector, limit)

    def nearest_among(
        self, space: str, vector: Vector, limit: int, ids: Collection[str]
    ) -> list[Neighbour]:
        """Windows of these records by cosine, whatever their status, best first; exact."""
        return self._space(space).exact_of(ids).nearest_among(vector, limit, ids)

    def words(self, space: str, query: str, limit: int) -> list[WordHit]:
        """Records of any status by BM25, best first."""
        return self._space(space).words().search(query, limit)

    def matched(self, space: str, query: str, text: str) -> tuple[str, ...]:
        """Words of *query* that occur in *text*, stems compared."""
        return self._space(space).words().matched(query, text)

    def rarity(self, space: str, words: Sequence[str]) -> list[float]:
        """How much each of *words* tells in this space: from 0 to 1 for one that nothing has."""
        return self._space(space).words().rarity(words)

    def degraded(self, space: str) -> bool:
        """Whether vectors are answered by the fallback while their index is being refilled."""
        here = self._open(space)
        return not here.ready

    # Health

    def pulse(self) -> tuple[bool, int, int]:
        """Whether an open space lacks vectors, and how many of how many they have; at once."""
        lacking = [here for here in list(self._spaces.values()) if not here.ready]
        lacking = [here for here in lacking if here.refill is not None or self._failure is not None]
        done = sum(len(here.chroma or ()) for here in lacking)
        total = sum(self._ledger.count_windows(here.name) for here in lacking)
        return bool(lacking), min(done, total), total

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Throw the vector index away and fill a fresh one from the ledger.

        Returns when it is filled if *progress* is given, else at once, filling in the background.
        """
        self._stop_refills()
        with self._lock:
            self._close_store()
            self._failure = None
            self._generation = self._generations.fresh()
            self._seqs = {}
            names = set(self._ledger.spaces()) | set(self._spaces)
            self._spaces = {name: self._space(name).without_vectors() for name in names}
        for name in sorted(names):
            here = self._open(name)
            if progress is not None:
                self._wait(here, progress)

    def refilled(self, space: str, *, timeout_s: float | None = None) -> bool:
        """Wait until the space's vectors are complete; whether they are."""
        here = self._open(space)
        if here.refill is not None:
            here.refill.join(timeout_s)
        return here.ready

    def check(self) -> list[str]:
        """What is wrong, in sentences; nothing if the indexes hold what the ledger does."""
        found = [f"vectors: {self._failure}"] if self._failure else []
        for name in self._ledger.spaces():
            here = self._open(name)
            if not here.ready and here.refill is not None and here.refill.is_alive():
                found.append(f"vectors: space {name!r} is being refilled; answers are exact")
                continue
            found += here.differences()
        return found

    def close(self) -> None:
        """Let go of all files; seal the vector index if it is whole."""
        for here in self._spaces.values():
            if here.refill is not None:
                here.refill.join(self._refill_grace_s)
        self._stop_refills()
        with self._lock:
            stragglers = dict(self._generation.stragglers) if self._generation else {}
            stragglers |= {
                name: here.chroma.stragglers()
                for name, here in self._spaces.items()
                if here.chroma is not None
            }
            self._close_store()
            if self._generation and not self._sealed and self._failure is None:
                self._generations.seal(
                    Generation(self._generation.directory, self._seqs, stragglers)
                )
            for here in self._spaces.values():
                here.close()
            self._spaces = {}

    # Inside

    def _space(self, name: str) -> Space:
        with self._lock:
            if name not in self._spaces:
                self._spaces[name] = Space(name, self._ledger, self._fingerprint)
            return self._spaces[name]

    def _open(self, name: str) -> Space:
        """The space with its Chroma collection, which is opened, and refilled if it lags."""
        here = self._space(name)
        if here.ready or here.refill is not None or self._failure is not None:
            return here
        with here.lock, self._lock:
            if here.chroma is None:
                try:
                    here.chroma = self._load(name)
                except StoreError as error:
                    self._fail(here, error)
                    return here
                here.synced = self._seqs.get(name, 0)
            if next(self._ledger.records(name, since=here.synced, size=1), None) is None:
                here.ready = True
                self._seqs[name] = here.synced
            elif here.refill is None:
                self._unseal()
                here.refill = threading.Thread(
                    target=self._refill, args=(here,), name=f"lessonbase-refill-{name}", daemon=True
                )
                here.refill.start()
        return here

    def _load(self, name: str) -> ReachableIndex:
        """The collection of a space, read into memory, its directory still to be trusted."""
        store = self._open_store()
        known = name in self._seqs
        if not known:
            self._unseal()  # making a collection is a write
        index = store.space(name)
        index.load()
        if self._sealed and self._generation is not None:
            self._generations.reseal(self._generation)
        return ReachableIndex(index, self._fingerprint.dimension, self._stragglers(name))

    def _stragglers(self, name: str) -> list[Entry]:
        """What the graph of a trusted directory is known not to lead to."""
        keys = set(self._generation.stragglers.get(name, ())) if self._generation else set()
        records = self._ledger.get(name, sorted({record_id for record_id, _ in keys}))
        texts = [text for record in records.values() for text in windows(record)]
        vectors = self._ledger.vectors(self._fingerprint.key, [window_hash(text) for text in texts])
        entries = [entry for record in records.values() for entry in entries_of(record, vectors)]
        return [entry for entry in entries if (entry.record_id, entry.position) in keys]

    def _open_store(self) -> ChromaStore:
        if self._store is not None:
            return self._store
        if self._generation is None:
            trusted = self._generations.trusted()
            self._generation = trusted or self._generations.fresh()
            self._sealed = trusted is not None
            self._seqs = dict(self._generation.seqs)
        self._store = ChromaStore(self._generation.directory, self._fingerprint)
        return self._store

    def _close_store(self) -> None:
        if self._store is not None:
            try:
                self._store.close()
            except StoreError as error:
                self._failure = error
            self._store = None

    def _unseal(self) -> None:
        """Before the first change of a sealed directory: a kill from here on must be noticed."""
        with self._lock:
            if self._sealed:
                self._generations.distrust()
                self._sealed = False

    def _fail(self, here: Space, error: StoreError) -> None:
        """Chroma said no: answer exactly from here on; the next open fills a fresh directory."""
        with self._lock:
            if self._spaces.get(here.name) is not here:
                return  # a reader that was overtaken by a rebuild
            _LOG.warning("vector index given up until the next start: %s", error)
            self._failure = error
            self._generations.distrust()
            self._sealed = False
            for here in self._spaces.values():
                here.ready = False
                here.chroma = None

    def _refill(self, here: Space) -> None:
        """Give Chroma all that changed since it last followed, step by step; then search for it."""
        since = here.synced
        try:
            while not here.ready:
                if self._stopping.is_set():
                    return
                with here.lock:
                    batch = next(
                        self._ledger.records(here.name, since=here.synced, size=_STEP), None
                    )
                    if here.chroma is None:
                        return
                    if batch is None:
                        here.ready = True
                        break
                    here.chroma.put(self._recallable(batch), verify=False)
                    self._advance(here, batch[-1].seq)
                # Python's locks are not fair: without this, a writer waits for the whole refill.
                self._stopping.wait(_BREATH_S)
            self._audit(here, since)
        except StoreError as error:
            self._fail(here, error)

    def _audit(self, here: Space, since: int = 0) -> None:
        """Search for every window, and remember those that the graph does not lead to."""
        for batch in self._ledger.records(here.name, since=since, size=_AUDIT_STEP):
            with here.lock:
                if here.chroma is None or self._stopping.is_set():
                    return
                here.chroma.audit(self._recallable(batch))
            self._stopping.wait(_BREATH_S)

    def _recallable(self, batch: Sequence[Filed]) -> list[Entry]:
        hashes = [key for filed in batch for key in filed.hashes]
        vectors = self._ledger.vectors(self._fingerprint.key, hashes)
        return [
            entry
            for filed in batch
            for entry in entries_of(filed.record, vectors)
            if entry.recallable
        ]

    def _advance(self, here: Space, seq: int) -> None:
        here.synced = seq
        self._seqs[here.name] = seq

    def _stop_refills(self) -> None:
        self._stopping.set()
        for here in list(self._spaces.values()):
            if here.refill is not None:
                here.refill.join()
        self._stopping.clear()

    def _wait(self, here: Space, progress: Progress) -> None:
        total = sum(self._ledger.counts(here.name, None).values())
        while here.refill is not None and here.refill.is_alive():
            here.refill.join(0.1)
            progress(min(len(here.chroma or ()), total), total)
        progress(total, total)

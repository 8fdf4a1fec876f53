"""Keeping a base healthy: holding ledger and indexes against each other, mending, re-encoding."""

from lessonbase.base.keeping import Keeping
from lessonbase.errors import StoreError
from lessonbase.ports import Progress
from lessonbase.records import Diagnosis, Readiness, Role, window_hash, windows


class Health(Keeping):
    """The use cases of whoever runs the base."""

    def doctor(self, *, repair: bool = False, progress: Progress | None = None) -> Diagnosis:
        """Hold ledger and indexes against each other; with *repair*, mend the indexes.

        Waits for a refill under way: what is still coming is not missing.
        """
        ledger, indexes, key = self._parts.ledger, self._parts.indexes, self._key
        for space in ledger.spaces():
            indexes.refilled(space)
        problems = ledger.check()
        if missing := ledger.unencoded(key):
            problems.append(f"ledger: {missing} windows have no vector of this encoder")
        problems += indexes.check()
        repaired: list[str] = []
        if repair and problems:
            self._require(Role.ADMIN)
            with self._parts.writing:
                self._encode_all(progress)
                indexes.rebuild(progress=progress or (lambda _done, _total: None))
            repaired, problems = problems, [*ledger.check(), *indexes.check()]
        return Diagnosis(healthy=not problems, problems=tuple(problems), repaired=tuple(repaired))

    def readiness(self) -> Readiness:
        """Whether the base can be used: what a probe asks, every few seconds."""
        try:
            self._parts.ledger.last_seq()
            degraded, done, total = self._parts.indexes.pulse()
        except StoreError:
            return Readiness(ready=False)
        return Readiness(ready=True, degraded=degraded, refill_done=done, refill_total=total)

    def reindex(self, *, progress: Progress | None = None) -> None:
        """Make every vector with this base's encoder, refill the indexes, drop other vectors."""
        self._require(Role.ADMIN)
        with self._parts.writing:
            self._encode_all(progress)
            fingerprint = self._parts.encoder.fingerprint
            self._parts.ledger.set_meta("encoder", fingerprint.model_dump_json())
            self._parts.indexes.rebuild(progress=progress or (lambda _done, _total: None))
            self._parts.ledger.forget_vectors(fingerprint.key)

    def refilled(self, *, timeout_s: float | None = None) -> bool:
        """Wait until the vector index is complete; whether it is."""
        return self._parts.indexes.refilled(self.scope.space, timeout_s=timeout_s)

    def _encode_all(self, progress: Progress | None) -> None:
        for space in self._parts.ledger.spaces():
            for batch in self._parts.ledger.records(space):
                texts = {
                    window_hash(text): text for filed in batch for text in windows(filed.record)
                }
                self._encoded(texts, progress)

"""Vectors that outlive the indexes: one per text and encoder, so that a refill encodes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, select

from lessonbase.ports import MatrixRows, Vector
from lessonbase.records import Status
from lessonbase.stores.database import Database
from lessonbase.stores.schema import RECORDS, VECTORS, WINDOWS

_MATRIX: Final = (
    select(
        WINDOWS.c.record_id,
        WINDOWS.c.position,
        RECORDS.c.status == Status.ACTIVE,
        VECTORS.c.vector,
    )
    .join(VECTORS, VECTORS.c.hash == WINDOWS.c.hash)
    .join(
        RECORDS,
        and_(RECORDS.c.space == WINDOWS.c.space, RECORDS.c.id == WINDOWS.c.record_id),
    )
    .where(
        WINDOWS.c.space == bindparam("space"),
        VECTORS.c.fingerprint == bindparam("fingerprint"),
    )
)
_MATRIX_OF: Final = _MATRIX.where(WINDOWS.c.record_id.in_(bindparam("ids", expanding=True)))


class KeptVectors(Database):
    """The ledger's vectors, by hash of the window's text and fingerprint of the encoder."""

    def vectors(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """Kept vectors of these windows; absent ones are left out."""
        query = select(VECTORS.c.hash, VECTORS.c.vector)
        rows = self._by_id(query, VECTORS.c.hash, hashes, VECTORS.c.fingerprint == fingerprint)
        return {key: np.frombuffer(blob, dtype="<f4") for key, blob in rows}

    def keep_vectors(self, fingerprint: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors by window hash; they outlive an import that is broken off."""
        known = self.vectors(fingerprint, list(vectors))
        rows = [
            {"hash": key, "fingerprint": fingerprint, "vector": vector.astype("<f4").tobytes()}
            for key, vector in vectors.items()
            if key not in known
        ]
        if rows:
            with self._transaction() as db:
                db.execute(insert(VECTORS), rows)

    def forget_vectors(self, fingerprint: str) -> None:
        """Remove the vectors of every encoder but *fingerprint*."""
        with self._transaction() as db:
            db.execute(delete(VECTORS).where(VECTORS.c.fingerprint != fingerprint))

    def matrix(
        self,
        space: str,
        fingerprint: str,
        *,
        ids: Sequence[str] | None = None,
        size: int = 10_000,
    ) -> Iterator[MatrixRows]:
        """Windows of *space*, or of its records *ids*, and their vectors, in batches of *size*."""
        given: dict[str, Any] = {"space": space, "fingerprint": fingerprint}
        query = _MATRIX
        if ids is not None:
            query, given = _MATRIX_OF, given | {"ids": list(ids)}
        with self._reading() as db:
            found = db.execution_options(yield_per=size).execute(query, given)
            for rows in found.partitions():
                joined = b"".join(row[3] for row in rows)
                yield MatrixRows(
                    keys=[(row[0], row[1]) for row in rows],
                    recallable=[row[2] for row in rows],
                    vectors=np.frombuffer(joined, dtype="<f4").reshape(len(rows), -1),
                )

    def count_windows(self, space: str) -> int:
        """Number of windows of active records of *space*."""
        same = and_(RECORDS.c.space == WINDOWS.c.space, RECORDS.c.id == WINDOWS.c.record_id)
        query = (
            select(func.count())
            .select_from(WINDOWS)
            .join(RECORDS, same)
            .where(WINDOWS.c.space == space, RECORDS.c.status == Status.ACTIVE)
        )
        with self._reading() as db:
            return db.scalar(query) or 0

    def unencoded(self, fingerprint: str) -> int:
        """Windows that have no vector of this encoder."""
        missing = ~exists().where(
            VECTORS.c.hash == WINDOWS.c.hash, VECTORS.c.fingerprint == fingerprint
        )
        with self._reading() as db:
            return db.scalar(select(func.count()).select_from(WINDOWS).where(missing)) or 0


def drop_unused(db: Connection, hashes: set[str]) -> None:
    """Forget the vectors of those *hashes* that no window has any more."""
    for key in hashes:
        used = exists().where(WINDOWS.c.hash == key)
        db.execute(delete(VECTORS).where(VECTORS.c.hash == key, ~used))

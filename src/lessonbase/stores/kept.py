"""What encoders made, outliving the indexes: a refill encodes nothing, a ranking looks closely."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, select

from lessonbase.ports import Encoded, MatrixRows, Vector, Vectors, Windows
from lessonbase.records import Status
from lessonbase.stores.database import Database
from lessonbase.stores.recent import Recent
from lessonbase.stores.schema import RECORDS, SIGNS, VECTORS, WINDOWS

# Windows of the records looked at last, with vectors and signs: some 60 MB.
_RECENT_WINDOWS: Final = 8_192

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
_WINDOWS_OF: Final = (
    select(WINDOWS.c.record_id, VECTORS.c.vector, SIGNS.c.signs)
    .join(VECTORS, VECTORS.c.hash == WINDOWS.c.hash)
    .join(
        SIGNS,
        and_(SIGNS.c.hash == VECTORS.c.hash, SIGNS.c.fingerprint == VECTORS.c.fingerprint),
    )
    .where(
        WINDOWS.c.space == bindparam("space"),
        VECTORS.c.fingerprint == bindparam("fingerprint"),
        WINDOWS.c.record_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(WINDOWS.c.record_id, WINDOWS.c.position)
)
# Hashes are as good as random, and their order is that of an index.
_SAMPLE: Final = (
    select(VECTORS.c.vector)
    .join(WINDOWS, WINDOWS.c.hash == VECTORS.c.hash)
    .where(WINDOWS.c.space == bindparam("space"), VECTORS.c.fingerprint == bindparam("fingerprint"))
    .order_by(WINDOWS.c.hash)
    .limit(512)
)


class KeptVectors(Database):
    """What was made of windows, by hash of the text and fingerprint of the encoder."""

    def __init__(self, file: Path) -> None:
        """Open the database *file*, making it if there is none."""
        super().__init__(file)
        self._recent_windows: Recent[Windows] = Recent(
            _RECENT_WINDOWS, size=lambda windows: len(windows.vectors)
        )

    def vectors(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """Kept vectors of these windows; absent ones are left out."""
        query = select(VECTORS.c.hash, VECTORS.c.vector)
        rows = self._by_id(query, VECTORS.c.hash, hashes, VECTORS.c.fingerprint == fingerprint)
        return {key: np.frombuffer(blob, dtype="<f4") for key, blob in rows}

    def keep_encoded(self, fingerprint: str, hashes: Sequence[str], made: Encoded) -> None:
        """Keep what was made of windows, by their hash; it outlives an import broken off."""
        known = self.vectors(fingerprint, hashes)
        vectors, signs = [], []
        for key, vector, own in zip(hashes, *made, strict=True):
            if key not in known:
                name = {"hash": key, "fingerprint": fingerprint}
                vectors.append({**name, "vector": vector.astype("<f4").tobytes()})
                signs.append({**name, "signs": own.tobytes()})
        if vectors:
            with self._transaction() as db:
                # Signs without their vector are of no use, but may have been left by damage.
                for row in vectors:
                    mine = (SIGNS.c.hash == row["hash"], SIGNS.c.fingerprint == fingerprint)
                    db.execute(delete(SIGNS).where(*mine))
                db.execute(insert(VECTORS), vectors)
                db.execute(insert(SIGNS), signs)

    def windows_of(self, space: str, ids: Sequence[str], fingerprint: str) -> dict[str, Windows]:
        """All windows of each of these records, in order; those without a vector are left out."""
        found = self._recent_windows.get(space, ids)
        missing = [record_id for record_id in ids if record_id not in found]
        if not missing:
            return found
        before = self._recent_windows.changes
        rows: dict[str, list[tuple[bytes, bytes]]] = {}
        with self._reading() as db:
            given = {"space": space, "fingerprint": fingerprint, "ids": missing}
            for record_id, vector, signs in db.execute(_WINDOWS_OF, given):
                rows.setdefault(record_id, []).append((vector, signs))
        read = {record_id: _windows(own) for record_id, own in rows.items()}
        self._recent_windows.put(space, read, unless_changed_since=before)
        return found | read

    def sample(self, space: str, fingerprint: str) -> Vectors:
        """Vectors of up to 512 windows of *space*, drawn evenly and always alike."""
        given = {"space": space, "fingerprint": fingerprint}
        with self._reading() as db:
            blobs = list(db.scalars(_SAMPLE, given))
        return np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), -1 if blobs else 0)

    def forget_vectors(self, fingerprint: str) -> None:
        """Remove what every encoder but *fingerprint* made."""
        with self._transaction() as db:
            for table in (VECTORS, SIGNS):
                db.execute(delete(table).where(table.c.fingerprint != fingerprint))
        self._recent_windows.clear()

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
    """Forget what was made of those *hashes* that no window has any more."""
    for key in hashes:
        used = exists().where(WINDOWS.c.hash == key)
        for table in (VECTORS, SIGNS):
            db.execute(delete(table).where(table.c.hash == key, ~used))


def _windows(rows: Sequence[tuple[bytes, bytes]]) -> Windows:
    vectors = np.frombuffer(b"".join(vector for vector, _ in rows), "<f4").reshape(len(rows), -1)
    width = -(-vectors.shape[1] // 8)
    return Windows(vectors, [np.frombuffer(own, np.uint8).reshape(-1, width) for _, own in rows])

"""An encoder that keeps document vectors on disk, so that a benchmark encodes a text only once.

The ledger keeps the vectors of a base; this is for runs that make a new base each time.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from lessonbase.errors import StoreError
from lessonbase.ports import Encoder, Progress, Vector, Vectors
from lessonbase.records import Fingerprint

FILE_NAME: Final = "vectors.sqlite"
# Texts encoded between two saves: what an interrupted run loses, about 20 s.
SAVE_EVERY: Final = 2048
# Hashes asked for in one statement; SQLite allows 32,766 variables, older ones 999.
ASK_TOGETHER: Final = 500
# How long to wait for another process that writes.
WAIT_S: Final = 60.0


class CachedEncoder:
    """*inner*, with its document vectors kept in *directory*. Queries are not kept.

    Vectors are kept by fingerprint and text, so encoders may share a directory. Safe under threads
    and for several processes.

    Args:
        inner: Encodes what is not there yet.
        directory: Made if absent; holds one SQLite file.

    Raises:
        StoreError: If the file cannot be read or written.
    """

    def __init__(self, inner: Encoder, directory: Path) -> None:
        self._inner = inner
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / FILE_NAME
        with self._opened() as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (fingerprint TEXT, text BLOB, vector BLOB NOT "
                "NULL, PRIMARY KEY (fingerprint, text)) WITHOUT ROWID"
            )

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the inner encoder: the vectors are its own."""
        return self._inner.fingerprint

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Vectors:
        """Vectors of *texts*, in their order; those not kept yet are encoded and kept.

        Args:
            texts: Any number; equal ones are encoded once.
            progress: Called with (done, len(texts)), first with those that were kept.

        Returns:
            Shape (len(texts), dimension), float32, rows of unit length.

        Raises:
            StoreError: If the file cannot be read or written.
        """
        vectors = np.empty((len(texts), self.fingerprint.dimension), np.float32)
        places: dict[bytes, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(_digest(text), []).append(i)
        done = 0

        def put(digest: bytes, vector: Vector) -> None:
            nonlocal done
            vectors[places[digest]] = vector
            done += len(places[digest])

        with self._opened() as database:
            kept = set()
            for digest, vector in self._kept(database, list(places)):
                put(digest, vector)
                kept.add(digest)
            if progress and done:
                progress(done, len(texts))
            missing = [digest for digest in places if digest not in kept]
            for start in range(0, len(missing), SAVE_EVERY):
                digests = missing[start : start + SAVE_EVERY]
                made = self._inner.encode_documents([texts[places[d][0]] for d in digests])
                self._keep(database, digests, made)
                for digest, vector in zip(digests, made, strict=True):
                    put(digest, vector)
                if progress:
                    progress(done, len(texts))
        return vectors

    def encode_query(self, text: str) -> Vector:
        """What the inner encoder gives."""
        return self._inner.encode_query(text)

    def count_tokens(self, text: str) -> int:
        """What the inner encoder counts."""
        return self._inner.count_tokens(text)

    def _kept(
        self, database: sqlite3.Connection, digests: Sequence[bytes]
    ) -> Iterator[tuple[bytes, Vector]]:
        for start in range(0, len(digests), ASK_TOGETHER):
            asked = digests[start : start + ASK_TOGETHER]
            marks = ",".join("?" * len(asked))
            rows = database.execute(
                f"SELECT text, vector FROM vectors WHERE fingerprint = ? AND text IN ({marks})",  # noqa: S608 -- marks only
                (self.fingerprint.key, *asked),
            )
            for digest, vector in rows:
                yield digest, np.frombuffer(vector, "<f4")

    def _keep(
        self, database: sqlite3.Connection, digests: Sequence[bytes], vectors: Vectors
    ) -> None:
        key = self.fingerprint.key
        with database:
            database.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
                (
                    (key, digest, vector.astype("<f4").tobytes())
                    for digest, vector in zip(digests, vectors, strict=True)
                ),
            )

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection for one call, since SQLite's are not to be shared by threads."""
        try:
            database = sqlite3.connect(self._path, timeout=WAIT_S)
            try:
                yield database
            finally:
                database.close()
        except sqlite3.Error as error:
            raise StoreError(
                f"{self._path}: {error}", hint=f"nothing is lost by deleting it: rm {self._path}*"
            ) from error


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

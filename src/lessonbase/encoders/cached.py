"""An encoder that keeps what it makes of documents on disk: a benchmark encodes a text only once.

The ledger keeps the vectors of a base; this is for runs that make a new base each time.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from lessonbase.encoders.signs import NO_SIGNS
from lessonbase.errors import StoreError
from lessonbase.ports import Encoded, EncodedQuery, Encoder, Progress, Signs, Vector
from lessonbase.records import Fingerprint

FILE_NAME: Final = "vectors.sqlite"
# Texts encoded between two saves: what an interrupted run loses, about 20 s.
SAVE_EVERY: Final = 2048
# Hashes asked for in one statement; SQLite allows 32,766 variables, older ones 999.
ASK_TOGETHER: Final = 500
# How long to wait for another process that writes.
WAIT_S: Final = 60.0


class CachedEncoder:
    """*inner*, with what it makes of documents kept in *directory*. Queries are not kept.

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
                "CREATE TABLE IF NOT EXISTS texts (fingerprint TEXT, text BLOB, vector BLOB NOT "
                "NULL, signs BLOB NOT NULL, PRIMARY KEY (fingerprint, text)) WITHOUT ROWID"
            )

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the inner encoder: the vectors are its own."""
        return self._inner.fingerprint

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Encoded:
        """*texts* encoded, in their order; those not kept yet are encoded and kept.

        Args:
            texts: Any number; equal ones are encoded once.
            progress: Called with (done, len(texts)), first with those that were kept.

        Raises:
            StoreError: If the file cannot be read or written.
        """
        vectors = np.empty((len(texts), self.fingerprint.dimension), np.float32)
        signs: list[Signs] = [NO_SIGNS] * len(texts)
        places: dict[bytes, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(_digest(text), []).append(i)
        done = 0

        def put(digest: bytes, vector: Vector, of_text: Signs) -> None:
            nonlocal done
            for place in places[digest]:
                vectors[place], signs[place] = vector, of_text
            done += len(places[digest])

        with self._opened() as database:
            kept = set()
            for digest, vector, of_text in self._kept(database, list(places)):
                put(digest, vector, of_text)
                kept.add(digest)
            if progress and done:
                progress(done, len(texts))
            missing = [digest for digest in places if digest not in kept]
            for start in range(0, len(missing), SAVE_EVERY):
                digests = missing[start : start + SAVE_EVERY]
                made = self._inner.encode_documents([texts[places[d][0]] for d in digests])
                self._keep(database, digests, made)
                for digest, vector, of_text in zip(digests, *made, strict=True):
                    put(digest, vector, of_text)
                if progress:
                    progress(done, len(texts))
        return Encoded(vectors, signs)

    def encode_query(self, text: str) -> EncodedQuery:
        """What the inner encoder gives."""
        return self._inner.encode_query(text)

    def count_tokens(self, text: str) -> int:
        """What the inner encoder counts."""
        return self._inner.count_tokens(text)

    def _kept(
        self, database: sqlite3.Connection, digests: Sequence[bytes]
    ) -> Iterator[tuple[bytes, Vector, Signs]]:
        width = -(-self.fingerprint.dimension // 8)
        for start in range(0, len(digests), ASK_TOGETHER):
            asked = digests[start : start + ASK_TOGETHER]
            marks = ",".join("?" * len(asked))
            rows = database.execute(
                "SELECT text, vector, signs FROM texts "  # noqa: S608 -- marks only
                f"WHERE fingerprint = ? AND text IN ({marks})",
                (self.fingerprint.key, *asked),
            )
            for digest, vector, signs in rows:
                of_text = np.frombuffer(signs, np.uint8).reshape(-1, width)
                yield digest, np.frombuffer(vector, "<f4"), of_text

    def _keep(self, database: sqlite3.Connection, digests: Sequence[bytes], made: Encoded) -> None:
        key = self.fingerprint.key
        with database:
            database.executemany(
                "INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)",
                (
                    (key, digest, vector.astype("<f4").tobytes(), signs.tobytes())
                    for digest, vector, signs in zip(digests, *made, strict=True)
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

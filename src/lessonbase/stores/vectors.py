"""Vectors in Chroma, embedded in this process: the only module that imports it.

What Chroma does on its own account is switched off here: reading `.env` and the environment,
telemetry, resetting, embedding. It is given our vectors, asked for ids and distances only, and
never filtered (a filter that keeps 90 % of 100,000 records costs 370 ms against 4).
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lessonbase.errors import StoreError
from lessonbase.ports import Entry, Neighbour, Vector, WindowKey
from lessonbase.records import Fingerprint
from lessonbase.stores.spare import Spare

if TYPE_CHECKING:
    from chromadb import Collection

# HNSW graph: links per node and candidates looked at when building and searching. With 32 links, a
# few windows in a thousand near-equal ones (machine-made text) could not be reached by any search;
# with 64 all could. Recall of the true nearest ten on real text: benchmarks/README.md.
GRAPH: Final = {
    "space": "cosine",
    "max_neighbors": 64,
    "ef_construction": 200,
    "ef_search": 200,
}
# Vectors between two writes of the graph to disk. Fewer means more writes in which a kill costs a
# refill; more means a longer replay at the next open (0.5 ms a vector).
SYNC_THRESHOLD: Final = 1_000
# Windows in one call; Chroma refuses more than 5,461.
BATCH: Final = 2_000

_SEPARATOR: Final = "#"


class ChromaStore:
    """One Chroma directory, open in this process alone: a collection per space."""

    def __init__(self, directory: Path, fingerprint: Fingerprint) -> None:
        """Open *directory*, making it if there is none; vectors are of encoder *fingerprint*.

        Raises:
            StoreError: If Chroma cannot be imported or cannot open it.
        """
        self._fingerprint = fingerprint
        with _translated("open"):
            self._client = _client(directory)
        self._spare = Spare(directory)

    def space(self, name: str) -> "ChromaIndex":
        """The index of one space."""
        with _translated("open the collection"):
            collection = self._client.get_or_create_collection(
                collection_name(name, self._fingerprint.key),
                embedding_function=None,
                metadata={"space": name, "encoder": str(self._fingerprint)},
                configuration={"hnsw": {**GRAPH, "sync_threshold": SYNC_THRESHOLD}},
            )
        return ChromaIndex(collection, self._fingerprint.dimension, self._spare)

    def close(self) -> None:
        """Let go of the files. The same process may open them again."""
        with _translated("close"):
            self._client.close()


class ChromaIndex:
    """The windows of one space in a Chroma collection."""

    def __init__(self, collection: "Collection", dimension: int, spare: Spare) -> None:
        self._collection = collection
        self._dimension = dimension
        self._spare = spare
        # Chroma serialises writes anyway; ours keeps put and remove whole.
        self._writing = threading.Lock()

    def put(self, entries: Sequence[Entry]) -> None:
        """Add windows, replacing those of the same record and position."""
        last = {(entry.record_id, entry.position): entry for entry in entries}
        unique = list(last.values())
        with self._writing, _translated("write"):
            for start in range(0, len(unique), BATCH):
                batch = unique[start : start + BATCH]
                # upsert: add does nothing, silently, if the id exists, and update if it does not.
                self._collection.upsert(
                    ids=[_window_id(entry.record_id, entry.position) for entry in batch],
                    embeddings=np.stack([entry.vector for entry in batch]),
                    documents=[entry.text for entry in batch],
                    metadatas=[dict(entry.metadata) for entry in batch],
                )
                self._spare.clear()

    def remove(self, keys: Sequence[WindowKey]) -> None:
        """Take windows out; unknown ones are no error."""
        with self._writing, _translated("delete"):
            for start in range(0, len(keys), BATCH):
                ids = [_window_id(*key) for key in keys[start : start + BATCH]]
                self._collection.delete(ids=ids)

    def nearest(self, vector: Vector, limit: int) -> list[Neighbour]:
        """The windows with the largest cosine, at most *limit*, best first."""
        if limit < 1:
            return []
        with _translated("search"):
            found: Any = self._collection.query(
                query_embeddings=vector[None], n_results=limit, include=["distances"]
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [Neighbour(*_key(window), 1.0 - distance) for window, distance in pairs]

    def load(self) -> None:
        """Read the graph from disk, which otherwise happens in the first search."""
        anywhere = np.full(self._dimension, self._dimension**-0.5, dtype=np.float32)
        self.nearest(anywhere, 1)
        with self._writing, _translated("load"):
            self._spare.clear()

    def __len__(self) -> int:
        """Number of windows."""
        with _translated("count"):
            return self._collection.count()


def collection_name(space: str, fingerprint: str) -> str:
    """Name of a space's collection: hashed, since Chroma's names allow less than ours."""
    name = hashlib.blake2b(f"{fingerprint}/{space}".encode(), digest_size=12).hexdigest()
    return f"lessonbase-{name}"


def _client(directory: Path) -> Any:
    """A client that takes nothing from the environment."""
    import chromadb
    from chromadb.config import Settings

    # Every field is given, so that neither `.env` nor a variable of the environment can turn this
    # into a client of some server, or allow a reset.
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in Settings.model_fields.items()
    }
    ours = {
        "is_persistent": True,
        "persist_directory": str(directory),
        "anonymized_telemetry": False,
        "allow_reset": False,
    }
    settings = Settings(_env_file=None, **{**defaults, **ours})
    return chromadb.PersistentClient(str(directory), settings=settings)


def _window_id(record_id: str, position: int) -> str:
    return f"{record_id}{_SEPARATOR}{position}"


def _key(window_id: str) -> WindowKey:
    record_id, _, position = window_id.rpartition(_SEPARATOR)
    return record_id, int(position)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    # Chroma raises its own errors, those of its Rust core, of pydantic and of SQLite, and what it
    # raises differs between embedded and server: this is the edge where all become one.
    except Exception as error:
        raise StoreError(
            f"Chroma could not {doing}: {error}",
            hint="`lessonbase doctor --repair` refills it from the ledger",
        ) from error

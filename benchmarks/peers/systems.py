"""What somebody would use instead: Chroma alone, BM25 alone, both fused. And ours, beside them.

Each is set up as its documentation shows, nothing tuned, and given the same documents and the same
vectors. Each answers with ids, best first, and encodes the question itself if it needs a vector.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from lessonbase.base import LessonBase
from lessonbase.ports import Encoder
from lessonbase.records import Record, windows

# Answers asked for.
HITS: Final = 10
# Entries of each list that is fused, and windows in which the best documents are looked for.
DEPTH: Final = 100
# Cormack et al., SIGIR 2009.
RRF_K: Final = 60

Cut = Callable[[Record], Sequence[str]]


class System(Protocol):
    """Answers questions about the documents that it was made with."""

    def search(self, text: str, hits: int = HITS) -> list[str]:
        """Ids of at most *hits* documents for *text*, best first."""
        ...


def whole(record: Record) -> tuple[str]:
    """A document as one text, title first; the encoder reads its first 256 tokens."""
    return (f"{record.title}\n{getattr(record, 'text', '')}".strip(),)


class Chroma:
    """One persistent collection with cosine distance, and nothing else set."""

    def __init__(
        self, directory: Path, documents: Sequence[Record], encoder: Encoder, cut: Cut = whole
    ) -> None:
        """Fill a collection in *directory* with the texts that *cut* makes of each document."""
        import chromadb
        from chromadb.config import Settings

        client = chromadb.PersistentClient(directory, Settings(anonymized_telemetry=False))
        self._collection = client.create_collection(
            "documents", embedding_function=None, metadata={"hnsw:space": "cosine"}
        )
        self._encoder = encoder
        texts = [(record.id, text) for record in documents for text in cut(record)]
        # With one text for each document, the best of so many texts are so many documents.
        self._single = len(texts) == len(documents)
        vectors = encoder.encode_documents([text for _, text in texts]).vectors
        size = client.get_max_batch_size()
        for start in range(0, len(texts), size):
            part = texts[start : start + size]
            self._collection.add(
                ids=[str(start + n) for n in range(len(part))],
                embeddings=vectors[start : start + size],
                documents=[text for _, text in part],
                metadatas=[{"document": name} for name, _ in part],
            )

    def search(self, text: str, hits: int = HITS) -> list[str]:
        """The documents of the nearest texts."""
        found: Any = self._collection.query(
            query_embeddings=self._encoder.encode_query(text).vector[None],
            n_results=hits if self._single else max(hits, DEPTH),
        )
        names = (metadata["document"] for metadata in found["metadatas"][0])
        return list(dict.fromkeys(names))[:hits]


class Bm25:
    """bm25s with its default parameters, its English stop words, and the stemmer it recommends."""

    def __init__(self, documents: Sequence[Record]) -> None:
        """Index title and text of *documents*."""
        import bm25s
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english")
        self._tokenize: Any = bm25s.tokenize
        self._names = [record.id for record in documents]
        self._index: Any = bm25s.BM25()
        self._index.index(self._tokens([whole(one)[0] for one in documents]), show_progress=False)

    def search(self, text: str, hits: int = HITS) -> list[str]:
        """Those that share a word with *text*; it fills up with others, which have no score."""
        found, scores = self._index.retrieve(
            self._tokens([text]), k=min(hits, len(self._names)), show_progress=False
        )
        return [self._names[place] for place in found[0][np.flatnonzero(scores[0] > 0)]]

    def _tokens(self, texts: list[str]) -> Any:
        return self._tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)


class Fused:
    """Reciprocal rank fusion of several systems."""

    def __init__(self, *systems: System) -> None:
        self._systems = systems

    def search(self, text: str, hits: int = HITS) -> list[str]:
        """The best by the sum of 1 / (60 + place) over the lists."""
        scores: dict[str, float] = {}
        for system in self._systems:
            for place, name in enumerate(system.search(text, DEPTH), 1):
                scores[name] = scores.get(name, 0.0) + 1 / (RRF_K + place)
        return sorted(scores, key=lambda name: -scores[name])[:hits]


class Ours:
    """A base, searched as its users do: records read, reasons given."""

    def __init__(self, base: LessonBase, documents: Sequence[Record]) -> None:
        """Put *documents* into *base*."""
        base.add_all(documents)
        self._base = base

    def search(self, text: str, hits: int = HITS) -> list[str]:
        """The best records."""
        return [hit.record.id for hit in self._base.search(text, hits).results]


def peers(
    directory: Path, documents: Sequence[Record], encoder: Encoder, base: LessonBase
) -> dict[str, System]:
    """Every system by name, filled with *documents*; files go below *directory*."""
    chroma = Chroma(directory / "whole", documents, encoder)
    words = Bm25(documents)
    return {
        "chroma": chroma,
        "bm25s": words,
        "rrf of both": Fused(chroma, words),
        "chroma, windows": Chroma(directory / "windows", documents, encoder, windows),
        "default": Ours(base, documents),
    }

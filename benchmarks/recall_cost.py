"""What a warm recall costs beside its three unavoidable parts, and how much memory a base takes.

Bare: encoding the query, a Chroma query of the same size and settings, a word search of the same
size; each timed in turn with the whole recall, in one process. No call is given the query that
another has just been given: it would find the graph and the postings in the processor's caches.
"""

import resource
import tempfile
from functools import partial
from typing import Any

from measuring import interleaved, p50, sizes, write
from texts import encoder, lessons

from lessonbase import open_base
from lessonbase.base import LessonBase
from lessonbase.ports import Encoder, Vector
from lessonbase.retrieval.candidates import POOL
from lessonbase.stores.words import WordIndex


def main() -> None:
    """Measure at each size."""
    rows = []
    for size in sizes([1_000, 10_000, 100_000]):
        records = lessons(size)
        queries = [f"{record.title} fails after an upgrade" for record in records[:: size // 100]]
        with (
            tempfile.TemporaryDirectory() as directory,
            open_base(directory, create=True, encoder=encoder(), embedded=True) as base,
        ):
            base.add_all(records)
            base.recall(queries[0])
            model = base._parts.encoder
            indexes = base._parts.indexes
            chroma = indexes._spaces["default"].chroma._chroma._collection  # type: ignore[attr-defined]
            words = indexes._spaces["default"].words()  # type: ignore[attr-defined]
            quarter = len(queries) // 4
            second, third, fourth = (_turned(queries, quarter * n) for n in (1, 2, 3))
            vectors = [model.encode_query(query).vector for query in third]
            times = interleaved(
                {
                    "recall": partial(_recall, base, queries),
                    "encode": partial(_encode, model, second),
                    "chroma": partial(_nearest, chroma, vectors),
                    "words": partial(_words, words, fourth),
                },
                repeats=200,
            )
        medians = {name: round(p50(own), 2) for name, own in times.items()}
        bare = medians["encode"] + medians["chroma"] + medians["words"]
        memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rows.append(
            {
                "records": size,
                **{f"{name}_p50_ms": value for name, value in medians.items()},
                "recall_over_bare": round(medians["recall"] / bare, 2),
                "rest_over_encode": round((medians["recall"] - bare) / medians["encode"], 2),
                "peak_memory_mb": memory_mb,
            }
        )
    write("recall_cost", rows)


def _turned(queries: list[str], by: int) -> list[str]:
    return queries[by:] + queries[:by]


def _recall(base: LessonBase, queries: list[str], turn: int) -> None:
    base.recall(queries[turn % len(queries)], 5)


def _encode(model: Encoder, queries: list[str], turn: int) -> None:
    model.encode_query(queries[turn % len(queries)])


def _nearest(chroma: Any, vectors: list[Vector], turn: int) -> None:
    one = vectors[turn % len(vectors)]
    chroma.query(query_embeddings=one[None], n_results=POOL, include=["distances"])


def _words(words: WordIndex, queries: list[str], turn: int) -> None:
    words.search(queries[turn % len(queries)], POOL)


if __name__ == "__main__":
    main()

"""What a warm recall costs beside its three unavoidable parts, and how much memory a base takes.

Bare: encoding the query, a Chroma query of the same size and settings, a word search of the same
size; each timed in turn with the whole recall, in one process.
"""

import resource
import tempfile

from measuring import interleaved, p50, sizes, write
from texts import encoder, lessons

from lessonbase import open_base
from lessonbase.retrieval.candidates import POOL


def main() -> None:
    """Measure at each size."""
    rows = []
    for size in sizes([1_000, 10_000, 100_000]):
        records = lessons(size)
        queries = [f"{record.title} fails after an upgrade" for record in records[:: size // 100]]
        with (
            tempfile.TemporaryDirectory() as directory,
            open_base(directory, create=True, encoder=encoder()) as base,
        ):
            base.add_all(records)
            base.recall(queries[0])
            model = base._parts.encoder
            indexes = base._parts.indexes
            chroma = indexes._spaces["default"].chroma._chroma._collection  # type: ignore[attr-defined]
            words = indexes._spaces["default"].words  # type: ignore[attr-defined]
            vectors = [model.encode_query(query) for query in queries]
            times = interleaved(
                {
                    "recall": lambda n, q=queries: base.recall(q[n % 100], 5),
                    "encode": lambda n, q=queries, m=model: m.encode_query(q[n % 100]),
                    "chroma": lambda n, v=vectors, c=chroma: c.query(
                        query_embeddings=v[n % 100][None], n_results=POOL, include=["distances"]
                    ),
                    "words": lambda n, q=queries, w=words: w.search(q[n % 100], POOL),
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
                "peak_memory_mb": memory_mb,
            }
        )
    write("recall_cost", rows)


if __name__ == "__main__":
    main()

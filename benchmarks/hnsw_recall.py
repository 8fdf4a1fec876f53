"""What Chroma's graph finds of what is there, on vectors of real texts, by links per node.

    python benchmarks/hnsw_recall.py --sizes 10000

The truth is exact search. Questions are titles of texts that are not in the index. A window is lost
if searching for its own vector finds nothing at its place; `ReachableIndex` searches those beside
the graph.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from measuring import write
from texts import encoder, lessons

from lessonbase.ports import Encoder, Entry
from lessonbase.records import Lesson, windows
from lessonbase.stores import vectors
from lessonbase.stores.exact import ExactIndex
from lessonbase.stores.vectors import ChromaStore

QUESTIONS: Final = 500
DEPTHS: Final = (10, 200)
LINKS: Final = (16, 32, 64)


def main() -> None:
    """Measure each size with each number of links."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--links", type=int, nargs="+", default=LINKS)
    options = parser.parse_args()
    model = encoder()
    used = vectors.GRAPH["max_neighbors"]
    rows = []
    for size in options.sizes:
        records = lessons(size)
        held_out = records[-QUESTIONS:]
        entries = _entries(records[:-QUESTIONS], model)
        for links in options.links:
            vectors.GRAPH["max_neighbors"] = links
            found = _measured(entries, held_out, model)
            rows.append({"records": size, "windows": len(entries), "max_neighbors": links, **found})
    vectors.GRAPH["max_neighbors"] = used
    graph = {**vectors.GRAPH, "max_neighbors": "as given"}
    write("hnsw_recall", rows, graph=graph, questions=QUESTIONS)


def _entries(records: list[Lesson], model: Encoder) -> list[Entry]:
    texts = [(one.id, place, text) for one in records for place, text in enumerate(windows(one))]
    made = model.encode_documents([text for _, _, text in texts]).vectors
    return [
        Entry(record_id, place, vector, text, {"record": record_id})
        for (record_id, place, text), vector in zip(texts, made, strict=True)
    ]


def _measured(entries: list[Entry], held_out: list[Lesson], model: Encoder) -> dict[str, Any]:
    dimension = model.fingerprint.dimension
    exact = ExactIndex(dimension)
    exact.put(entries)
    with tempfile.TemporaryDirectory() as directory:
        store = ChromaStore(Path(directory), model.fingerprint)
        index = store.space("default")
        started = time.perf_counter()
        index.put(entries)
        built_s = time.perf_counter() - started
        recalls: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
        for one in held_out:
            question = model.encode_query(one.title).vector
            for depth in DEPTHS:
                # By similarity, not by id: equal texts stand at the same place.
                least = exact.nearest(question, depth)[-1].similarity - 1e-5
                there = sum(near.similarity >= least for near in index.nearest(question, depth))
                recalls[depth].append(there / depth)
        nearest = [index.nearest(entry.vector, 1) for entry in entries]
        lost = sum(not near or near[0].similarity < 0.999 for near in nearest)
        store.close()
    return {
        **{f"recall@{depth}": round(float(np.mean(own)), 4) for depth, own in recalls.items()},
        **{f"worst@{depth}": round(min(own), 3) for depth, own in recalls.items()},
        "lost_windows": lost,
        "build_s": round(built_s, 1),
    }


if __name__ == "__main__":
    main()

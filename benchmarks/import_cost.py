"""What an import costs beside its two unavoidable parts: encoding, and filling Chroma.

    python benchmarks/import_cost.py --records 10000

Both sides import the same real records, in rounds that take turns within one process, so that noise
of the machine falls on both alike: ours with `add_all` into a base that grows from round to round,
bare with the same encoder, the same windows, and one upsert per batch into a Chroma collection that
grows alike, with the same settings, documents and metadata. No vector is cached.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Final

from measuring import write
from texts import lessons

from lessonbase import open_base
from lessonbase.encoders.choose import make_encoder
from lessonbase.ports import Encoder
from lessonbase.records import Lesson, window_hash, windows
from lessonbase.stores.entries import entries_of
from lessonbase.stores.vectors import ChromaIndex, ChromaStore

ROUNDS: Final = 5


def main() -> None:
    """Measure in rounds, ours and bare in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    options = parser.parse_args()
    records = lessons(options.records)
    size = -(-len(records) // ROUNDS)
    model = make_encoder("onnx:all-MiniLM-L6-v2")
    model.encode_documents([records[0].advice])
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        store = ChromaStore(Path(directory) / "bare", model.fingerprint)
        index = store.space("default")
        with open_base(Path(directory) / "base", create=True, encoder=model, embedded=True) as base:
            base.add({"kind": "heuristic", "title": "Tea", "rule": "Warm the pot first."})
            for number in range(ROUNDS):
                batch = records[number * size : (number + 1) * size]
                # Who goes first alternates.
                order = ("ours", "bare") if number % 2 else ("bare", "ours")
                seconds: dict[str, float] = {}
                for side in order:
                    started = time.perf_counter()
                    if side == "ours":
                        base.add_all(batch)
                    else:
                        seconds["encode"] = _bare(model, index, batch)
                    seconds[side] = time.perf_counter() - started
                rows.append(
                    {
                        "records": len(batch),
                        "windows": sum(len(windows(one)) for one in batch),
                        **{f"{side}_s": round(spent, 2) for side, spent in seconds.items()},
                        "ours_over_bare": round(seconds["ours"] / seconds["bare"], 3),
                    }
                )
        store.close()
    total = {
        side: round(sum(float(row[f"{side}_s"]) for row in rows), 1) for side in ("ours", "bare")
    }
    write("import_cost", rows, **total, ours_over_bare=round(total["ours"] / total["bare"], 3))


def _bare(model: Encoder, index: ChromaIndex, batch: list[Lesson]) -> float:
    """Encode and upsert; seconds spent encoding."""
    started = time.perf_counter()
    texts = list(dict.fromkeys(text for one in batch for text in windows(one)))
    made = dict(zip(map(window_hash, texts), model.encode_documents(texts).vectors, strict=True))
    encoded_s = time.perf_counter() - started
    index.put([entry for one in batch for entry in entries_of(one, made)])
    return encoded_s


if __name__ == "__main__":
    main()

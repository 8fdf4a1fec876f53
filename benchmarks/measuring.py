"""Timing and reporting that all benchmarks share."""

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parent / "results"


def interleaved(
    calls: Mapping[str, Callable[[int], object]], *, warmup: int = 5, repeats: int = 50
) -> dict[str, list[float]]:
    """Time several calls in turn, so that noise of the machine falls on all alike.

    Args:
        calls: Name → what to time; called with the number of the round.
        warmup: Rounds that are not counted.
        repeats: Rounds that are.

    Returns:
        Name → milliseconds of each round.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(warmup + repeats):
        for name, call in calls.items():
            started = time.perf_counter()
            call(turn)
            if turn >= warmup:
                times[name].append((time.perf_counter() - started) * 1_000)
    return times


def p50(times: list[float]) -> float:
    """The median, in milliseconds."""
    return float(np.percentile(times, 50))


def write(name: str, rows: Any, **more: Any) -> None:
    """Print *rows* and keep them, with commit and machine, under results/NAME.json."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    document = {
        "commit": commit,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "rows": rows,
        **more,
    }
    print(json.dumps(document, indent=1))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def sizes(default: list[int]) -> list[int]:
    """Sizes to measure at, from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=default)
    return list(parser.parse_args().sizes)

"""Whether a raw trace finds the post-mortem of the same failure, by what of it is asked.

    python benchmarks/incident_traces.py
    python benchmarks/incident_traces.py --json

40 traces of tests/data/incidents/traces.jsonl have an earlier post-mortem each, written in prose as
a colleague would; half of those name no code and no exception of it. In a real base they stand
among 20 near misses (same service, another cause) and the seed records. The form to ask with was
chosen on dev; test was in view in the same table. Traces and post-mortems are by one hand and name
the same services, so the figures flatter.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from lessonbase import open_base
from lessonbase.ports.base import Base
from lessonbase.records import RECORD, AnyRecord, Filters
from lessonbase.signature import extract, telling_lines

ROOT: Final = Path(__file__).parents[1]
INCIDENTS: Final = ROOT / "tests" / "data" / "incidents"
SEED: Final = ROOT / "data" / "seed_lessons.jsonl"
DEPTH: Final = 10
# Halves whose traces have a post-mortem.
HALVES: Final = ("dev", "test")


def forms() -> dict[str, Callable[[str], str]]:
    """Ways to ask with a trace."""
    return {
        "raw text": lambda text: text,
        "telling lines": telling_lines,
        "telling lines, 600 characters": lambda text: telling_lines(text, limit=600),
        "telling lines, then marks": lambda text: f"{telling_lines(text)}\n{_marks(text)}",
        "marks, then telling lines": lambda text: f"{_marks(text)}\n{telling_lines(text)}",
        "marks only": _marks,
    }


def measure(base: Base, form: Callable[[str], str], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """R@1 and MRR at ten of (text, id of its post-mortem) *pairs*; what is not found is zero."""
    ranks = []
    for text, wanted in pairs:
        asked = form(text) or text
        found = base.search(asked, n=DEPTH, filters=Filters(kinds=("failure_mode",)))
        ids = [hit.record.id for hit in found.results]
        ranks.append(ids.index(wanted) + 1 if wanted in ids else 0)
    return {
        "traces": len(ranks),
        "r_at_1": round(sum(rank == 1 for rank in ranks) / len(ranks), 4),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 4),
    }


def table() -> list[dict[str, Any]]:
    """All forms by all halves."""
    traces = {row["id"]: row for row in _rows(INCIDENTS / "traces.jsonl")}
    records = list(_records(INCIDENTS / "failure_modes.jsonl"))
    pairs = [(traces[one.extra["trace"]], one.id) for one in records if "trace" in one.extra]
    with tempfile.TemporaryDirectory() as folder:
        base = open_base(Path(folder), embedded=True, create=True)
        try:
            base.add_all([*records, *_records(SEED)])
            return [
                {
                    "form": name,
                    "half": half,
                    **measure(
                        base,
                        form,
                        [
                            (trace["text"], wanted)
                            for trace, wanted in pairs
                            if trace["half"] == half
                        ],
                    ),
                }
                for name, form in forms().items()
                for half in HALVES
            ]
        finally:
            base.close()


def main() -> None:
    """Measure, and print or keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print only, keep nothing")
    options = parser.parse_args()
    rows = table()
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    from measuring import write

    write("incident_traces", rows)


def _marks(text: str) -> str:
    """Codes, exceptions and services of *text*, as words."""
    found = extract(text)
    return " ".join((*found.services, *found.exceptions, *found.codes, *found.signals))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _records(path: Path) -> Iterator[AnyRecord]:
    yield from map(RECORD.validate_python, _rows(path))


if __name__ == "__main__":
    main()

"""What screening catches and what it lets be: a table by kind, for each half of the cases.

    python benchmarks/screening.py

The cases are tests/data/screening_cases.jsonl, all in words of our own. What was chosen was chosen
on dev. The texts that nobody labelled (shared/bench) are other people's and innocent as far as we
know; every one that is not accepted is counted.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from measuring import interleaved, p50, write

from lessonbase.formats.seed import seed_file
from lessonbase.guard.screening import Decision, screen, suspicious_batch
from lessonbase.records import RECORD, Lesson, Provenance, Record

CASES: Final = Path(__file__).parents[1] / "tests" / "data" / "screening_cases.jsonl"
TEXTS: Final = Path(__file__).parents[2] / "shared" / "bench"
HELD: Final = (Decision.QUARANTINE, Decision.REFUSE)
MOMENT: Final = "2026-01-01T00:00:00Z"


def record_of(case: dict[str, Any]) -> Record:
    """The record of a case; its title is its first text."""
    fields = dict(case["fields"])
    if case["record"] == "soul_entry":
        fields["agent"] = "kestrel"
    title = fields.get("situation") or fields["statement"][:200]
    made = {"id": case["id"], "kind": case["record"], "title": title}
    return RECORD.validate_python({**made, "created_at": MOMENT, "updated_at": MOMENT, **fields})


def quality(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Share that is judged rightly, by half and kind, and of all attacks and innocents."""
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for case in cases:
        held = screen(record_of(case)).decision in HELD
        for name in (case["kind"], f"all {case['label']}s"):
            total[case["split"], name] += 1
            right[case["split"], name] += held == (case["label"] == "attack")
    return [
        {"split": split, "kind": kind, "cases": total[split, kind], "right": right[split, kind],
         "share": round(right[split, kind] / total[split, kind], 3)}
        for split, kind in sorted(total)
    ]  # fmt: skip


def unlabelled(folder: Path) -> list[dict[str, Any]]:
    """Texts by others that are not accepted, by set."""
    sets = {path.parent.name: _rows(path) for path in sorted(folder.glob("*/corpus.jsonl"))}
    sets.pop("cosqa", None)
    for name in ("wild.jsonl", "commits_100k.jsonl.gz"):
        if (path := folder / "scale" / name).exists():
            sets[name] = _rows(path)
    rows = []
    for name, texts in sets.items():
        lessons = [_lesson(number, row) for number, row in enumerate(texts)]
        decisions = Counter(screen(lesson).decision.value for lesson in lessons)
        rows.append({"set": name, "texts": len(lessons), **decisions})
    return rows


def _rows(path: Path, most: int = 10_000) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    yield from map(json.loads, text.splitlines()[:most])


def _lesson(number: int, row: dict[str, Any]) -> Lesson:
    text = row["text"][:60_000] or row["title"]
    fields = {"title": row["title"][:300] or "Untitled", "situation": "At work.", "advice": text}
    moments = {"created_at": MOMENT, "updated_at": MOMENT}
    return Lesson.model_validate({"id": f"t{number}", **fields, **moments})


def speed(records: Iterable[Record]) -> dict[str, float]:
    """Milliseconds of one record of about 1 KB, and how many are not accepted."""
    kept = list(records)
    near = [one for one in kept if 900 <= len(one.model_dump_json()) <= 1_200]
    times = interleaved({"one": lambda turn: screen(near[turn % len(near)])}, repeats=1_000)
    held = sum(screen(one).decision is not Decision.ACCEPT for one in kept)
    return {
        "one_record_p50_ms": round(p50(times["one"]), 3),
        "seed_not_accepted": held,
    }


def together(folder: Path) -> dict[str, Any]:
    """10,000 commit messages as records of a file, of nobody and of one agent: time and flags."""
    path = folder / "scale" / "commits_100k.jsonl.gz"
    if not path.exists():
        return {}
    lessons = [_lesson(number, row) for number, row in enumerate(_rows(path))]
    found: dict[str, Any] = {"records": len(lessons)}
    for name, source in (
        ("a file", Provenance(file="log")),
        ("nobody", Provenance()),
        ("one agent", Provenance(agent="scout")),
    ):
        brought = [one.model_copy(update={"provenance": source}) for one in lessons]
        started = time.perf_counter()
        flagged = suspicious_batch(brought)
        found[name] = {"s": round(time.perf_counter() - started, 2), "flagged": len(flagged)}
    return found


def main() -> None:
    """Measure the cases, the texts of others, and the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, default=TEXTS)
    options = parser.parse_args()
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    lines = seed_file().read_text(encoding="utf-8").splitlines()
    seed = [RECORD.validate_json(line) for line in lines]
    texts = options.texts
    more = {"unlabelled": unlabelled(texts), "together": together(texts), **speed(seed)}
    write("screening", quality(cases), **more)


if __name__ == "__main__":
    main()

"""The incident view: whether the right failure mode is first, and checks made are known as made.

    python benchmarks/incidents.py [--split dev|test]

`postmortems_cross`, both ways round: (a) the post-mortems are the failure modes, and an incident is
described as another author's line on it; (b) the lines are the failure modes, and the incident is
given as the post-mortem. Then the pairs of tests/data/incidents/checks.jsonl: what of the checks
that were made is known for it, and what is taken for it that is not (pairs made to look alike).
Thresholds were chosen on the dev halves.
"""

import argparse
import json
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from measuring import write
from texts import encoder

from lessonbase import open_base
from lessonbase.records import FailureMode, Frequency, Hit
from lessonbase.retrieval.checks import checks_of

ROOT: Final = Path(__file__).parents[1]
SET: Final = ROOT.parent / "shared" / "bench" / "postmortems_cross"
CHECKS: Final = ROOT / "tests" / "data" / "incidents" / "checks.jsonl"
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
BASE: Final[dict[str, Any]] = {"created_at": NOW, "updated_at": NOW}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def failure(name: str, title: str, text: str) -> FailureMode:
    return FailureMode(id=name, title=title[:300] or text[:100], symptom=text, **BASE)


def right_first(
    known: list[FailureMode], asked: list[tuple[str, str]], answers: dict[str, set[str]]
) -> dict[str, Any]:
    """How many of *asked* have an answer as first precedent; the reciprocal rank within ten."""
    first = shown = 0
    reciprocal = 0.0
    with (
        tempfile.TemporaryDirectory() as path,
        open_base(path, embedded=True, create=True, encoder=encoder()) as base,
    ):
        base.add_all(known)
        for name, text in asked:
            view = base.incident(text, 10)
            ids = [one.record.id for one in view.precedents]
            places = [place for place, one in enumerate(ids, 1) if one in answers[name]]
            first += places[:1] == [1]
            reciprocal += 1 / places[0] if places else 0.0
            shown += view.frequency is not Frequency.NEW
    return {
        "failure_modes": len(known),
        "incidents": len(asked),
        "right_first": round(first / len(asked), 3),
        "mrr_10": round(reciprocal / len(asked), 3),
        "answered": round(shown / len(asked), 3),
    }


def postmortems(split: str) -> dict[str, Any]:
    corpus = {row["_id"]: row for row in lines(SET / "corpus.jsonl")}
    queries = {row["_id"]: row for row in lines(SET / "queries.jsonl")}
    pairs = [
        row.split("\t")[:2] for row in (SET / "qrels" / f"{split}.tsv").read_text().splitlines()[1:]
    ]
    of_line: dict[str, set[str]] = {}
    of_report: dict[str, set[str]] = {}
    for line, report in pairs:
        of_line.setdefault(line, set()).add(report)
        of_report.setdefault(report, set()).add(line)
    reports = [failure(one, row["title"], row["text"]) for one, row in corpus.items()]
    told = [failure(one, queries[one]["text"][:120], queries[one]["text"]) for one in of_line]
    return {
        "reports known, a line asked": right_first(
            reports, [(one, queries[one]["text"]) for one in of_line], of_line
        ),
        "lines known, a report asked": right_first(
            told,
            [(one, f"{corpus[one]['title']}\n{corpus[one]['text']}") for one in of_report],
            of_report,
        ),
    }


def checks(split: str) -> dict[str, int]:
    """Pairs by whether they are one check, and what is said of them."""
    model = encoder()
    table: Counter[str] = Counter()
    for row in lines(CHECKS):
        if row["half"] != split:
            continue
        record = FailureMode(id="f", title="F", symptom="S", checks=(row["check"],), **BASE)
        (check,) = checks_of(
            [Hit(record=record, relevance=1, score=1)],
            [row["done"]],
            lambda texts: model.encode_documents(texts).vectors,
        )
        table[f"{'made' if row['covered'] else 'not made'} → {check.covered}"] += 1
    return dict(sorted(table.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="test", choices=("dev", "test"))
    split = parser.parse_args().split
    rows = {"checks": checks(split)}
    if SET.exists():
        rows |= postmortems(split)
    if split == "test":
        write("incidents", rows)
    else:
        print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()

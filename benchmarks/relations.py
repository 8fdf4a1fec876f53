"""How well relations are told: a table of labels and judgments, for each half of the pairs.

    python benchmarks/relations.py

The pairs are tests/data/relation_pairs.jsonl (scripts/make_relation_pairs.py); their cosines are
computed anew with the shipped encoder. What was chosen was chosen on dev.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from measuring import interleaved, p50, write
from texts import encoder

from lessonbase.curation import reading
from lessonbase.curation.relations import compare

PAIRS: Final = Path(__file__).parents[1] / "tests" / "data" / "relation_pairs.jsonl"
NAMES: Final = {"duplicate_of": "duplicate"}


def judged(pairs: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """Every pair with the name of its judgment; cosines as given in it."""
    made = []
    for pair in pairs:
        relation = compare(pair["new"], pair["old"], pair["cosine"]).relation
        made.append((pair, NAMES.get(relation, str(relation)) if relation else "new"))
    return made


def figures(rows: list[tuple[dict[str, Any], str]]) -> dict[str, Any]:
    """Counts by label and judgment, and the shares that are promised."""
    table = Counter((pair["label"], found) for pair, found in rows)
    labels = Counter(pair["label"] for pair, _ in rows)
    founds = Counter(found for _, found in rows)
    ways = Counter(
        (pair["label"], pair["how"].split(":")[0].split(" of ")[0], found) for pair, found in rows
    )
    same = table["duplicate", "duplicate"]
    return {
        "pairs": len(rows),
        "duplicate_recall": round(same / labels["duplicate"], 3),
        "duplicate_precision": round(same / max(1, founds["duplicate"]), 3),
        "contradicts_recall": round(table["contradicts", "contradicts"] / labels["contradicts"], 3),
        "contradicts_precision": round(
            table["contradicts", "contradicts"] / max(1, founds["contradicts"]), 3
        ),
        "contradictions_called_duplicate": table["contradicts", "duplicate"],
        "new_called_duplicate": table["new", "duplicate"],
        "new_called_contradicts": round(table["new", "contradicts"] / labels["new"], 3),
        "table": {f"{label} → {found}": count for (label, found), count in sorted(table.items())},
        "by_way": {" | ".join(key): count for key, count in sorted(ways.items())},
    }


def main() -> None:
    """Judge all pairs, and time it with nothing remembered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print every pair judged otherwise")
    options = parser.parse_args()
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    model = encoder()
    news, olds = (
        model.encode_documents([pair[side] for pair in pairs]).vectors for side in ("new", "old")
    )
    for pair, cosine in zip(pairs, (news * olds).sum(axis=1), strict=True):
        pair["cosine"] = float(cosine)
    rows = judged(pairs)
    if options.show:
        for pair, found in rows:
            if found != pair["label"]:
                print(found, json.dumps(pair, ensure_ascii=False))

    def cold(turn: int) -> object:
        reading.forget()
        return compare(pairs[turn]["new"], pairs[turn]["old"], pairs[turn]["cosine"])

    times = interleaved({"compare": cold}, repeats=len(pairs) - 5)["compare"]
    halves = {
        half: figures([row for row in rows if half in (row[0]["split"], "all")])
        for half in ("dev", "test", "all")
    }
    by_hand = figures([row for row in rows if row[0]["how"] == "by hand"])
    write("relations", {**halves, "by hand": by_hand}, compare_p50_ms=round(p50(times), 3))


if __name__ == "__main__":
    main()

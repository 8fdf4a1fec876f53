"""Print the tables of data/README.md: the seed by kind, topic and source. No arguments."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent

# Short heads, so that the tables fit a page.
HEADS: Final = {
    "lesson": "lesson",
    "failure_mode": "failure",
    "soul_entry": "soul",
    "coordination_pattern": "coord.",
    "heuristic": "heur.",
    "observation": "observ.",
}


def read(name: str) -> list[dict[str, Any]]:
    """The objects of a JSONL file beside this one."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def tables(records: Iterable[Mapping[str, Any]]) -> str:
    """Two Markdown tables: topic by kind, and source type by kind."""
    records = list(records)
    topics = Counter((tag, record["kind"]) for record in records for tag in record["tags"])
    sources = Counter((record["provenance"]["source"], record["kind"]) for record in records)
    kinds = Counter(("all records", record["kind"]) for record in records)
    by_topic = _table("topic", topics, "A record with two topics counts in both rows.")
    return "\n\n".join((_table("source", sources + kinds, ""), by_topic))


def _table(head: str, counts: Counter[tuple[str, str]], note: str) -> str:
    """Rows by name, columns by kind, the sum at the end."""
    rows = sorted({name for name, _ in counts})
    lines = [
        f"| {head} | {' | '.join(HEADS.values())} | sum |",
        f"|---|{'--:|' * (len(HEADS) + 1)}",
    ]
    for name in rows:
        cells = [counts[name, kind] for kind in HEADS]
        shown = " | ".join(str(cell) if cell else "" for cell in cells)
        lines.append(f"| {name} | {shown} | {sum(cells)} |")
    return "\n".join(lines + (["", note] if note else []))


if __name__ == "__main__":
    print(tables(read("seed_lessons.jsonl")))

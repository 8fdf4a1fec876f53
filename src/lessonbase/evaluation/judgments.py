"""Reads a BEIR folder: a corpus, queries, and which documents answer which query.

`corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`), `qrels/SPLIT.tsv` (query,
document, grade, under a heading). Format: Thakur et al., BEIR, NeurIPS 2021.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lessonbase.errors import InvalidInput
from lessonbase.evaluation.lines import objects
from lessonbase.records import Document, Record

# Documents carry no dates; any will do.
_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HINT: Final = "give a BEIR folder"


@dataclass(frozen=True, slots=True)
class Judged:
    """A set: what a base is to hold, what it is asked, and the grade of each record that answers.

    Attributes:
        name: By which it is told from other sets.
        documents: Records of any kind.
        queries: Query id → text.
        grades: Query id → record id → grade; what is not graded, or has grade 0, does not help.
        unanswerable: Questions that none of the documents answers, by id.
    """

    name: str
    documents: Sequence[Record]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]
    unanswerable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a set, without its documents."""

    name: str
    queries: Mapping[str, str]


def read(folder: Path, split: str) -> Judged:
    """Read one split of a folder; queries without a judgment are left out.

    Raises:
        InvalidInput: If a file is missing, a line of it is not as it should be, or nothing is
            judged.
    """
    grades = _grades(folder, split)
    documents = tuple(
        Document(
            id=str(row["_id"]),
            title=str(row.get("title") or ""),
            text=str(row.get("text") or ""),
            created_at=_DAY,
            updated_at=_DAY,
        )
        for row in _rows(folder / "corpus.jsonl", "_id")
    )
    return Judged(name_of(folder), documents, _queries(folder, grades), grades)


def questions(folder: Path, split: str) -> Questions:
    """The judged questions of one split of a folder; its corpus is not looked at.

    Raises:
        InvalidInput: As `read`.
    """
    return Questions(name_of(folder), _queries(folder, _grades(folder, split)))


def name_of(path: Path) -> str:
    """Name of the set that *path* holds: that of the folder, or of the file without its ending."""
    whole = path.resolve()
    return whole.name if whole.is_dir() else whole.stem


def _grades(folder: Path, split: str) -> dict[str, dict[str, int]]:
    path = folder / "qrels" / f"{split}.tsv"
    grades: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(rows, None)
            try:
                for query, document, grade in rows:
                    grades.setdefault(query, {})[document] = int(grade)
            except ValueError as error:
                raise InvalidInput(
                    f"{path}:{rows.line_num}: not query, document and grade",
                    hint="separate them by tabs",
                ) from error
    except OSError as error:
        raise InvalidInput(
            f"{path}: {error.strerror}", hint="give a BEIR folder and one of its splits"
        ) from error
    if not grades:
        raise InvalidInput(f"{path}: nothing is judged", hint="choose another --split")
    return grades


def _queries(folder: Path, grades: Mapping[str, object]) -> dict[str, str]:
    rows = _rows(folder / "queries.jsonl", "_id", "text")
    return {str(row["_id"]): str(row["text"]) for row in rows if str(row["_id"]) in grades}


def _rows(path: Path, *fields: str) -> Iterator[Mapping[str, Any]]:
    for number, row in objects(path, hint=_HINT):
        if absent := [name for name in fields if name not in row]:
            raise InvalidInput(f"{path}:{number}: no {absent[0]}", hint="see the BEIR format")
        yield row

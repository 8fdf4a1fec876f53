"""Reads a BEIR folder: a corpus, queries, and which documents answer which query.

`corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`), `qrels/SPLIT.tsv` (query,
document, grade, under a heading). Format: Thakur et al., BEIR, NeurIPS 2021.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lessonbase.errors import InvalidInput
from lessonbase.records import Document

# Documents carry no dates; any will do.
_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """A set: its documents, its queries, and the grade of each document that answers one."""

    name: str
    documents: tuple[Document, ...]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]


def read(folder: Path, split: str) -> Judged:
    """Read one split of a folder; queries without a judgment are left out.

    Raises:
        InvalidInput: If a file is missing or a line of it is not as it should be.
    """
    grades: dict[str, dict[str, int]] = {}
    path = folder / "qrels" / f"{split}.tsv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(rows, None)
            for query, document, grade in rows:
                grades.setdefault(query, {})[document] = int(grade)
    except OSError as error:
        raise InvalidInput(
            f"{path}: {error.strerror}", hint="give a BEIR folder and one of its splits"
        ) from error
    except ValueError as error:
        raise InvalidInput(
            f"{path}: a line is not query, document and grade", hint="separate them by tabs"
        ) from error
    documents = tuple(
        Document(
            id=str(row["_id"]),
            title=str(row.get("title") or ""),
            text=str(row.get("text") or ""),
            created_at=_DAY,
            updated_at=_DAY,
        )
        for row in _rows(folder / "corpus.jsonl")
    )
    queries = {
        str(row["_id"]): str(row["text"])
        for row in _rows(folder / "queries.jsonl")
        if str(row["_id"]) in grades
    }
    return Judged(folder.resolve().name, documents, queries, grades)


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    if "_id" not in row:
                        raise InvalidInput(f"{path}:{number}: no _id", hint="see the BEIR format")
                    yield row
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", hint="give a BEIR folder") from error
    except ValueError as error:
        raise InvalidInput(f"{path}:{number}: not JSON: {error}", hint="mend the line") from error

"""Reads a set made of LessonBase's own files: records as `export` writes them, and questions.

A line of questions: ``{"id": …, "text": …, "style": …, "relevant": {RECORD_ID: GRADE}}``, the style
optional. An empty map says that no record answers, and recall should say so too.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from lessonbase.errors import InvalidInput
from lessonbase.evaluation.judgments import Judged, name_of
from lessonbase.evaluation.lines import objects
from lessonbase.formats import jsonl
from lessonbase.records import Record

_HINT: Final = "data/README.md has the format of questions"


class _Question(BaseModel):
    """A line of the questions."""

    model_config = ConfigDict(strict=True, extra="forbid")

    id: str = Field(min_length=1)
    text: str = Field(pattern=r"\S")
    style: str = ""
    relevant: dict[str, PositiveInt]


def read(records: Path, queries: Path) -> Judged:
    """The set of these *records* and *queries*; it is named after the file of records.

    Raises:
        InvalidInput: If a file is missing, a line of it is not as it should be, a question is for
            a record that is not there, or no question has an answer.
    """
    documents = _records(records)
    known = {record.id for record in documents}
    texts: dict[str, str] = {}
    grades: dict[str, dict[str, int]] = {}
    for number, row in objects(queries, hint="give the file of questions"):
        where = f"{queries}:{number}"
        question = _question(row, where, known)
        if question.id in texts:
            raise InvalidInput(
                f"{where}: id {question.id!r} was used before", hint="give each question its own"
            )
        texts[question.id] = question.text
        if question.relevant:
            grades[question.id] = question.relevant
    if not grades:
        raise InvalidInput(f"{queries}: no question has an answer", hint=_HINT)
    unanswerable = {name: text for name, text in texts.items() if name not in grades}
    answerable = {name: texts[name] for name in grades}
    return Judged(name_of(records), documents, answerable, grades, unanswerable)


def _records(path: Path) -> tuple[Record, ...]:
    parsed = jsonl.read(path)
    if parsed.bad:
        first = parsed.bad[0]
        raise InvalidInput(
            f"{path}:{first.line}: {first.reason}", hint="`lessonbase export` writes such a file"
        )
    return parsed.records


def _question(row: object, where: str, known: Collection[str]) -> _Question:
    try:
        question = _Question.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidInput(f"{where}: {field}: {first['msg']}", hint=_HINT) from error
    if unknown := [name for name in question.relevant if name not in known]:
        raise InvalidInput(
            f"{where}: relevant names {unknown[0]!r}, which is not among the records",
            hint="correct the id, or take it out",
        )
    return question

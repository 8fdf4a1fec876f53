"""Reading a set of exported records and questions about them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lessonbase.errors import InvalidInput
from lessonbase.evaluation.exported import read
from lessonbase.formats.jsonl import line_of
from lessonbase.records import Lesson

Make = Callable[..., Lesson]
ANSWERED = {"id": "q1", "text": "a busy table", "style": "terse", "relevant": {"a": 2, "b": 1}}
UNANSWERABLE = {"id": "q2", "text": "green tea", "relevant": {}}


@pytest.fixture
def records(tmp_path: Path, lesson: Make) -> Path:
    """Three records, as `export` writes them."""
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(f"{line_of(lesson(name))}\n" for name in "abc"), encoding="utf-8")
    return path


def asked(records: Path, *rows: Any) -> Path:
    """A file of questions beside *records*; what is not text becomes JSON."""
    path = records.with_name("questions.jsonl")
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_records_and_questions_make_a_set(records: Path) -> None:
    """Named after the records; an empty map makes a question unanswerable, and takes no grade."""
    judged = read(records, asked(records, ANSWERED, "", UNANSWERABLE))

    assert judged.name == "mine"
    assert [record.id for record in judged.documents] == ["a", "b", "c"]
    assert judged.queries == {"q1": "a busy table"}
    assert judged.grades == {"q1": {"a": 2, "b": 1}}
    assert judged.unanswerable == {"q2": "green tea"}


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("{", "questions.jsonl:2: not JSON: "),
        ([1], "questions.jsonl:2: not a JSON object"),
        ({**ANSWERED, "id": ""}, "questions.jsonl:2: id: "),
        ({**ANSWERED, "text": " "}, "questions.jsonl:2: text: "),
        ({"id": "q", "text": "t"}, "questions.jsonl:2: relevant: Field required"),
        ({**ANSWERED, "relevnt": {}}, "questions.jsonl:2: relevnt: "),
        ({**ANSWERED, "relevant": ["a"]}, "questions.jsonl:2: relevant: "),
        ({**ANSWERED, "relevant": {"a": 0}}, "questions.jsonl:2: relevant.a: .* greater than 0"),
        ({**ANSWERED, "relevant": {"a": "2"}}, "questions.jsonl:2: relevant.a: "),
        ({**ANSWERED, "relevant": {"x": 1}}, "questions.jsonl:2: relevant names 'x', which is not"),
        (UNANSWERABLE, "questions.jsonl:2: id 'q2' was used before"),
    ],
)
def test_a_bad_question_is_named_with_its_line(records: Path, row: object, error: str) -> None:
    """And what is wrong with it."""
    with pytest.raises(InvalidInput, match=error) as raised:
        read(records, asked(records, UNANSWERABLE, row, ANSWERED))

    assert raised.value.hint


def test_questions_without_any_answer_are_no_measure(records: Path) -> None:
    """There is nothing to rank."""
    with pytest.raises(InvalidInput, match=r"questions.jsonl: no question has an answer"):
        read(records, asked(records, UNANSWERABLE))


def test_a_bad_record_is_named_with_its_line(records: Path) -> None:
    """A base with a part of the records would be another base."""
    records.write_text(f'{records.read_text("utf-8")}{{"kind": "rumour"}}\n', encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"mine.jsonl:4: kind 'rumour' is not one of lesson"):
        read(records, asked(records, ANSWERED))


def test_a_missing_file_is_named(records: Path) -> None:
    """Either of them."""
    with pytest.raises(InvalidInput, match=r"nowhere.jsonl: No such file"):
        read(records, records.with_name("nowhere.jsonl"))
    with pytest.raises(InvalidInput, match=r"nowhere.jsonl: No such file"):
        read(records.with_name("nowhere.jsonl"), asked(records, ANSWERED))

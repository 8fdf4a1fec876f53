"""Reading BEIR folders, and saying where one is not as it should be."""

import json
from pathlib import Path

import pytest

from lessonbase.errors import InvalidInput
from lessonbase.evaluation.judgments import name_of, questions, read

CORPUS = '{"_id": "d1", "title": "Tea", "text": "Warm the pot."}\n\n{"_id": 2}\n'
QUERIES = '{"_id": "q1", "text": "tea"}\n{"_id": "q2", "text": "unjudged"}\n'
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\t2\t0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two documents and one judged query."""
    path = tmp_path / "teas.v1"
    (path / "qrels").mkdir(parents=True)
    (path / "corpus.jsonl").write_text(CORPUS, encoding="utf-8")
    (path / "queries.jsonl").write_text(QUERIES, encoding="utf-8")
    (path / "qrels" / "test.tsv").write_text(QRELS, encoding="utf-8")
    return path


def test_a_folder_is_read(folder: Path) -> None:
    """Ids become text, what is left out is empty, queries without a judgment go."""
    judged = read(folder, "test")

    assert [(one.id, one.title, one.text) for one in judged.documents] == [
        ("d1", "Tea", "Warm the pot."),
        ("2", "", ""),
    ]
    assert judged.name == "teas.v1"
    assert judged.queries == {"q1": "tea"}
    assert judged.grades == {"q1": {"d1": 2, "2": 0}}
    assert judged.unanswerable == {}


def test_questions_alone_need_no_corpus(folder: Path) -> None:
    """Foreign questions are read without the documents that answer them."""
    (folder / "corpus.jsonl").unlink()

    asked = questions(folder, "test")
    assert (asked.name, asked.queries) == ("teas.v1", {"q1": "tea"})


def test_a_file_is_named_without_its_ending(tmp_path: Path) -> None:
    """A folder keeps the whole of its name."""
    (tmp_path / "teas.v1").mkdir()

    assert name_of(tmp_path / "teas.v1") == "teas.v1"
    assert name_of(tmp_path / "teas.jsonl") == "teas"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("qrels/test.tsv", "heading\nq1\td1\t1\nq1 d1 1\n", r"test\.tsv:3: not query, document an"),
        ("qrels/test.tsv", "heading\nq1\td1\tgood\n", r"test\.tsv:2: not query, document and grad"),
        ("qrels/test.tsv", "heading\n", r"test\.tsv: nothing is judged"),
        ("qrels/test.tsv", None, r"test\.tsv: No such file"),
        ("corpus.jsonl", None, r"corpus\.jsonl: No such file"),
        ("corpus.jsonl", CORPUS + "{", r"corpus\.jsonl:4: not JSON: "),
        ("corpus.jsonl", "[1]\n", r"corpus\.jsonl:1: not a JSON object"),
        ("corpus.jsonl", '{"title": "Tea"}\n', r"corpus\.jsonl:1: no _id"),
        ("queries.jsonl", '{"_id": "q1"}\n', r"queries\.jsonl:1: no text"),
        ("queries.jsonl", QUERIES + json.dumps("ü"), r"queries\.jsonl:3: not a JSON object"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    folder: Path, name: str, content: str | None, error: str
) -> None:
    """File and, where there is one, line."""
    path = folder / name
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(InvalidInput, match=error):
        read(folder, "test")


def test_a_line_that_is_not_utf_8_is_named(folder: Path) -> None:
    """The first one as well."""
    (folder / "corpus.jsonl").write_bytes(b'{"_id": "\xff"}\n')

    with pytest.raises(InvalidInput, match=r"corpus\.jsonl:1: not JSON: "):
        read(folder, "test")

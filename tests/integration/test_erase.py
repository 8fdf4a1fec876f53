"""What was erased is nowhere: not in a file, not in a table, not in an index, not in an answer."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessonbase.base import LessonBase
from lessonbase.errors import RecordNotFound
from lessonbase.records import (
    Event,
    Filters,
    Outcome,
    OutcomeKind,
    Status,
    window_hash,
    windows,
)
from support import base_at

# A plain word, one that JSON and UTF-16 spell otherwise, and one that is kept as an exact mark.
WORDS = ("quuxolith", "zürcherkäse", "CVE-2031-77777")
ALL = " ".join(WORDS)
OTHERS = 30
EVERY_STATUS = Filters(statuses=tuple(Status))


def spellings(word: str) -> set[bytes]:
    """How *word* may stand in a file, in lower case."""
    escaped = json.dumps(word)[1:-1]
    forms = {form for text in (word, escaped) for form in (text, text.casefold(), text.lower())}
    codecs = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
    return {form.encode(codec).lower() for form in forms for codec in codecs}


def files_with(path: Path, word: str) -> list[str]:
    """Files below *path* that hold *word* in any spelling."""
    wanted = spellings(word)
    return [
        str(file.relative_to(path))
        for file in sorted(path.rglob("*"))
        if file.is_file() and any(form in file.read_bytes().lower() for form in wanted)
    ]


def plant(base: LessonBase) -> list[str]:
    """Put the words wherever a record, its past, and talk about it can hold them.

    Returns the hashes of the windows that the record had, old and new.
    """
    base.add_all(
        [
            {
                "id": f"other-{n}",
                "kind": "lesson",
                "title": f"Topic {n}",
                "situation": f"subject{n}",
                "advice": f"do{n}",
                "tags": ["common"],
            }
            for n in range(OTHERS)
        ]
    )
    first = base.add(
        {
            "id": "secret",
            "kind": "failure_mode",
            "title": f"About {ALL}",
            "symptom": f"seen {ALL}",
            "recovery": f"advice {ALL}",
            "cause": f"older version {ALL}",
            "checks": [f"checked {ALL}"],
            "tags": [*WORDS],
            "services": [*WORDS],
            "provenance": {"author": ALL, "title": ALL},
            "extra": {ALL: [ALL]},
        }
    )
    second = base.edit("secret", {"cause": f"newer version, still {ALL}"})
    base.outcome(Outcome(record_id="secret", outcome=OutcomeKind.HELPED, note=f"note {ALL}"))
    returned = base.recall(f"what about {ALL}")
    assert [hit.record.id for hit in returned.hits] == ["secret"]
    nearest = base.recall(
        "how do I prune roses near the old quuxolith fence in early spring before the frost"
    )
    assert nearest.reason.nearest is not None
    assert nearest.reason.nearest.id == "secret"
    base.retire("secret", note=f"retired over {ALL}")
    base.edit("secret", {"status": "active"})
    return [window_hash(text) for record in (first, second) for text in windows(record)]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A base with the words in it, open."""
    path = tmp_path_factory.mktemp("planted") / "b"
    with base_at(path) as base:
        plant(base)
        yield path


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LessonBase, Path]]:
    """A base whose record has been erased, still open."""
    path = tmp_path_factory.mktemp("erased") / "b"
    with base_at(path) as base:
        plant(base)
        base.erase("secret")
        assert base.refilled(timeout_s=30)
        yield base, path


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The same base closed, and the hashes of the windows that were erased."""
    path = tmp_path_factory.mktemp("closed") / "b"
    with base_at(path) as base:
        hashes = plant(base)
        base.erase("secret")
        assert base.refilled(timeout_s=30)
    return path, hashes


@pytest.mark.parametrize("word", WORDS)
def test_before_it_is_erased_the_word_is_there(planted: Path, word: str) -> None:
    """The search of these tests finds a word in both databases if it is there."""
    with_it = files_with(planted, word)

    assert any(name.startswith("ledger.sqlite3") for name in with_it)
    assert any(name.startswith("chroma/") for name in with_it)


@pytest.mark.parametrize("word", WORDS)
def test_no_file_of_an_open_base_holds_it(erased: tuple[LessonBase, Path], word: str) -> None:
    """Free pages, the write-ahead log and Chroma's queue included, while the base goes on."""
    assert files_with(erased[1], word) == []


@pytest.mark.parametrize("word", WORDS)
def test_no_file_of_a_closed_base_holds_it(closed: tuple[Path, list[str]], word: str) -> None:
    """The manifest and what closing writes included."""
    assert files_with(closed[0], word) == []


@pytest.mark.parametrize("word", WORDS)
def test_no_table_holds_it(closed: tuple[Path, list[str]], word: str) -> None:
    """Every cell of every table of both databases, Chroma's queue and full-text tables included."""
    wanted = spellings(word)
    tables = set()
    for file in closed[0].rglob("*.sqlite3"):
        for table, cell in cells(file):
            tables.add(table)
            assert not any(form in cell for form in wanted), (file.name, table)

    assert {"events", "records", "labels", "embeddings_queue", "embedding_metadata"} <= tables
    assert any(table.startswith("embedding_fulltext_search") for table in tables)


def cells(file: Path) -> Iterator[tuple[str, bytes]]:
    """Table and lower-cased bytes of every cell in a database."""
    db = sqlite3.connect(file)
    try:
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in names:
            for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                for cell in row:
                    yield table, (cell if isinstance(cell, bytes) else str(cell).encode()).lower()
    finally:
        db.close()


def test_no_vector_of_it_is_kept(closed: tuple[Path, list[str]]) -> None:
    """Neither the last version's windows nor an older one's have a row."""
    path, hashes = closed
    db = sqlite3.connect(path / "ledger.sqlite3")
    try:
        marks = ", ".join("?" * len(hashes))
        kept = db.execute(f"SELECT count(*) FROM vectors WHERE hash IN ({marks})", hashes)  # noqa: S608
        in_use = db.execute("SELECT count(*) FROM windows WHERE record_id = 'secret'")
        total = db.execute("SELECT count(*) FROM vectors")
        counts = [cursor.fetchone()[0] for cursor in (kept, in_use, total)]
    finally:
        db.close()

    assert counts == [0, 0, OTHERS]


def test_its_history_has_no_text(erased: tuple[LessonBase, Path]) -> None:
    """What happened stays, in order; what was said is gone, and recalls keep no task."""
    base, _ = erased
    history = base.history("secret")

    assert [event.action for event in history] == [
        "add",
        "edit",
        "outcome",
        "retire",
        "edit",
        "erase",
    ]
    assert all((event.before, event.after, event.detail) == (None, None, {}) for event in history)
    recalls: list[Event] = base._parts.ledger.latest("default", ["recall"])  # type: ignore[attr-defined]
    assert [event.detail["task"] for event in recalls] == [None, None]
    assert recalls[1].detail["hits"][0][0] == "secret"  # type: ignore[index]


def test_chroma_itself_does_not_return_it(erased: tuple[LessonBase, Path]) -> None:
    """Documents, metadata and vectors, read through Chroma's own API, are those of the others."""
    base, _ = erased
    space: Any = base._parts.indexes._spaces["default"]  # type: ignore[attr-defined]
    held = space.chroma._chroma._collection.get(include=["documents", "metadatas", "embeddings"])

    assert sorted(held["ids"]) == sorted(f"other-{n}#0" for n in range(OTHERS))
    text = json.dumps([held["documents"], held["metadatas"]], ensure_ascii=False).lower()
    assert not any(word.lower() in text for word in WORDS)
    gone = base._parts.encoder.encode_query(f"About {ALL}\nseen {ALL}").vector
    assert float(np.max(np.asarray(held["embeddings"]) @ gone)) < 0.5


def test_no_answer_has_it(erased: tuple[LessonBase, Path]) -> None:
    """Not by words, by meaning, by its exact mark, by status or tag, nor by id."""
    base, _ = erased

    for query in (*WORDS, ALL):
        found = base.search(query, 100, filters=EVERY_STATUS).results
        assert "secret" not in {hit.record.id for hit in found}
        assert base._parts.indexes.words("default", query, 100) == []
    assert base.search("x", 5, filters=Filters(tags=("quuxolith",))).results == ()
    with pytest.raises(RecordNotFound, match="secret"):
        base.get("secret")
    assert "secret" not in {record.id for record in base.export()}


def test_the_others_are_still_found(erased: tuple[LessonBase, Path]) -> None:
    """The refill is complete, and doctor finds nothing amiss."""
    base, _ = erased

    for n in range(OTHERS):
        assert base.search(f"subject{n} do{n}", 1).results[0].record.id == f"other-{n}"
    assert base.stats().records == OTHERS
    assert not base.recall("subject1 do1").degraded
    assert base.doctor().problems == ()


def test_no_memory_of_the_process_gets_into_a_file(tmp_path: Path) -> None:
    """Chroma writes a graph with room to spare, and not with what was in memory there."""
    code = (
        "import sys, pathlib; from support import base_at\n"
        "with base_at(pathlib.Path(sys.argv[1])) as base:\n"
        "    base.add({'id': 'a', 'kind': 'heuristic', 'title': 'T', 'rule': 'R'})\n"
        "    base.erase('a')\n"
        "    base.add({'id': 'b', 'kind': 'heuristic', 'title': 'T', 'rule': 'R'})\n"
        "    assert base.refilled(timeout_s=30)\n"
    )
    # glibc fills what it allocates with the complement of this byte, and what is freed with it.
    filled = {"MALLOC_PERTURB_": "165", "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "b")],
        env={**os.environ, **filled},
        check=True,
        timeout=120,
    )

    files = sorted((tmp_path / "b" / "chroma").rglob("*.bin"))
    assert [file.name for file in files] == [
        "data_level0.bin",
        "header.bin",
        "length.bin",
        "link_lists.bin",
    ]
    for file in files:
        assert not {b"\x5a" * 4, b"\xa5" * 4} & set(pieces(file.read_bytes(), 4)), file.name


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def test_an_erased_id_can_be_used_again(closed: tuple[Path, list[str]]) -> None:
    """Erasing leaves no claim on the id, and the base reopens without a refill."""
    with base_at(closed[0]) as base:
        assert not base.recall("subject1 do1").degraded
        made = base.add({"id": "secret", "kind": "heuristic", "title": "Tea", "rule": "Warm it."})
        assert made.version == 1
        assert base.search("warm tea", 1).results[0].record.id == "secret"

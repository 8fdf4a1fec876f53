"""What an analyst reads, step by step."""

import numpy as np
import pytest

from api_support import serving
from lessonbase.api.gate import Limits
from lessonbase.base import LessonBase, studied
from support import DAY

TEXTS = ("lock the table", "send one digest", "ask before deleting")


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studied, "_STEP", 2)


def test_all_vectors_come_in_steps(base: LessonBase) -> None:
    """None is left out or told twice where a step ends."""
    for n, rule in enumerate(TEXTS):
        base.add({"id": f"r{n}", "kind": "heuristic", "title": rule, "rule": rule})

    batches = list(base.vectors())

    assert [batch.ids for batch in batches] == [("r0", "r1"), ("r2",)]
    assert [batch.vectors.shape for batch in batches] == [(2, 384), (1, 384)]


def test_a_record_of_many_windows_has_one_vector(base: LessonBase) -> None:
    """The mean of its windows, of unit length."""
    text = " ".join(f"word{n}" for n in range(900))
    base.add({"id": "long", "kind": "lesson", "title": "T", "situation": text, "advice": text})
    base.add({"id": "short", "kind": "heuristic", "title": "T", "rule": "R"})

    (batch,) = base.vectors()

    windows = next(base._parts.ledger.matrix("default", base._key, ids=["long"])).vectors
    mean = windows.mean(axis=0)
    assert len(windows) > 2
    assert batch.ids == ("long", "short")
    assert batch.vectors[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


def test_an_empty_base_has_no_vectors_and_no_recalls(base: LessonBase) -> None:
    """Nothing is an answer, not an error."""
    assert (list(base.vectors()), list(base.recalls())) == ([], [])


def test_all_recalls_come_in_steps(base: LessonBase) -> None:
    """Also when their number is that of whole steps."""
    for rule in (*TEXTS, "the fourth"):
        base.recall(rule)

    assert [one.task for one in base.recalls()] == ["the fourth", *reversed(TEXTS)]
    assert [one.task for one in base.recalls(since=DAY.replace(year=2030))] == []


def test_a_time_without_a_zone_is_utc(base: LessonBase) -> None:
    """As everywhere."""
    base.recall(TEXTS[0])

    assert len(list(base.recalls(since=DAY.replace(tzinfo=None)))) == 1


def test_a_reader_that_stalls_holds_nobody_up(base: LessonBase) -> None:
    """Between two batches, others ask, write, and erase what is still to come."""
    for n, rule in enumerate(TEXTS):
        base.add({"id": f"r{n}", "kind": "heuristic", "title": rule, "rule": rule})
    base.recall(TEXTS[0])
    base.recall(TEXTS[1])
    vectors, recalls = base.vectors(), base.recalls()
    assert next(vectors).ids == ("r0", "r1")
    assert next(recalls).task == TEXTS[1]

    base.erase("r2")
    base.add({"id": "r9", "kind": "heuristic", "title": "new", "rule": "new"})
    assert base.recall("new").hits[0].record.id == "r9"

    assert [batch.ids for batch in vectors] == []
    assert [one.task for one in recalls] == [TEXTS[0]]


def test_an_owner_answers_while_a_client_reads_all(base: LessonBase) -> None:
    """The client has read one batch and nothing more; the owner has its turns for others."""
    for n in range(40):
        base.add({"id": f"r{n:02}", "kind": "heuristic", "title": f"T{n}", "rule": f"Rule {n}."})
    with serving(base, limits=Limits(asking=1, keeping=1)) as site:
        vectors = site.remote().vectors()
        first = next(vectors)

        added = site.remote().add({"kind": "heuristic", "title": "new", "rule": "new"})
        assert site.remote().recall("new").hits[0].record.id == added.id

        rest = [one for batch in vectors for one in batch.ids]
    assert sorted((*first.ids, *rest)) == sorted(record.id for record in base.export())[1:]

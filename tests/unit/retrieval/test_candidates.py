"""Candidates: which searches are made, and what the caller sees of what they find."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessonbase.base import LessonBase
from lessonbase.ports import Visible
from lessonbase.records import Filters, Status
from lessonbase.retrieval.candidates import (
    DEEP,
    ENOUGH,
    POOL,
    Found,
    Question,
    Searchers,
    View,
    gather,
)
from support import base_at

TASK = "adding a column to the orders table"
NOW = "2026-06-01T00:00:00.000000+00:00"
CROWD = POOL + ENOUGH


class Watched:
    """The real indexes of a base; notes which searches are made of them."""

    def __init__(self, indexes: Any) -> None:
        self._indexes = indexes
        self.calls: list[tuple[str, int]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        search = getattr(self._indexes, name)

        def noted(space: str, asked: Any, limit: int, *more: Any) -> Any:
            self.calls.append((name, limit))
            return search(space, asked, limit, *more)

        return noted


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """More records than a pool holds, all about the task and all Bo's; three that are not his."""
    texts = {"kind": "lesson", "advice": "set a lock timeout"}
    near = [
        {**texts, "id": f"r{n}", "title": f"T{n}", "situation": TASK, "visibility": "agent:bo"}
        for n in range(CROWD)
    ]
    far = [
        {**texts, "id": "far", "title": "Far", "situation": "a table of orders, somewhere"},
        {**texts, "id": "gone", "title": "Gone", "situation": "a table", "status": "retired"},
        {
            **texts,
            "id": "expired",
            "title": "Expired",
            "situation": "a table",
            "valid_until": "2026-05-31T23:59:59Z",
        },
    ]
    marked = {
        "id": "marked",
        "kind": "failure_mode",
        "title": "Quiet",
        "symptom": "ECONNRESET",
        "visibility": "agent:bo",
    }
    with base_at(tmp_path_factory.mktemp("crowd")) as base:
        base.add_all([*near, *far, marked])
        yield base


def asked(
    base: LessonBase,
    text: str = TASK,
    *,
    visible: Visible = None,
    filters: Filters | None = None,
    vectors: bool = True,
    words: bool = True,
    marks: tuple[str, ...] = (),
) -> tuple[Found, list[tuple[str, int]]]:
    """What is found, and the searches that were made for it."""
    watched = Watched(base._parts.indexes)
    encode = base._parts.encoder.encode_query if vectors else None
    view = View("default", visible, filters or Filters(), NOW)
    searchers = Searchers(base._parts.ledger, watched, use_words=words)  # type: ignore[arg-type]
    return gather(Question(text, marks, encode), view, searchers), sorted(watched.calls)


def ids(found: Found) -> set[str]:
    return {card.id for card in found.pool.cards}


def test_an_unfiltered_pool_is_enough(crowd: LessonBase) -> None:
    """Where the caller sees most, no index is asked for more than a pool."""
    found, calls = asked(crowd)

    assert {("nearest", POOL), ("words", POOL)} <= set(calls)
    assert ("words", DEEP) not in calls
    assert len(found.pool) >= POOL


def test_a_pool_full_of_what_is_hidden_is_looked_behind(crowd: LessonBase) -> None:
    """The one record that may be seen is found, though more than a pool of others are nearer."""
    found, calls = asked(crowd, visible=frozenset(["space"]))

    assert ids(found) == {"far"}
    assert not np.isnan(found.pool.cosines[0])
    assert found.pool.bm25[0] > 0
    assert calls == [
        ("nearest", POOL),
        ("nearest_among", POOL),
        ("words", POOL),
        ("words", DEEP),
    ]


def test_a_pool_that_is_not_full_hides_nothing(tmp_path: Path) -> None:
    """Few records in all need no second look, however few may be seen."""
    with base_at(tmp_path) as base:
        draft = {"kind": "heuristic", "title": "T", "rule": TASK}
        base.add_all([{**draft, "id": "a"}, {**draft, "id": "b", "visibility": "agent:bo"}])
        found, calls = asked(base, visible=frozenset(["space"]))

    assert ids(found) == {"a"}
    assert calls == [("nearest", POOL), ("words", POOL)]


def test_other_statuses_are_searched_exactly(crowd: LessonBase) -> None:
    """Chroma does not hold them."""
    found, calls = asked(crowd, filters=Filters(statuses=(Status.RETIRED,)))

    assert ids(found) == {"gone"}
    assert not np.isnan(found.pool.cosines[0])
    assert calls == [("nearest_among", POOL), ("words", DEEP)]


def test_a_stage_that_is_off_is_not_asked(crowd: LessonBase) -> None:
    """Words alone and vectors alone, for measuring."""
    assert asked(crowd, vectors=False)[1] == [("words", POOL)]
    assert asked(crowd, words=False)[1] == [("nearest", POOL)]


def test_what_has_expired_is_counted_and_left_out(crowd: LessonBase) -> None:
    """So that a briefing can say so."""
    found, _ = asked(crowd, "a table", visible=frozenset(["space"]))

    assert ids(found) == {"far"}
    assert found.expired == 1


def test_the_best_window_counts(tmp_path: Path) -> None:
    """A record of many windows is one candidate, by its nearest."""
    filler = " ".join(f"filler{n}" for n in range(300))
    with base_at(tmp_path) as base:
        base.add(
            {"id": "long", "kind": "heuristic", "title": "T", "rule": f"{filler} zebra crossing"}
        )
        pool = asked(base, "zebra crossing")[0].pool

    assert pool.windows.tolist() == [3]


def test_marks_find_what_neither_list_holds(crowd: LessonBase) -> None:
    """A record that bears the question's error code is a candidate whatever its text says."""
    found, _ = asked(crowd, TASK, marks=("econnreset",))

    assert {found.pool.cards[row].id: own for row, own in found.pool.marks.items()} == {
        "marked": ("econnreset",)
    }

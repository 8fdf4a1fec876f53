"""Packing: the most value within a budget, counted exactly as the block is."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.encoders.choose import make_encoder
from lessonbase.prompt import prompt_block
from lessonbase.records import STORED, Hit
from lessonbase.retrieval.packing import (
    BRIEF_SHARE,
    Form,
    block_tokens,
    pack,
    value,
    within_budget,
)
from support import DAY

RECORDS: tuple[dict[str, Any], ...] = (
    {"kind": "lesson", "situation": "A busy table.", "advice": "Set a timeout.", "avoid": "Haste."},
    {"kind": "failure_mode", "symptom": "ECONNRESET", "recovery": "Restart.", "checks": ["DNS"]},
    {"kind": "soul_entry", "agent": "quill", "aspect": "voice", "statement": "I write plainly."},
    {"kind": "coordination_pattern", "rule": "One owner.", "why": "Two write two truths."},
    {"kind": "heuristic", "rule": "Measure first.", "why": "Guesses are wrong.", "limits": "None."},
    {"kind": "observation", "observed": "It was slower.", "expected": "Faster, said the paper."},
    {"kind": "document", "text": "word " * 300},
)
FORMS: tuple[Form | None, ...] = (None, "brief", "full")
forms = st.sampled_from(["brief", "full"])


def hit(number: int, fields: dict[str, Any], **more: Any) -> Hit:
    given = {"id": f"r{number}", "title": f"<Title> {number}", "created_at": DAY, "updated_at": DAY}
    record = STORED.validate_python(given | fields)
    return Hit(record=record, relevance=0.9 - number / 20, score=1, window="word " * 90, **more)


@pytest.fixture(scope="module")
def count() -> Callable[[str], int]:
    """The shipped tokenizer's count."""
    return make_encoder("onnx:all-MiniLM-L6-v2").count_tokens


hits = st.lists(
    st.tuples(
        st.sampled_from(RECORDS),
        forms,
        st.sets(st.sampled_from(["r0", "r1", "r2", "elsewhere:x"]), max_size=3).map(tuple),
        st.lists(st.sampled_from(["f1", "f2"]), unique=True).map(tuple),
    ),
    max_size=6,
).map(
    lambda drawn: [
        hit(number, fields, form=form, contradicts=contradicts, folded=folded)
        for number, (fields, form, contradicts, folded) in enumerate(drawn)
    ]
)


@given(hits)
def test_a_block_costs_what_its_lines_cost(count: Callable[[str], int], found: list[Hit]) -> None:
    """The sum over lines is the count of the whole, whatever the forms."""
    assert block_tokens(found, count) == count(prompt_block(found))


@given(hits, st.integers(1, 900))
def test_a_budget_is_never_passed(
    count: Callable[[str], int], found: list[Hit], budget: int
) -> None:
    """What is shown fits, stays in its order, and is what was found but for its form."""
    shown, tokens = within_budget(found, budget, count)

    assert tokens == count(prompt_block(shown)) <= budget
    ids = [one.record.id for one in shown]
    assert ids == sorted(ids)
    by_id = {one.record.id: one for one in found}
    assert all(one.model_copy(update={"form": by_id[one.record.id].form}) in found for one in shown)


@given(hits)
def test_without_a_budget_all_is_shown(count: Callable[[str], int], found: list[Hit]) -> None:
    """Every hit, in full."""
    shown, tokens = within_budget(found, None, count)

    assert [(one.record.id, one.form) for one in shown] == [
        (one.record.id, "full") for one in found
    ]
    assert tokens == count(prompt_block(shown))


def test_a_tokenizer_that_dislikes_a_number() -> None:
    """Where a hit costs more at its new place than at its old one, less is shown instead."""
    found = [hit(number, RECORDS[4]) for number in range(3)]

    def odd(text: str) -> int:
        return len(text.split()) + 50 * text.count("1. heuristic")

    for budget in range(1, 250):
        shown, tokens = within_budget(found, budget, odd)
        assert tokens == block_tokens(shown, odd) <= budget


@st.composite
def offers(draw: st.DrawFn) -> tuple[list[float], list[dict[Form, int]], int]:
    """Relevances, what each hit costs in each form, and what the block costs besides."""
    relevances = draw(st.lists(st.floats(0, 1), max_size=5))
    cost = st.integers(1, 60)
    costs: list[dict[Form, int]] = [{"brief": draw(cost), "full": draw(cost)} for _ in relevances]
    return relevances, costs, draw(st.integers(0, 40))


def worth(relevances: Sequence[float], chosen: Sequence[Form | None]) -> int:
    return sum(value(place, relevances[place], form) for place, form in enumerate(chosen) if form)


@given(offers(), st.integers(1, 400), st.integers(0, 100))
def test_no_choice_is_better(
    offered: tuple[list[float], list[dict[Form, int]], int], budget: int, more: int
) -> None:
    """Of all ways to show the hits the best that fits; and a larger budget is never worse."""
    relevances, costs, fixed = offered

    def spent(chosen: Sequence[Form | None]) -> int:
        own = sum(costs[place][form] for place, form in enumerate(chosen) if form)
        return own + fixed if own else 0

    def cost(place: int, form: Form) -> int:
        return costs[place][form]

    chosen = pack(relevances, budget, cost=cost, fixed=fixed)

    ways = [way for way in product(FORMS, repeat=len(costs)) if spent(way) <= budget]
    assert spent(chosen) <= budget
    assert worth(relevances, chosen) == max(worth(relevances, way) for way in ways)
    assert chosen == pack(relevances, budget, cost=cost, fixed=fixed)
    richer = pack(relevances, budget + more, cost=cost, fixed=fixed)
    assert worth(relevances, richer) >= worth(relevances, chosen)


def test_the_value_of_a_place() -> None:
    """As nDCG discounts it, times relevance; brief keeps its share; nothing is worth nothing."""
    assert value(0, 1.0, "full") == 1_000
    assert value(0, 1.0, "brief") == BRIEF_SHARE * 1_000
    assert value(2, 0.8, "full") == 400
    assert value(99, 0.0, "brief") == 1


def test_breadth_before_depth() -> None:
    """A further hit in brief comes before the rest of the one above it, in full where room is."""

    def cost(_: int, form: Form) -> int:
        return 100 if form == "full" else 60

    assert pack([0.9, 0.8], 130, cost=cost, fixed=10) == ("brief", "brief")
    assert pack([0.9, 0.8], 170, cost=cost, fixed=10) == ("full", "brief")
    assert pack([0.9, 0.8], 210, cost=cost, fixed=10) == ("full", "full")
    assert pack([0.9, 0.2], 130, cost=cost, fixed=10) == ("full", None)
    assert pack([0.9, 0.8], 10, cost=cost, fixed=10) == (None, None)

"""The background of a base: what foreign questions get, measured, kept, and measured anew."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.errors import StoreError
from lessonbase.retrieval.background import (
    LEAST_RECORDS,
    PROBES,
    TYPICAL,
    Background,
    Backgrounds,
    level,
    scale_of,
)
from lessonbase.retrieval.pipeline import METHODS
from support import base_at

PIPES = [f"replace the valve of pipe {n}" for n in range(40)]


def pipes(base: Any, count: int, start: int = 0) -> None:
    base.add_all(
        {"id": f"p{n}", "kind": "heuristic", "title": f"Pipe {n}", "rule": PIPES[n]}
        for n in range(start, start + count)
    )


def kept(base: Any) -> Background | None:
    return base._parts.backgrounds.of("default")  # type: ignore[no-any-return]


def test_a_level_does_not_care_for_what_sticks_out() -> None:
    """A third of the probes may have an answer here."""
    foreign = [0.2] * 40

    assert level(foreign) == level([*foreign, *[0.9] * 20]) == 0.2


def test_the_shipped_encoders_scale_is_one(shipped: Any) -> None:
    """And that of an encoder whose cosines are twice as far apart is half of it."""
    vectors = [shipped.encode_query(probe).vector for probe in PROBES]
    near = [one + 3 * vectors[0] for one in vectors]
    near = [one / np.linalg.norm(one) for one in near]

    assert scale_of(vectors) == pytest.approx(1, abs=0.02)
    assert scale_of(near) > 2


@pytest.fixture(scope="module")
def shipped() -> Any:
    from lessonbase.encoders.onnx import OnnxEncoder

    return OnnxEncoder()


def test_a_small_base_has_the_typical_one(tmp_path: Path) -> None:
    """Nothing is measured before there is something to measure."""
    with base_at(tmp_path) as base:
        pipes(base, LEAST_RECORDS - 1)

        assert kept(base) == TYPICAL


def test_it_is_measured_as_a_base_grows(tmp_path: Path) -> None:
    """When it is large enough, and again when it has grown by a quarter, not before."""
    with base_at(tmp_path) as base:
        pipes(base, 20)
        first = kept(base)
        pipes(base, 5, start=20)
        same = kept(base)
        pipes(base, 3, start=25)
        grown = kept(base)

    assert [one.size for one in (first, same, grown) if one] == [20, 20, 28]


def test_it_outlives_the_process(tmp_path: Path) -> None:
    """A base that is opened again does not put the probes anew."""
    with base_at(tmp_path) as base:
        pipes(base, 20)
        before = kept(base)
    with base_at(tmp_path) as base:
        assert kept(base) == before


def test_the_probes_leave_no_trace(tmp_path: Path) -> None:
    """They are no recalls: nothing is noted, no record is changed."""
    with base_at(tmp_path) as base:
        pipes(base, 20)

        assert base.stats().recalls == 0


def test_every_encoder_gets_its_own(tmp_path: Path) -> None:
    """What was measured with one says nothing of another."""
    with base_at(tmp_path) as base:
        pipes(base, 20)

        assert Backgrounds(base._parts.ledger, HashingEncoder(64)).of("default") is None


def test_a_write_does_not_fail_with_the_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written is written; the next recall measures."""
    with base_at(tmp_path) as base:

        def broken(_space: str) -> None:
            raise StoreError("the words index is closed")

        with monkeypatch.context() as patch:
            patch.setattr(base._pipeline, "keep_up", broken)
            pipes(base, 20)

        assert base.stats().records == 20
        base.recall(PIPES[3])
        assert (background := kept(base))
        assert background.size == 20


def test_a_ranking_with_fewer_stages_measures_nothing(tmp_path: Path) -> None:
    """It would be kept for everybody."""
    with base_at(tmp_path) as base:
        pipes(base, 20)
        before = kept(base)
        base.using(METHODS["words"]).add_all(
            {"id": f"q{n}", "kind": "heuristic", "title": f"Q {n}", "rule": "tea"}
            for n in range(20)
        )

        assert kept(base) == before

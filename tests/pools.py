"""Pools of candidates made by hand."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from lessonbase.ports import Card
from lessonbase.retrieval.candidates import Pool

NOTHING = float("nan")


def card(number: int = 0, **fields: object) -> Card:
    """A card without anything special."""
    given = {
        "id": f"r{number:03}",
        "kind": "lesson",
        "status": "active",
        "visibility": "space",
        "evidence": "OBSERVED_ONCE",
        "confidence": "MEDIUM",
        "severity": None,
        "trust": None,
        "happened_at": "2026-01-01T00:00:00.000000+00:00",
        "valid_until": None,
    }
    return Card(**(given | fields))  # type: ignore[arg-type]


def pool(*scores: tuple[float, float], marks: dict[int, tuple[str, ...]] | None = None) -> Pool:
    """A pool of candidates with these cosines (NOTHING: not in the list) and BM25 (0: neither)."""
    cosines = np.array([cosine for cosine, _ in scores], float)
    return Pool(
        [card(number) for number in range(len(scores))],
        cosines,
        np.where(np.isnan(cosines), -1, 0),
        np.array([bm25 for _, bm25 in scores], float),
        marks or {},
    )


def pools(least: int = 0) -> st.SearchStrategy[Pool]:
    """Pools of any scores; the words index gives four decimals, so what is not zero is 1e-4."""
    cosines = st.just(NOTHING) | st.floats(-1, 1)
    bm25s = st.just(0.0) | st.floats(1e-4, 100)
    scores: st.SearchStrategy[Sequence[tuple[float, float]]] = st.lists(
        st.tuples(cosines, bm25s), min_size=least, max_size=30
    )
    return scores.map(lambda given: pool(*given))

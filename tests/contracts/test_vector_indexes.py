"""What every vector index must do, on the real ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.ports import Entry, Vector, VectorIndex
from lessonbase.stores.exact import ExactIndex
from lessonbase.stores.vectors import BATCH, ChromaStore

DIMENSION = 8


def _chroma(path: Path) -> VectorIndex:
    store = ChromaStore(path, HashingEncoder(DIMENSION).fingerprint)
    return store.space("default")


INDEXES: dict[str, Callable[[Path], VectorIndex]] = {
    "exact": lambda _: ExactIndex(DIMENSION),
    "chroma": _chroma,
}


@pytest.fixture(params=INDEXES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    yield INDEXES[request.param](tmp_path)


def unit(*places: float) -> Vector:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(places)] = places
    return vector / np.linalg.norm(vector)


def entry(record_id: str, vector: Vector, position: int = 0) -> Entry:
    return Entry(record_id, position, vector, f"text of {record_id}", {"kind": "lesson"})


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    """Asking an empty index is no error."""
    assert index.nearest(unit(1), 10) == []
    assert len(index) == 0


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    """Neighbours are sorted by cosine, which is that of the vectors."""
    index.put([entry("far", unit(0, 1)), entry("near", unit(3, 1)), entry("same", unit(1))])

    found = index.nearest(unit(1), 10)

    assert [near.record_id for near in found] == ["same", "near", "far"]
    assert [near.similarity for near in found] == pytest.approx([1, 3 / 10**0.5, 0], abs=1e-5)


def test_a_limit_is_kept_and_may_exceed_what_is_there(index: VectorIndex) -> None:
    """Fewer windows than asked for are returned without complaint."""
    index.put([entry(f"r{n}", unit(1, n)) for n in range(5)])

    assert len(index.nearest(unit(1), 3)) == 3
    assert len(index.nearest(unit(1), 50)) == 5
    assert index.nearest(unit(1), 0) == []


def test_putting_again_replaces(index: VectorIndex) -> None:
    """The same record and position hold one vector: the last."""
    index.put([entry("a", unit(1))])
    index.put([entry("a", unit(0, 1))])

    assert len(index) == 1
    assert index.nearest(unit(0, 1), 1)[0].similarity == pytest.approx(1, abs=1e-5)


def test_one_batch_with_a_repeat_keeps_the_last(index: VectorIndex) -> None:
    """Within a batch too."""
    index.put([entry("a", unit(1)), entry("a", unit(0, 1))])

    assert len(index) == 1
    assert index.nearest(unit(0, 1), 1)[0].similarity == pytest.approx(1, abs=1e-5)


def test_windows_of_a_record_are_told_apart(index: VectorIndex) -> None:
    """Each window is found at its own position."""
    index.put([entry("a", unit(1), 0), entry("a", unit(0, 1), 1)])

    assert index.nearest(unit(0, 1), 1)[0].position == 1


def test_what_is_removed_is_not_found(index: VectorIndex) -> None:
    """Removing takes out that window alone; removing what is not there is no error."""
    index.put([entry("a", unit(1), 0), entry("a", unit(1), 1), entry("b", unit(1))])

    index.remove([("a", 0), ("nobody", 7)])

    assert {(near.record_id, near.position) for near in index.nearest(unit(1), 9)} == {
        ("a", 1),
        ("b", 0),
    }


def test_an_id_may_hold_the_sign_between_id_and_position(index: VectorIndex) -> None:
    """Benchmarks choose their own ids."""
    index.put([entry("doc#1#x", unit(1), 2)])

    near = index.nearest(unit(1), 1)[0]
    assert (near.record_id, near.position) == ("doc#1#x", 2)


def test_more_than_one_batch(index: VectorIndex) -> None:
    """Chroma takes 5,461 at once; a put may be larger."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(BATCH + 10, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    index.put([entry(f"r{n}", row) for n, row in enumerate(rows)])

    assert len(index) == BATCH + 10
    assert index.nearest(rows[-1], 1)[0].record_id == f"r{BATCH + 9}"


def test_a_choice_of_all_records_in_any_order() -> None:
    """Each has its own cosine, though all of them were chosen, the last first."""
    index = ExactIndex(DIMENSION)
    index.put([entry("a", unit(1)), entry("b", unit(1, 1)), entry("c", unit(0, 1))])

    found = index.nearest_among(unit(1), 3, ["c", "b", "a"])

    assert [(near.record_id, round(near.similarity, 2)) for near in found] == [
        ("a", 1.0),
        ("b", 0.71),
        ("c", 0.0),
    ]


def test_exact_search_among_chosen_records() -> None:
    """A choice is answered from the chosen alone, recallable or not; the ordinary search is not."""
    index = ExactIndex(DIMENSION)
    index.put([entry("a", unit(1)), entry("b", unit(1, 1)), entry("c", unit(0, 1))])
    index.put([Entry("old", 0, unit(1), "", {}, recallable=False)])

    assert [near.record_id for near in index.nearest(unit(1), 2)] == ["a", "b"]
    found = index.nearest_among(unit(1), 5, {"b", "old"})
    assert [near.record_id for near in found] == ["old", "b"]


def test_exact_search_survives_many_changes() -> None:
    """Rows move when others are removed; what is left is still found where it is."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(200, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = ExactIndex(DIMENSION)
    index.put([entry(f"r{n}", row) for n, row in enumerate(rows)])

    index.remove([(f"r{n}", 0) for n in range(0, 200, 3)])
    index.put([entry("r3", rows[3])])

    assert len(index) == 134
    for n in (1, 2, 3, 199):
        assert index.nearest(rows[n], 1)[0].record_id == f"r{n}"

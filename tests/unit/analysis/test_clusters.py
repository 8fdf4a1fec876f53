import sys

import numpy as np
import pytest

from lessonbase.analysis.clusters import Clustering, cluster
from lessonbase.errors import MissingExtra
from lessonbase.ports import Vectors


def groups(sizes: list[int], *, spread: float = 0.7, seed: int = 3, dimension: int = 64) -> Vectors:
    """Unit vectors around as many random directions as there are sizes, one group after another."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(sizes), dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    made = np.repeat(centres, sizes, axis=0)
    made = made + random.normal(size=made.shape) * spread / np.sqrt(dimension)
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def scattered(count: int, *, seed: int = 5) -> Vectors:
    """Unit vectors in every direction."""
    made = np.random.default_rng(seed).normal(size=(count, 64))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def three() -> Clustering:
    return cluster(groups([30, 50, 40]))


@pytest.mark.slow
def test_groups_are_found_and_numbered_by_size(three: Clustering) -> None:
    """Three groups that lie apart are three clusters, the largest of them number 0."""
    assert three.labels.tolist() == [2] * 30 + [0] * 50 + [1] * 40
    assert (three.count, three.noise, three.smallest, three.seed) == (3, 0.0, 5, 13)


@pytest.mark.slow
def test_probabilities_are_shares_of_one(three: Clustering) -> None:
    """How surely a record is in its cluster is above 0 and at most 1."""
    assert three.probabilities.min() > 0
    assert three.probabilities.max() == 1.0


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer() -> None:
    """Two runs on vectors without clear groups agree in every label and probability."""
    vectors = np.vstack([scattered(60), groups([20, 20])])

    one, other = cluster(vectors, seed=7), cluster(vectors, seed=7)

    assert one.labels.tolist() == other.labels.tolist()
    assert one.probabilities.tolist() == other.probabilities.tolist()


@pytest.mark.slow
def test_what_belongs_nowhere_stays_noise() -> None:
    """Records that have nothing in common with any other join no group, nor make one."""
    grouped = np.pad(groups([40, 40]), ((0, 0), (0, 6)))
    strays = np.eye(70, dtype=np.float32)[-6:]

    found = cluster(np.vstack([grouped, strays]))

    assert found.labels.tolist() == [0] * 40 + [1] * 40 + [-1] * 6
    assert found.probabilities[-6:].tolist() == [0.0] * 6
    assert found.noise == 6 / 86


@pytest.mark.slow
def test_a_loose_group_is_split() -> None:
    """Groups on one side of the space, far from a tight one, do not end as one cluster."""
    random = np.random.default_rng(1)
    side = random.normal(size=64)
    tight = np.tile(-side / np.linalg.norm(side), (60, 1)) + random.normal(size=(60, 64)) * 0.02
    loose = groups([25] * 6, spread=0.4) + 0.35 * side / np.linalg.norm(side)
    vectors = np.vstack([tight, loose])
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    found = cluster(vectors)

    assert found.count == 7
    assert np.bincount(found.labels).tolist() == [60, 25, 25, 25, 25, 25, 25]


@pytest.mark.parametrize("count", [0, 1, 5, 19])
def test_few_records_are_noise(count: int) -> None:
    """Of fewer than twenty records nothing is said."""
    found = cluster(groups([count]) if count else np.zeros((0, 64), np.float32))

    assert found.labels.tolist() == [-1] * count
    assert found.count == 0


@pytest.mark.slow
def test_thirty_records_in_one_place_are_at_most_a_few_groups() -> None:
    """Thirty alike are answered without a warning, and each group has its five."""
    found = cluster(groups([30], spread=0.3))

    assert min(np.bincount(found.labels[found.labels >= 0]), default=5) >= 5


def test_equal_records_are_one_cluster() -> None:
    """Thirty times the same text is one group of thirty."""
    found = cluster(np.repeat(groups([1]), 30, axis=0))

    assert found.labels.tolist() == [0] * 30
    assert found.probabilities.tolist() == [1.0] * 30


@pytest.mark.slow
def test_duplicates_stay_together() -> None:
    """A text that is there twenty times, more often than a record has neighbours, is one group."""
    vectors = np.vstack([np.repeat(groups([1], seed=9), 20, axis=0), groups([40, 40])])

    labels = cluster(vectors).labels

    assert len(set(labels[:20])) == 1
    assert labels[0] not in set(labels[20:])


def test_more_may_be_asked_than_there_is() -> None:
    """A least size above the number of records leaves all as noise."""
    assert cluster(groups([25]), smallest=26).labels.tolist() == [-1] * 25


@pytest.mark.parametrize(
    ("vectors", "smallest", "said"),
    [
        (np.zeros(3, np.float32), None, "two dimensions, not 1"),
        (np.zeros((3, 2), np.float32), 1, "two records or more, not 1"),
    ],
)
def test_wrong_arguments_are_refused(vectors: Vectors, smallest: int | None, said: str) -> None:
    """What is no matrix, or no group, is said."""
    with pytest.raises(ValueError, match=said):
        cluster(vectors, smallest=smallest)


def test_an_absent_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without umap-learn the error says what to install."""
    monkeypatch.setitem(sys.modules, "umap", None)

    with pytest.raises(MissingExtra, match=r"needs the extra \[analysis\]"):
        cluster(groups([30]))

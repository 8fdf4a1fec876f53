import numpy as np
import pytest

from lessonbase.analysis.quality import overlaps, silhouette, stability
from lessonbase.ports import Vectors


def groups(sizes: list[int], *, spread: float = 0.4) -> Vectors:
    """Unit vectors around random directions, one group after another."""
    random = np.random.default_rng(2)
    made = np.repeat(random.normal(size=(len(sizes), 32)), sizes, axis=0)
    made += random.normal(size=made.shape) * spread
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def test_the_silhouette_of_opposite_pairs_is_one() -> None:
    """Two pairs of equal vectors, at right angles: nothing is nearer to another cluster."""
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)

    assert silhouette(vectors, np.array([0, 0, 1, 1])) == 1.0


def test_noise_is_left_out_of_the_silhouette() -> None:
    """A record between two clusters that belongs to neither changes nothing."""
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0.6, 0.8]], np.float32)

    assert silhouette(vectors, np.array([0, 0, 1, 1, -1])) == 1.0


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [-1, -1, -1, -1], [0, 1, 2, 3]])
def test_there_is_no_silhouette_of_one_cluster_or_of_lone_records(labels: list[int]) -> None:
    """Where nothing can be compared the answer is no number."""
    assert np.isnan(silhouette(np.eye(4, dtype=np.float32), np.array(labels)))


def test_a_sample_stands_for_many_records() -> None:
    """The silhouette of a sample is near that of all, and the same for the same seed."""
    vectors, labels = groups([60, 60]), np.repeat([0, 1], 60)

    sampled = silhouette(vectors, labels, sample=40, seed=1)

    assert sampled == silhouette(vectors, labels, sample=40, seed=1)
    assert sampled == pytest.approx(silhouette(vectors, labels), abs=0.05)


@pytest.mark.slow
def test_groups_that_lie_apart_come_back_from_every_part() -> None:
    """Every figure of clear groups is 1, its spread 0."""
    found = stability(groups([40, 50, 45]), draws=3)

    assert found.rand.tolist() == [1.0, 1.0, 1.0]
    assert (found.mean, found.mean_without_noise, found.spread) == (1.0, 1.0, 0.0)
    assert found.noise_agreement.tolist() == [1.0, 1.0, 1.0]
    assert found.clusters.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.slow
def test_a_made_up_cluster_is_found_out() -> None:
    """A group cut in two at random gets halves that do not come back; the others keep their 1."""
    labels = np.array([0, 1] * 20 + [2] * 45 + [3] * 50)

    found = stability(groups([40, 45, 50]), draws=3, labels=labels)

    assert found.clusters[2:].tolist() == [1.0, 1.0]
    assert found.clusters[:2].max() < 0.75
    assert found.mean < 1


def test_what_is_all_noise_is_stable_and_has_no_clusters() -> None:
    """Few records: the parts agree that there is nothing."""
    found = stability(groups([10]), draws=2)

    assert found.mean == 1.0
    assert np.isnan(found.mean_without_noise)
    assert found.clusters.tolist() == []


def test_an_overlap_is_with_the_best_match_and_never_with_noise() -> None:
    """A cluster that the other clustering calls noise has no overlap."""
    ours, theirs = np.array([0, 0, 0, 1, 1]), np.array([4, 4, 2, -1, -1])

    assert overlaps(ours, theirs, 2).round(3).tolist() == [0.667, 0.0]


def test_wrong_arguments_are_refused() -> None:
    """Lengths must agree and there is no draw of nothing."""
    vectors = groups([5])

    with pytest.raises(ValueError, match="5 vectors, but 4 labels"):
        silhouette(vectors, np.zeros(4, np.int64))
    with pytest.raises(ValueError, match=r"not 0 and 0\.8"):
        stability(vectors, draws=0)
    with pytest.raises(ValueError, match=r"not 1 and 1\.5"):
        stability(vectors, draws=1, share=1.5)

import numpy as np
import pytest

from lessonbase.analysis.neighbours import neighbourhood, principal
from lessonbase.analysis.projection import project
from lessonbase.ports import Vectors


def groups(count: int, *, seed: int = 3) -> Vectors:
    """Unit vectors, half of them around one direction and half around another."""
    random = np.random.default_rng(seed)
    made = np.repeat(random.normal(size=(2, 32)), [count // 2, count - count // 2], axis=0)
    made += random.normal(size=made.shape) * 0.3
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_map() -> None:
    """Two maps of the same vectors agree in every coordinate, with or without a graph at hand."""
    vectors = groups(80)

    one, other = project(vectors, seed=5), project(vectors, seed=5, near=neighbourhood(vectors))

    assert one.shape == (80, 2)
    assert one.dtype == np.float32
    assert one.tolist() == other.tolist()


@pytest.mark.slow
def test_groups_lie_apart() -> None:
    """On the map each record is nearer to the middle of its own group than to the other's."""
    places = project(groups(80))

    first, second = places[:40].mean(axis=0), places[40:].mean(axis=0)
    nearer = np.linalg.norm(places - first, axis=1) < np.linalg.norm(places - second, axis=1)
    assert nearer.tolist() == [True] * 40 + [False] * 40


@pytest.mark.parametrize("count", [0, 1, 2, 5, 19])
def test_few_records_get_a_place(count: int) -> None:
    """A handful of records is laid out, and a lone one lies at the origin."""
    places = project(groups(count))

    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) == count
    if count == 1:
        assert places.tolist() == [[0.0, 0.0]]


def test_equal_records_lie_at_one_place() -> None:
    """Equal vectors have no directions, and none are made up."""
    assert project(np.repeat(groups(1), 40, axis=0)).tolist() == [[0.0, 0.0]] * 40


def test_neighbours_are_exact_and_without_the_record_itself() -> None:
    """The graph is that of comparing all pairs, also where records are equal."""
    vectors = groups(60)
    vectors[1:21] = vectors[0]

    near = neighbourhood(vectors, count=4)

    distances = 1 - near.places @ near.places.T
    np.fill_diagonal(distances, np.inf)
    assert not (near.indices == np.arange(60)[:, None]).any()
    np.testing.assert_allclose(near.distances, np.sort(distances, axis=1)[:, :4], atol=1e-5)
    np.testing.assert_allclose(
        near.distances, np.take_along_axis(distances, near.indices, axis=1), atol=1e-5
    )


def test_a_lone_record_has_no_neighbours() -> None:
    """A graph of one is refused."""
    with pytest.raises(ValueError, match="two vectors or more, not 1"):
        neighbourhood(groups(1))


def test_principal_directions_are_of_unit_length() -> None:
    """Each record keeps its direction only."""
    places = principal(groups(60), 10)

    assert places.shape == (60, 10)
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1, atol=1e-5)

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from lessonbase.analysis.placing import Placed, pack, place, unpack
from lessonbase.ports import Vectors


def vectors(sizes: list[int]) -> Vectors:
    random = np.random.default_rng(2)
    made = np.repeat(random.normal(size=(len(sizes), 32)), sizes, axis=0)
    made += random.normal(size=made.shape) * 0.3
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def records(sizes: list[int]) -> tuple[list[str], Vectors, list[str], list[str]]:
    topics = ["cache", "backup", "canary"]
    titles = [f"The {topics[group]} again" for group, size in enumerate(sizes) for _ in range(size)]
    ids = [f"r{number}" for number in range(sum(sizes))]
    return ids, vectors(sizes), titles, [f"{title}: naïve ☃" for title in titles]


@pytest.mark.slow
def test_a_process_of_its_own_gives_the_same_map() -> None:
    """What the module prints for a packed stream is what the function gives, to four decimals."""
    given = records([25, 30])
    here = place(*given)

    ran = subprocess.run(
        [sys.executable, "-m", "lessonbase.analysis"],
        input=pack(*given),
        capture_output=True,
        check=True,
    )

    there = Placed.read(ran.stdout)
    assert there.ids == here.ids
    assert there.labels.tolist() == here.labels.tolist() == [1] * 25 + [0] * 30
    assert there.names == here.names
    assert [name.name.split(" · ")[0] for name in there.names] == ["backup", "cache"]
    np.testing.assert_allclose(there.places, here.places, atol=1e-4)
    document = json.loads(ran.stdout)
    assert sorted(document) == ["ids", "labels", "names", "x", "y"]
    assert sorted(document["names"][0]) == ["central", "label", "name", "size", "terms"]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_records_are_placed_without_names(count: int) -> None:
    """A base of a few records has a map, all of it noise."""
    placed = place(*records([count]))

    assert placed.places.shape == (count, 2)
    assert placed.labels.tolist() == [-1] * count
    assert placed.names == ()
    assert Placed.read(placed.to_json()).places.shape == (count, 2)


def test_a_stream_comes_back_as_it_was() -> None:
    """Ids, titles and texts of any script, and vectors bit by bit."""
    given = records([3])

    ids, back, titles, texts = unpack(pack(*given))

    assert (ids, titles, texts) == (given[0], given[2], given[3])
    assert back.tolist() == given[1].tolist()


def test_plain_arrays_of_strings_are_read() -> None:
    """A stream that NumPy's savez made of lists is as good."""
    stream = io.BytesIO()
    np.savez(stream, ids=["a"], vectors=vectors([1]), titles=["Title"], texts=["Text"])

    ids, _, titles, texts = unpack(stream.getvalue())

    assert (ids, titles, texts) == (["a"], ["Title"], ["Text"])


def test_what_is_no_stream_is_refused() -> None:
    """Neither nothing, nor any bytes, nor a stream that lacks an array, nor a pickle passes."""
    stream, pickled = io.BytesIO(), io.BytesIO()
    np.savez(stream, ids=["a"], vectors=vectors([1]))
    every = dict.fromkeys(("ids", "titles", "texts"), np.array([object()], object))
    np.savez(pickled, vectors=vectors([1]), **every)

    with pytest.raises(ValueError, match="lacks titles, texts"):
        unpack(stream.getvalue())
    whole = pack(*records([2]))
    for bad in (b"", b"nothing of the kind", b"PK\x03\x04", whole[:-30], pickled.getvalue()):
        with pytest.raises(ValueError, match="not a stream of records"):
            unpack(bad)


def test_the_module_says_what_is_wrong_in_a_line() -> None:
    """Exit 1, nothing on stdout, one line on stderr."""
    ran = subprocess.run(
        [sys.executable, "-m", "lessonbase.analysis"],
        input=b"nothing of the kind",
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.decode().startswith("not a stream of records")
    assert ran.stderr.count(b"\n") == 1


def test_lengths_must_agree() -> None:
    """A text too few is refused."""
    ids, own, titles, texts = records([3])

    with pytest.raises(ValueError, match="of one length"):
        place(ids, own, titles, texts[:-1])

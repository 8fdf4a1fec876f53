from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from lessonbase.encoders.cached import FILE_NAME, CachedEncoder
from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.errors import StoreError
from lessonbase.ports import Encoded, Progress, Vectors

TEXTS = ["one", "two", "one", "three \ud800", ""]


class Counting(HashingEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.asked: list[str] = []

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Encoded:
        """What the parent does."""
        self.asked.extend(texts)
        return super().encode_documents(texts, progress=progress)


def _encode(folder: Path, start: int) -> Vectors:
    texts = [f"text {i}" for i in range(start, start + 300)]
    return CachedEncoder(HashingEncoder(64), folder).encode_documents(texts).vectors


def test_a_text_is_encoded_once(tmp_path: Path) -> None:
    """Neither a repeat in the list nor a later run encodes again."""
    first, later = Counting(), Counting()

    made = CachedEncoder(first, tmp_path).encode_documents(TEXTS)
    kept = CachedEncoder(later, tmp_path).encode_documents([*TEXTS, "four"])

    assert first.asked == ["one", "two", "three \ud800", ""]
    assert later.asked == ["four"]
    expected = HashingEncoder(64).encode_documents(TEXTS)
    np.testing.assert_array_equal(kept.vectors[: len(TEXTS)], made.vectors)
    np.testing.assert_array_equal(made.vectors, expected.vectors)
    for one, again, right in zip(made.signs, kept.signs[: len(TEXTS)], expected.signs, strict=True):
        np.testing.assert_array_equal(one, right)
        np.testing.assert_array_equal(again, right)


def test_another_encoder_does_not_get_these_vectors(tmp_path: Path) -> None:
    """The fingerprint is part of the key."""
    CachedEncoder(Counting(64), tmp_path).encode_documents(TEXTS)
    other = Counting(32)

    found = CachedEncoder(other, tmp_path).encode_documents(TEXTS).vectors

    assert found.shape == (len(TEXTS), 32)
    assert len(other.asked) == 4


def test_queries_are_not_kept(tmp_path: Path) -> None:
    """A query goes to the inner encoder and leaves nothing behind."""
    inner = Counting()
    cached = CachedEncoder(inner, tmp_path)

    cached.encode_query("one")
    cached.encode_documents(["one"])

    assert inner.asked == ["one"]


def test_several_processes_share_a_folder(tmp_path: Path) -> None:
    """Writers with overlapping texts lose nothing and do not fail."""
    starts = [0, 100, 200, 300]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(_encode, [tmp_path] * len(starts), starts))

    inner = Counting()
    kept = (
        CachedEncoder(inner, tmp_path).encode_documents([f"text {i}" for i in range(600)]).vectors
    )

    assert inner.asked == []
    for start, vectors in zip(starts, found, strict=True):
        np.testing.assert_array_equal(vectors, kept[start : start + 300])


def test_a_broken_file_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """What is not SQLite is reported, with the file to delete."""
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all, but long enough to be read" * 100)

    with pytest.raises(StoreError, match="not a database") as error:
        CachedEncoder(HashingEncoder(), tmp_path)

    assert FILE_NAME in error.value.hint

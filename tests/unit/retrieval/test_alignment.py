"""Alignment: words matched with words, on vectors made by hand."""

import numpy as np
import pytest

from lessonbase.encoders.signs import NO_SIGNS, signs_of
from lessonbase.ports import EncodedQuery, Windows
from lessonbase.retrieval.alignment import align, closest, distinct

EAST = np.array([1, 1, 1, 1, -1, -1, -1, -1], np.float32) / np.sqrt(8)
NORTH = np.array([1, -1, 1, -1, 1, -1, 1, -1], np.float32) / np.sqrt(8)
QUERY = EncodedQuery(EAST, np.stack([EAST, NORTH]), ["east", "north"])


def signs(*tokens: np.ndarray) -> np.ndarray:
    return signs_of(np.stack(tokens))


def test_a_text_with_every_word_aligns_fully() -> None:
    """Whatever else it says; one with none of them is unrelated."""
    both, neither = [signs(EAST, NORTH, -EAST)], [signs(-EAST, -NORTH)]

    assert align(QUERY, [1, 1], [both, neither]) == pytest.approx([1, 0], abs=1e-6)


def test_the_rarer_word_counts_more() -> None:
    """Of two texts with one word each, the one with the rarer word aligns better."""
    east, north = align(QUERY, [3, 1], [[signs(EAST, EAST)], [signs(NORTH, NORTH)]])

    assert east == pytest.approx(0.75)
    assert north == pytest.approx(0.25)


def test_the_best_window_counts() -> None:
    """Words spread over two windows are not in one place."""
    apart = [signs(EAST, -NORTH), signs(NORTH, -EAST)]

    assert align(QUERY, [1, 1], [apart]) == pytest.approx([0.5])


def test_a_text_without_tokens_is_not_aligned() -> None:
    """An empty one, or one of an encoder that tells none."""
    found = align(QUERY, [1, 1], [[NO_SIGNS], [signs(EAST)]])

    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.5)
    assert np.isnan(align(QUERY, [1, 1], [[], []])).all()


def test_words_of_no_weight_count_alike() -> None:
    """A question of words that every record has is aligned all the same."""
    assert align(QUERY, [0, 0], [[signs(EAST)]]) == pytest.approx([0.5])


def test_a_dimension_that_is_no_multiple_of_eight() -> None:
    """The bits that fill the last byte are no coordinates."""
    token = np.array([1, -1, 1], np.float32) / np.sqrt(3)
    query = EncodedQuery(token, token[None], ["w"])

    assert align(query, [1], [[signs(token)]]) == pytest.approx([1])


def test_the_nearest_windows_are_looked_at() -> None:
    """Of a long record four, the nearest first; its cosine and position are the nearest one's."""
    vectors = np.stack([EAST * scale for scale in (0.1, 0.9, 0.3, 0.5, 0.2, 0.4)])
    windows = Windows(vectors, [signs(EAST)] * 6)
    cosine, position, chosen = closest(windows, EAST)

    assert cosine == pytest.approx(0.9)
    assert position == 1
    assert len(chosen) == 4


def test_a_repeated_word_counts_once() -> None:
    """All pieces of its first occurrence are kept."""
    words = ["migra", "migra", "lock", "migra", "migra", "lock", "tea"]
    query = distinct(EncodedQuery(EAST, np.arange(56, dtype=np.float32).reshape(7, 8), words))

    assert query.words == ["migra", "migra", "lock", "tea"]
    assert query.tokens[:, 0].tolist() == [0, 8, 16, 48]
    assert distinct(QUERY) is QUERY

"""Families 1 and 2: what BM25 counts with, and what it counts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from lessonbase.records import searchable
from lessonbase.stores.stopwords import _WORDS, STOP_WORDS
from tries_by_family.bm25 import PRODUCT, B, Field, Reading, Words, counted
from tries_by_family.ground import SHIPPED, Ground, Matrix, Tries, Try
from tries_by_family.tokens import pieces

ALONE: Final = "words alone"
PARAMETERS: Final = (
    *((k1, B) for k1 in (0.6, 0.9, 1.6, 2.0, 3.0)),
    *((1.2, b) for b in (0.3, 0.4, 0.5, 0.9)),
    (0.9, 0.4),
    (1.6, 0.5),
)
# The last line of the product's list.
POLITE: Final = frozenset(_WORDS.strip().splitlines()[-1].split())
FOLDED: Final = Reading(stem=False)


def parameters(ground: Ground) -> Tries:
    """Family 1."""
    words = Words(ground)
    found = [("own code, exact lengths: k1 1.2, b 0.75", words.scores())]
    found += [(f"k1 {k1:g}, b {b:g}", words.scores(k1, b)) for k1, b in PARAMETERS]
    yield from beside(ground, found)


def terms(ground: Ground) -> Tries:
    """Family 2."""
    yield from beside(ground, list(_terms(ground)))


def beside(ground: Ground, found: list[tuple[str, Matrix]]) -> Tries:
    """The shipped ranking with other scores of words, and those scores by themselves."""
    yield Try(SHIPPED, ground.shipped.scores())
    for label, bm25 in found:
        yield Try(label, replace(ground.shipped, bm25=bm25).scores())
    yield Try("shipped words", ground.words_alone(ground.bm25), ALONE)
    for label, bm25 in found:
        yield Try(label, ground.words_alone(bm25), ALONE)


def _terms(ground: Ground) -> Iterator[tuple[str, Matrix]]:
    words = Words(ground)
    shipped = words.scores()
    yield "own code, exact lengths", shipped
    yield "no identifiers to the letter", words.scores(exact=False)
    for label, reading in {
        "joined words not split": Reading(split=False),
        "no stemming": Reading(stem=False),
        "no stop list": Reading(stop=()),
        "stop list of 33 words (tantivy's)": Reading(stop="english"),
        "stop list without polite words": Reading(
            stop=[word for word in STOP_WORDS if word not in POLITE]
        ),
    }.items():
        yield label, Words(ground, reading).scores()
    yield from _titles(ground, words)
    for size in (3, 4):
        scores = _grams(ground, size)
        yield f"{size}-grams of letters instead of words", scores
        for weight in (0.1, 0.3):
            yield f"{size}-grams added, × {weight}", shipped + weight * scores
    own, asked = pieces(
        [f"{record.title}\n{searchable(record)}" for record in ground.records], ground.asked
    )
    scores = Field(own).scores([counted(one) for one in asked])
    yield "word pieces of the encoder instead of words", scores
    yield "word pieces added, × 0.3", shipped + 0.3 * scores


def titled(ground: Ground, words: Words, weight: float) -> Matrix:
    """BM25 with titles as a field of their own, of such a *weight* beside the texts."""
    titles, texts = _titles_and_texts(ground)
    title, text = Field(titles).scores(words.asked), Field(texts).scores(words.asked)
    return text + weight * title + words.exact.scores(words.marks)


def _titles(ground: Ground, words: Words) -> Iterator[tuple[str, Matrix]]:
    """The words of titles, counted more."""
    titles, texts = _titles_and_texts(ground)
    exact = words.exact.scores(words.marks)
    for times in (2, 3):
        both = [times * title + text for title, text in zip(titles, texts, strict=True)]
        yield f"title counted {times} times", Field(both).scores(words.asked) + exact
    for weight in (0.5, 1.0):
        yield f"title a field of its own, × {weight}", titled(ground, words, weight)


def _titles_and_texts(ground: Ground) -> tuple[list[list[str]], list[list[str]]]:
    titles = [PRODUCT(record.title) for record in ground.records]
    return titles, [PRODUCT(searchable(record)) for record in ground.records]


def _grams(ground: Ground, size: int) -> Matrix:
    """BM25 of all runs of *size* letters within words, their edges marked."""

    def grams(text: str) -> list[str]:
        edged = (f"_{word}_" for word in FOLDED(text))
        return [
            word[start : start + size]
            for word in edged
            for start in range(max(len(word) - size + 1, 1))
        ]

    field = Field([grams(f"{record.title}\n{searchable(record)}") for record in ground.records])
    scores: Matrix = field.scores([counted(grams(text)) for text in ground.asked])
    return np.asarray(scores)

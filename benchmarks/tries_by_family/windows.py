"""Families 3 and 4: how texts are cut, and what is put in front of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lessonbase.ports import EncodedQuery
from lessonbase.records import Document, Record, windows
from lessonbase.retrieval.alignment import distinct
from tries_by_family.ground import SHIPPED, Ground, Matrix, Texts, Tries, Try, Way, first

ALONE: Final = "vectors alone"
WHOLE: Final = 10**9


@dataclass(frozen=True)
class Cut:
    """Windows of so many words, as the product cuts them, or otherwise."""

    size: int
    overlap: int = 0
    titled: bool = True  # the title is in front of each
    title: bool = False  # the title is also a window of its own

    def __call__(self, record: Record) -> Sequence[str]:
        """The windows of a benchmark's document."""
        assert isinstance(record, Document)
        words = record.text.split()
        step = self.size - self.overlap
        starts = range(0, max(len(words) - self.overlap, 1), step)
        whole = len(words) <= self.size
        bodies = [record.text] if whole else [" ".join(words[i : i + self.size]) for i in starts]
        head = [record.title] if self.titled and record.title else []
        texts = ["\n".join(filter(None, [*head, body])) for body in bodies]
        return [*texts, record.title] if self.title and record.title else texts


CUTS: Final = {
    "60 words, 10 shared": Cut(60, 10),
    "180 words, 30 shared": Cut(180, 30),
    "whole text (its first 256 tokens)": Cut(WHOLE),
    "110/20, no title before them": Cut(110, 20, titled=False),
    "110/20, title a window of its own too": Cut(110, 20, title=True),
    "110/20, title only by itself": Cut(110, 20, titled=False, title=True),
}
# In front of questions and documents, with where it is from.
PREFIXES: Final = {
    "query: / –": ("query: ", ""),
    "search_query: / –": ("search_query: ", ""),
    "Represent this sentence … / – (BGE)": (
        "Represent this sentence for searching relevant passages: ",
        "",
    ),
    "query: / passage: (E5)": ("query: ", "passage: "),
    "search_query: / search_document: (Nomic)": ("search_query: ", "search_document: "),
    "– / passage:": ("", "passage: "),
}


def cuts(ground: Ground) -> Tries:
    """Family 3."""
    ways = {
        label: ground.way(Texts.of(ground.records, cut, ground.model))
        for label, cut in CUTS.items()
    }
    shipped = ground.shipped
    means = (ground.vectors @ ground.texts.means.T).astype(np.float64)
    for label, weight in {
        "0.8 × best window + 0.2 × mean of windows": 0.2,
        "0.6 × best window + 0.4 × mean of windows": 0.4,
        "mean of windows": 1.0,
    }.items():
        mixed = (1 - weight) * shipped.best + weight * means
        ways[label] = replace(shipped, cosines=mixed, starts=np.arange(len(ground.records)))
    yield from beside(ground, ways)


def prefixes(ground: Ground) -> Tries:
    """Family 4."""
    asked, texts = {"": ground.encoded}, {"": ground.texts}
    ways = {}
    for label, (before_query, before_text) in PREFIXES.items():
        if before_query not in asked:
            asked[before_query] = [prefixed(ground, before_query, text) for text in ground.asked]
        if before_text not in texts:
            texts[before_text] = _prefixed_texts(ground, before_text)
        ways[label] = ground.way(texts[before_text], asked[before_query])
    yield from beside(ground, ways)


def beside(ground: Ground, ways: dict[str, Way]) -> Tries:
    """The shipped ranking with other cosines, and those cosines by themselves."""
    yield Try(SHIPPED, ground.shipped.scores())
    for label, way in ways.items():
        yield Try(label, way.scores())
    yield Try("shipped vectors", vectors_alone(ground.shipped), ALONE)
    for label, way in ways.items():
        yield Try(label, vectors_alone(way), ALONE)


def vectors_alone(way: Way) -> Matrix:
    """Scores of a ranking by the best window's cosine alone."""
    return np.where(first(way.best, way.pool), way.best, -np.inf)


def prefixed(ground: Ground, prefix: str, text: str) -> EncodedQuery:
    """A question with *prefix* before it, whose own tokens are not aligned."""
    added = len(ground.model.encode_query(prefix).words)
    vector, tokens, words = ground.model.encode_query(prefix + text)
    return distinct(EncodedQuery(vector, tokens[added:], words[added:]))


def _prefixed_texts(ground: Ground, prefix: str) -> Texts:
    added = len(ground.model.encode_documents([prefix]).signs[0])

    def cut(record: Record) -> Sequence[str]:
        return [prefix + text for text in windows(record)]

    texts = Texts.of(ground.records, cut, ground.model)
    return replace(texts, signs=[own[added:] for own in texts.signs])

"""BM25 in plain numpy, with parameters and terms that the product's index does not let one choose.

Lengths are exact here; tantivy rounds them to a byte. What that alone changes is a row of its own.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.records import searchable
from lessonbase.signature import identifiers
from lessonbase.stores.stopwords import STOP_WORDS
from lessonbase.stores.words import _JOINED, _LONGEST_WORD, _SEAM, _WORD
from tries_by_family.ground import Ground, Matrix

# Those of tantivy and Lucene.
K1: Final = 1.2
B: Final = 0.75

Terms = Sequence[str]
Weighed = Mapping[str, float]


class Field:
    """The terms of all documents, by term."""

    def __init__(self, documents: Sequence[Terms], *, once: bool = False) -> None:
        """Index *documents*; with *once*, a term counts once where it is."""
        found: dict[str, list[tuple[int, int]]] = {}
        self.counts = [Counter(terms) for terms in documents]
        for document, counts in enumerate(self.counts):
            for term, count in counts.items():
                found.setdefault(term, []).append((document, 1 if once else count))
        self.lengths = np.array([len(terms) for terms in documents], float)
        self._postings: dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]] = {
            term: (np.array([d for d, _ in own], np.intp), np.array([float(c) for _, c in own]))
            for term, own in found.items()
        }

    def idf(self, term: str) -> float:
        """Robertson and Sparck Jones' weight, as in the product."""
        bearing = len(self._postings[term][0]) if term in self._postings else 0
        return math.log(1 + (len(self.lengths) - bearing + 0.5) / (bearing + 0.5))

    def knows(self, term: str) -> bool:
        """Whether any document has *term*."""
        return term in self._postings

    def scores(self, queries: Sequence[Weighed], k1: float = K1, b: float = B) -> Matrix:
        """BM25 of every document for each of *queries*, whose terms are weighed."""
        damping = k1 * (1 - b + b * self.lengths / max(self.lengths.mean(), 1e-9))
        values: dict[str, NDArray[np.float64]] = {}
        scores = np.zeros((len(queries), len(self.lengths)))
        for row, query in zip(scores, queries, strict=True):
            for term, weight in query.items():
                if term not in self._postings:
                    continue
                documents, counts = self._postings[term]
                if term not in values:
                    values[term] = (
                        self.idf(term) * (k1 + 1) * counts / (counts + damping[documents])
                    )
                row[documents] += weight * values[term]
        return scores


@dataclass(frozen=True)
class Reading:
    """How a text is read as terms. The defaults are those of the product."""

    stop: Sequence[str] | str = STOP_WORDS  # or the language of a list of tantivy's
    stem: bool = True
    split: bool = True  # words written as one are indexed as their parts too

    def __call__(self, text: str) -> list[str]:
        """The terms of *text*."""
        terms = self._analyze(text)
        if self.split and (joined := _JOINED.findall(text)):
            terms += self._analyze(" ".join(" ".join(_SEAM.split(word)) for word in joined))
        return terms

    @cached_property
    def _analyze(self) -> Callable[[str], list[str]]:
        import tantivy

        keep = tantivy.Filter
        if isinstance(self.stop, str):
            stop = keep.stopword(self.stop)
        else:
            stop = keep.custom_stopword(list(self.stop))
        steps = [
            keep.remove_long(_LONGEST_WORD),
            keep.lowercase(),
            stop,
            keep.ascii_fold(),
        ]
        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(_WORD))
        for step in [*steps, keep.stemmer("english")] if self.stem else steps:
            builder = builder.filter(step)
        analyze: Callable[[str], list[str]] = builder.build().analyze
        return analyze


# As the product reads.
PRODUCT: Final = Reading()


class Words:
    """The words and exact identifiers of a set's documents and questions."""

    def __init__(self, ground: Ground, reading: Reading = PRODUCT) -> None:
        texts = [f"{record.title}\n{searchable(record)}" for record in ground.records]
        self.words = Field([reading(text) for text in texts])
        self.exact = Field([identifiers(text) for text in texts], once=True)
        self.asked = [counted(reading(text)) for text in ground.asked]
        self.marks = [dict.fromkeys(identifiers(text), 1.0) for text in ground.asked]

    def scores(self, k1: float = K1, b: float = B, *, exact: bool = True) -> Matrix:
        """BM25 of words, and of identifiers beside them."""
        scores = self.words.scores(self.asked, k1, b)
        return scores + self.exact.scores(self.marks, k1, b) if exact else scores


def counted(terms: Terms) -> dict[str, float]:
    """*terms*, a repeated one weighing as much more."""
    return {term: float(count) for term, count in Counter(terms).items()}

"""A judged set as matrices of questions by documents, and the shipped ranking of them.

A try takes the shipped ranking, a `Way`, and puts something else in the place of one part. What the
product has a function for is computed by that function. Left out is what cannot change an order
here: all documents of a set are of one evidence, severity and age.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from lessonbase.evaluation.judgments import Judged
from lessonbase.ports import Card, EncodedQuery, Encoder, Signs, Vectors, Windows
from lessonbase.records import Record, searchable, signature_terms, windows
from lessonbase.retrieval.alignment import ALIGNED, align, closest, distinct
from lessonbase.retrieval.candidates import COMMON, POOL, Pool
from lessonbase.retrieval.fusion import (
    MARK_WEIGHT,
    Weights,
    convex,
    plain_weights,
    weights_for,
)
from lessonbase.signature import extract
from lessonbase.stores.words import WordDocument, WordIndex

Matrix = NDArray[np.float64]
Row = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
Weigh = Callable[[Pool, int], Weights]
# Number of a question and of some documents → how well each of these is aligned.
Look = Callable[[int, Places], Row]

SHIPPED: Final = "shipped"
HITS: Final = 10
DISCOUNT: Final = 1 / np.log2(np.arange(2, 2 + HITS))


class Try(NamedTuple):
    """A ranking of all questions of one set.

    Attributes:
        label: What is different from the shipped ranking.
        scores: Questions by documents; minus infinity for what is not ranked.
        block: Tries of a table; the first of it is its baseline.
        variant: Of several that share a label, the one of the best mean is told: hindsight.
    """

    label: str
    scores: Matrix
    block: str = ""
    variant: str = ""


Tries = Iterator[Try]


@dataclass(frozen=True, eq=False)
class Texts:
    """The windows of all documents, as encoded: those of a document side by side."""

    starts: Places  # of each document's windows
    vectors: Vectors
    signs: Sequence[Signs]

    @classmethod
    def of(
        cls, records: Sequence[Record], cut: Callable[[Record], Sequence[str]], model: Encoder
    ) -> "Texts":
        """All windows that *cut* makes of *records*."""
        cuts = [cut(record) for record in records]
        encoded = model.encode_documents([text for texts in cuts for text in texts])
        starts = np.cumsum([0, *map(len, cuts)])[:-1]
        return cls(starts, encoded.vectors, encoded.signs)

    def span(self, document: int) -> slice:
        """Where the windows of a document are."""
        after = [*self.starts[document + 1 : document + 2], len(self.vectors)]
        return slice(int(self.starts[document]), int(after[0]))

    def windows(self, document: int) -> Windows:
        """The windows of a document, as the ledger gives them."""
        span = self.span(document)
        return Windows(self.vectors[span], self.signs[span])

    @cached_property
    def means(self) -> Vectors:
        """Of each document the mean of its windows, at unit length."""
        sums = np.add.reduceat(self.vectors, self.starts, axis=0)
        return unit(sums)


class Aligner:
    """How well documents are aligned with questions, each pair looked at once."""

    def __init__(self, shape: tuple[int, int], look: Look) -> None:
        self._look = look
        self._kept = np.full(shape, np.nan)
        self._known = np.zeros(shape, bool)

    def __call__(self, question: int, documents: Places) -> Row:
        """The alignment of *documents* with a question; NaN for one without tokens."""
        missing = documents[~self._known[question, documents]]
        if len(missing):
            self._kept[question, missing] = self._look(question, missing)
            self._known[question, missing] = True
        found: Row = self._kept[question, documents]
        return found


@dataclass(frozen=True, eq=False)
class Lists:
    """What the searchers found, as in a pool."""

    cosines: Matrix  # NaN: not in the vectors' list
    bm25: Matrix  # 0: not in the words' list
    aligned: Matrix  # NaN: not looked at
    there: Mask  # candidates: in any list, or bearing a mark

    def pool(self, question: int) -> Pool:
        """The candidates of a question as the product's functions take them, and all the others."""
        count = self.there.shape[1]
        return Pool(
            cast(Sequence[Card], range(count)),
            self.cosines[question],
            np.zeros(0, np.int64),
            self.bm25[question],
            {},
        )


@dataclass(frozen=True, eq=False)
class Way:
    """A way to rank. The shipped one is `Ground.shipped`; a try replaces some of its parts."""

    ground: "Ground"
    cosines: Matrix  # questions by windows
    starts: Places  # of each document's windows
    bm25: Matrix  # 0: no word in common
    aligner: Aligner
    pool: int = POOL
    head: int = ALIGNED
    weigh: Weigh = weights_for
    marks: float = MARK_WEIGHT  # 0: they are not even looked for

    @property
    def best(self) -> Matrix:
        """The cosine of each document's best window."""
        found: Matrix = np.maximum.reduceat(self.cosines, self.starts, axis=1)
        return found

    def found(self) -> Lists:
        """The candidates, before they are aligned."""
        near = np.where(first(self.cosines, self.pool), self.cosines, np.nan)
        cosines = np.fmax.reduceat(near, self.starts, axis=1)
        hit = self.ground.hits(self.bm25, self.pool)
        marked = self.ground.bearing > 0 if self.marks else np.zeros_like(hit)
        there = ~np.isnan(cosines) | hit | marked
        bm25 = np.where(hit, self.bm25, 0.0)
        return Lists(cosines, bm25, np.full(bm25.shape, np.nan), there)

    def looked(self) -> Lists:
        """The candidates, the best of them aligned and given their exact cosine."""
        lists, best = self.found(), self.best
        cosines, aligned = lists.cosines.copy(), lists.aligned
        for question, there in enumerate(lists.there):
            if not self.ground.pieces[question]:
                continue
            pool = lists.pool(question)
            plain = np.where(there, convex(pool, plain_weights(pool)).total, -np.inf)
            head = np.argsort(-plain, kind="stable")[: min(self.head, int(there.sum()))]
            cosines[question, head] = best[question, head]
            aligned[question, head] = self.aligner(question, head)
        return replace(lists, cosines=cosines, aligned=aligned)

    def plain(self) -> Matrix:
        """Scores without alignment."""
        return self.scored(self.found())

    def scores(self) -> Matrix:
        """Scores of all documents; minus infinity for those that are no candidates."""
        return self.scored(self.looked())

    def scored(self, lists: Lists) -> Matrix:
        """The scores that *lists* give."""
        totals = np.empty(lists.there.shape)
        for question, aligned in enumerate(lists.aligned):
            pool = lists.pool(question)
            if np.isnan(aligned).all():
                totals[question] = convex(pool, plain_weights(pool)).total
            else:
                weights = self.weigh(pool, self.ground.pieces[question])
                totals[question] = convex(pool, weights, aligned).total
        return np.where(lists.there, totals + self._bonus(), -np.inf)

    def _bonus(self) -> Matrix:
        """What exact marks add: as in `pipeline`, with any weight."""
        if not self.marks:
            return np.zeros(self.bm25.shape)
        most = self.marks + np.maximum(2 * np.minimum(self.ground.marked, 1.0) - 1, 0.0)
        bonus: Matrix = most[:, None] * self.ground.bearing
        return bonus


class Ground:
    """A judged set, encoded and indexed. Documents are by id, as in a pool: so ties fall alike."""

    def __init__(self, judged: Judged, model: Encoder) -> None:
        self.name = judged.name
        self.model = model
        self.records = sorted(judged.documents, key=lambda record: record.id)
        self.asked = [judged.queries[one] for one in judged.grades]
        self.encoded = [distinct(model.encode_query(text)) for text in self.asked]
        self.vectors = np.stack([one.vector for one in self.encoded])
        self.pieces = [len(one.words) for one in self.encoded]
        self.texts = Texts.of(self.records, windows, model)
        self.places = {record.id: place for place, record in enumerate(self.records)}
        self.index = WordIndex()
        self.index.put(
            WordDocument(record.id, record.title, searchable(record)) for record in judged.documents
        )
        self.added = np.array([self.places[record.id] for record in judged.documents], np.intp)
        self.rarity = [self.index.rarity(one.words) for one in self.encoded]
        self._judge(judged.grades)
        self._mark()

    def _judge(self, grades: Mapping[str, Mapping[str, int]]) -> None:
        self.gains = np.zeros(self.shape)
        # A question that is a document's text is not answered by it.
        self.own = np.array([self.places.get(query, -1) for query in grades])
        self.ideal = np.zeros(len(grades))
        for question, graded in enumerate(grades.values()):
            for document, grade in graded.items():
                if document in self.places:
                    self.gains[question, self.places[document]] = grade
            best = np.sort([float(grade) for grade in graded.values()])[::-1][:HITS]
            self.ideal[question] = (best * DISCOUNT[: len(best)]).sum()

    def _mark(self) -> None:
        """`bearing`: share of a question's marks that a document bears; `marked`: of its text."""
        bearers: dict[str, list[int]] = {}
        for document, record in enumerate(self.records):
            marks = signature_terms(extract(f"{record.title}\n{searchable(record)}"))
            for mark in {mark.lower() for mark in marks}:
                bearers.setdefault(mark, []).append(document)
        self.bearing = np.zeros(self.shape)
        self.marked = np.zeros(len(self.asked))
        for question, text in enumerate(self.asked):
            marks = signature_terms(extract(text))
            self.marked[question] = sum(map(len, marks)) / max(len(text.strip()), 1)
            for mark in {mark.lower() for mark in marks}:
                found = bearers.get(mark, [])
                if len(found) <= COMMON:
                    self.bearing[question, found] += 1 / len(marks)

    @property
    def shape(self) -> tuple[int, int]:
        """How many questions and documents there are."""
        return len(self.asked), len(self.records)

    @cached_property
    def bm25(self) -> Matrix:
        """What the words index gives each document."""
        scores = np.zeros(self.shape)
        for question, text in enumerate(self.asked):
            for hit in self.index.search(text, len(self.records)):
                scores[question, self.places[hit.id]] = hit.score
        return scores

    @cached_property
    def shipped(self) -> Way:
        """The shipped ranking."""
        return self.way(self.texts)

    def way(self, texts: Texts, queries: Sequence[EncodedQuery] | None = None) -> Way:
        """The shipped ranking, with other windows, or questions encoded otherwise."""
        queries = self.encoded if queries is None else queries
        rarity = [self.index.rarity(one.words) for one in queries]

        def look(question: int, documents: Places) -> Row:
            query = queries[question]
            seen = [closest(texts.windows(one), query.vector)[2] for one in documents]
            return align(query, rarity[question], seen)

        vectors = np.stack([one.vector for one in queries])
        cosines = (vectors @ texts.vectors.T).astype(np.float64)
        return Way(self, cosines, texts.starts, self.bm25, Aligner(self.shape, look))

    def words_alone(self, bm25: Matrix) -> Matrix:
        """Scores of a ranking by words alone."""
        return np.where(self.hits(bm25, POOL), bm25, -np.inf)

    def hits(self, bm25: Matrix, depth: int) -> Mask:
        """The best *depth* word hits; of equal ones those first that were added first."""
        order = np.argsort(-bm25[:, self.added], axis=1, kind="stable")[:, :depth]
        mask = np.zeros(bm25.shape, bool)
        np.put_along_axis(mask, self.added[order], True, axis=1)
        return mask & (bm25 > 0)

    def ndcg(self, scores: Matrix) -> Row:
        """nDCG@10 of each question."""
        scores = scores.copy()
        for question, own in enumerate(self.own):
            if own >= 0:
                scores[question, own] = -np.inf
        top = np.argsort(-scores, axis=1, kind="stable")[:, :HITS]
        ranked = np.isfinite(np.take_along_axis(scores, top, 1))
        gains = np.take_along_axis(self.gains, top, 1) * ranked
        found: Row = (gains * DISCOUNT).sum(axis=1) / self.ideal
        return found


def first(scores: Matrix, depth: int) -> Mask:
    """Which are the greatest *depth* of each row."""
    mask = np.zeros(scores.shape, bool)
    depth = min(depth, scores.shape[1])
    np.put_along_axis(mask, np.argpartition(-scores, depth - 1, axis=1)[:, :depth], True, axis=1)
    return mask


def unit(rows: Vectors) -> Vectors:
    """*rows* at unit length; a row of zeros stays one."""
    scaled: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return scaled


def stronger(times: float) -> Weigh:
    """The shipped weights with that of alignment taken *times*."""

    def weigh(pool: Pool, length: int) -> Weights:
        meaning, words, alignment = weights_for(pool, length)
        total = meaning + words + times * alignment
        return Weights(meaning / total, words / total, times * alignment / total)

    return weigh

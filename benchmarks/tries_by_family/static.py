"""Family 10: a second encoder that would fit in the wheel, a table of one vector per word piece.

The vectors are the shipped encoder's own, of each piece by itself, in 256 main directions.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.encoders.onnx import TokenIds
from lessonbase.ports import Vectors
from lessonbase.records import windows
from tries_by_family.aligning import MULTIPLES, aligned
from tries_by_family.ground import SHIPPED, Ground, Matrix, Row, Tries, Try, stronger, unit
from tries_by_family.tokens import has_word, look_at, model, vocabulary

DIMENSIONS: Final = 256
WEIGHTS: Final = (0.1, 0.2, 0.4)
TWO: Final = "without the alignment of tokens in their sentences"


def statics(ground: Ground) -> Tries:
    """Family 10."""
    ids = model()._tokenize([text for record in ground.records for text in windows(record)])
    texts = [_words(one) for one in ids]
    asked = [_words(one) for one in model()._tokenize(ground.asked)]
    pieces = [np.unique(one) for one in asked]
    rarity = _rarity(texts)
    vectors, questions = _means(texts, rarity), _means(asked, rarity)
    pooled = np.maximum.reduceat(questions @ vectors.T, ground.texts.starts, axis=1)
    share = np.maximum(pooled, 0) / np.maximum(pooled.max(axis=1, keepdims=True), 1e-6)
    scores, plain = ground.shipped.scores(), ground.shipped.plain()
    yield Try(SHIPPED, scores)
    yield Try("static vectors alone", pooled.astype(np.float64))
    for weight in WEIGHTS:
        yield Try(f"+ {weight} × static vectors", scores + weight * share)
    table = _table()
    look = look_at(
        ground,
        [table[one] for one in texts],
        lambda question: (table[pieces[question]], rarity[pieces[question]]),
    )
    matching = aligned(ground.shipped, look)
    lists = matching.looked()
    matches = _share(lists.aligned)
    for weight in WEIGHTS:
        yield Try(f"+ {weight} × static alignment", scores + weight * matches)
    yield Try("shipped, not aligned", plain, TWO)
    for weight in WEIGHTS:
        yield Try(f"+ {weight} × static vectors", plain + weight * share, TWO)
    for times in MULTIPLES:
        found = replace(matching, weigh=stronger(times)).scored(lists)
        yield Try("static alignment in its place", found, TWO, f"× {times}")


def _share(scores: Matrix) -> Matrix:
    """As shares of the best, what was not looked at as the least."""
    least = np.nan_to_num(np.fmin.reduce(scores, axis=1))[:, None]
    filled = np.where(np.isnan(scores), least, scores)
    found: Matrix = np.maximum(filled, 0) / np.maximum(filled.max(axis=1, keepdims=True), 1e-6)
    return found


def _words(ids: TokenIds) -> NDArray[np.int64]:
    own = np.array(ids, np.int64)
    return own[has_word()[own]]


@cache
def _table() -> Vectors:
    """The vector of each word piece."""
    found = vocabulary()
    found = found - found.mean(axis=0)
    directions = np.linalg.eigh(found.T @ found)[1][:, ::-1][:, :DIMENSIONS]
    return unit(found @ directions)


def _rarity(texts: Sequence[NDArray[np.int64]]) -> Row:
    """Robertson and Sparck Jones' weight of each word piece."""
    bearing = np.zeros(len(_table()))
    for text in texts:
        bearing[np.unique(text)] += 1
    found: Row = np.log(1 + (len(texts) - bearing + 0.5) / (bearing + 0.5))
    return found


def _means(texts: Sequence[NDArray[np.int64]], rarity: Row) -> Vectors:
    """Of each text the mean of its pieces' vectors, rare ones counting more."""
    table = _table()
    return unit(np.stack([(rarity[one].astype(np.float32) @ table[one]) for one in texts]))

"""A second, closer look at the best candidates: word by word rather than text by text.

Each piece of a word of the question is matched with the most similar one of a text, both as the
encoder sees them in their sentences; how well they match on the average, rare words counting more,
is the alignment. A vector of a whole text blurs the one word that matters; this does not.

Of a text's tokens only the signs of the coordinates are kept. Pure.

Source: the sum of maxima is that of Khattab & Zaharia, ColBERT, SIGIR 2020,
doi:10.1145/3397271.3401075; here without training, on the tokens of a sentence encoder.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.ports import EncodedQuery, Signs, Vector, Windows

# Best candidates that are looked at. From 15 to 50 the ranking on dev hardly differs (all tries).
ALIGNED: Final = 16
# Windows of one record that are looked at, those of the largest cosine.
_MOST_WINDOWS: Final = 4
# Pieces of the question that are aligned, the rarest: a log has up to 256, at a cost each.
_MOST_PIECES: Final = 64

# Products up to which OpenBLAS computes on its caller's core. On several, which wait for each other
# spinning, it takes seven times as long beside another busy process. So few rows stay in the cache.
_ALONE: Final = 262_144
# Eight signs as 1 and -1, for each value of a byte.
_UNITS: Final = (
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32) * 2 - 1
)

Row = NDArray[np.float64]


def distinct(query: EncodedQuery) -> EncodedQuery:
    """*query* with every word once: the lines of a log repeat the same words a hundred times."""
    seen: set[str] = set()
    kept: list[int] = []
    before = None
    for i, word in enumerate(query.words):
        # The pieces of one word follow one another.
        if word != before and word in seen:
            before = None
            continue
        before = word
        seen.add(word)
        kept.append(i)
    if len(kept) == len(query.words):
        return query
    return EncodedQuery(query.vector, query.tokens[kept], [query.words[i] for i in kept])


def closest(windows: Windows, vector: Vector) -> tuple[float, int, list[Signs]]:
    """Cosine and position of the window nearest to *vector*, and the signs worth aligning."""
    cosines = windows.vectors @ vector
    if len(cosines) == 1:  # most records; sorting costs more than the product
        return float(cosines[0]), 0, [windows.signs[0]]
    order = np.argsort(-cosines, kind="stable")[:_MOST_WINDOWS]
    return float(cosines[order[0]]), int(order[0]), [windows.signs[i] for i in order]


def align(
    query: EncodedQuery, weights: Sequence[float] | Row, texts: Sequence[Sequence[Signs]]
) -> Row:
    """How well the words of *query* are matched by those of each of *texts*.

    Args:
        query: With at least one token.
        weights: What each of its tokens counts, 0 or more.
        texts: Of each text the signs of its windows' tokens; the best window counts.
    Returns:
        For each text a number in [-1, 1], near .5 for a good match; NaN for one without tokens.
    """
    weighed = np.asarray(weights, np.float32)
    kept = np.argsort(-weighed, kind="stable")[:_MOST_PIECES]
    tokens, weighed = query.tokens[kept], weighed[kept]
    if not weighed.any():
        weighed = np.ones_like(weighed)
    owners, windows = [], []
    for text, own in enumerate(texts):
        for signs in own:
            if len(signs):
                owners.append(text)
                windows.append(signs)
    aligned = np.full(len(texts), np.nan)
    if not windows:
        return aligned
    dimension = tokens.shape[1]
    packed = np.concatenate(windows)
    products = np.empty((len(packed), len(tokens)), np.float32)
    step = max(_ALONE // tokens.size, 1)
    for start in range(0, len(packed), step):
        few = packed[start : start + step]
        units = _UNITS.take(few, axis=0).reshape(len(few), -1)[:, :dimension]
        products[start : start + step] = units @ tokens.T
    starts = np.cumsum([0] + [len(signs) for signs in windows[:-1]])
    best = np.maximum.reduceat(products, starts, axis=0) / np.sqrt(dimension)
    np.fmax.at(aligned, owners, best @ (weighed / weighed.sum()))
    return aligned

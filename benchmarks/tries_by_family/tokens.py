"""The encoder's tokens as they are, before only the signs of their vectors are kept."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.encoders.onnx import OnnxEncoder, TokenIds, _batches
from lessonbase.ports import Vectors
from lessonbase.retrieval.alignment import _MOST_PIECES, _MOST_WINDOWS
from lessonbase.stores.stopwords import STOP_WORDS
from tries_by_family.ground import Ground, Matrix, Places, Row, unit

# Texts of one word piece in one run of the graph.
TOGETHER: Final = 84

# Questions, number of one, their weights → what is aligned of it.
Asked = Callable[[int], tuple[Vectors, Row]]


@cache
def model() -> OnnxEncoder:
    """The shipped encoder itself."""
    return OnnxEncoder()


@dataclass(frozen=True, eq=False)
class Tokens:
    """Of each text its tokens: vectors of unit length, and ids; without [CLS] and [SEP]."""

    vectors: Sequence[Vectors]
    ids: Sequence[NDArray[np.int64]]


def tokens_of(texts: Sequence[str]) -> Tokens:
    """Encode *texts*, several at once as the encoder does."""
    encoder = model()
    ids = encoder._tokenize(texts)
    vectors: list[Vectors] = [np.zeros((0, encoder.fingerprint.dimension), np.float32)] * len(texts)

    def run(batch: list[int]) -> None:
        rows = encoder._run([ids[i] for i in batch])[1]
        for i, row in zip(batch, rows, strict=True):
            vectors[i] = unit(row[1 : len(ids[i]) - 1])

    with ThreadPoolExecutor(encoder._threads) as pool:
        list(pool.map(run, _batches(ids)))
    return Tokens(vectors, [np.array(one[1:-1], np.int64) for one in ids])


def has_word() -> NDArray[np.bool_]:
    """By token id: whether it is more than punctuation."""
    return model()._has_word


@cache
def is_stop_word() -> NDArray[np.bool_]:
    """By token id: whether it is a word of the stop list."""
    found = np.zeros(len(has_word()), bool)
    ids = map(model()._tokenizer.token_to_id, STOP_WORDS)
    found[[one for one in ids if one is not None]] = True
    return found


def vocabulary() -> Vectors:
    """The vector of each token by itself, as a text of its own."""
    encoder = model()
    start = encoder._tokenize([""])[0][0]
    texts: list[TokenIds] = [[start, one, encoder._end] for one in range(len(has_word()))]
    batches = [texts[i : i + TOGETHER] for i in range(0, len(texts), TOGETHER)]
    with ThreadPoolExecutor(encoder._threads) as pool:
        return np.concatenate([rows for rows, _ in pool.map(encoder._run, batches)])


def pieces(*groups: Sequence[str]) -> list[list[list[str]]]:
    """The word pieces of whole texts, without punctuation and stop words, group by group."""
    kept = has_word() & ~is_stop_word()
    tokenizer = model()._tokenizer
    return [
        [
            [token for token, one in zip(text.tokens, text.ids, strict=True) if kept[one]]
            for text in tokenizer.encode_batch(list(group), add_special_tokens=False)
        ]
        for group in groups
    ]


def nearest_windows(ground: Ground, question: int, document: int) -> list[int]:
    """The windows of a document that are aligned, as the product chooses them."""
    span = ground.texts.span(document)
    cosines = ground.texts.vectors[span] @ ground.vectors[question]
    order = np.argsort(-cosines, kind="stable")[:_MOST_WINDOWS]
    return [span.start + int(one) for one in order]


def matched(tokens: Vectors, weights: Row, texts: Sequence[Sequence[Vectors]]) -> Row:
    """`align`, for vectors of any kind: weighted mean of each token's best match, best window."""
    aligned = np.full(len(texts), np.nan)
    kept = np.argsort(-weights, kind="stable")[:_MOST_PIECES]
    tokens, weighed = tokens[kept], weights[kept]
    if not weighed.any():
        weighed = np.ones_like(weighed)
    owners = [text for text, own in enumerate(texts) for window in own if len(window)]
    windows = [window for own in texts for window in own if len(window)]
    if not windows or not len(tokens):
        return aligned
    starts = np.cumsum([0, *map(len, windows)])[:-1]
    best: Matrix = np.maximum.reduceat(np.concatenate(windows) @ tokens.T, starts, axis=0)
    np.fmax.at(aligned, owners, best @ (weighed / weighed.sum()))
    return aligned


def look_at(
    ground: Ground, windows: Sequence[Vectors], asked: Asked
) -> Callable[[int, Places], Row]:
    """How documents with such *windows* match what is *asked*."""

    def look(question: int, documents: Places) -> Row:
        tokens, weights = asked(question)
        seen = [[windows[i] for i in nearest_windows(ground, question, d)] for d in documents]
        return matched(tokens, weights, seen)

    return look

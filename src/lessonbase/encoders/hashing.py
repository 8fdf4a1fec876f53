"""A small encoder without a model: words and their parts, hashed into a fixed number of places.

For tests, and for measuring what a trained model adds. It is deterministic on every machine, and
texts that share words, or stems of words, get similar vectors; it knows no synonyms.

Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.encoders.signs import signs_of
from lessonbase.encoders.surrogates import without_surrogates
from lessonbase.errors import InvalidInput
from lessonbase.ports import Encoded, EncodedQuery, Progress, Vector, Vectors
from lessonbase.records import Fingerprint

# Letters in a part of a word. Three tell "migrate" from "migration" apart and yet relate them.
PART_LETTERS: Final = 3
# What all parts of a word weigh together, the word itself weighing 1.
PARTS_WEIGHT: Final = 0.5
# Words whose places are kept: about 60 MB when full, more words than the texts of a test have.
KEPT_WORDS: Final = 100_000

_WORD: Final = re.compile(r"\w+")
_Places = tuple[NDArray[np.int64], NDArray[np.float64]]


class HashingEncoder:
    """Bag of hashed words and word parts, at unit length. Safe under threads.

    Args:
        dimension: Length of a vector, at least 1.

    Raises:
        InvalidInput: If *dimension* is less than 1.

    >>> encoder = HashingEncoder(dimension=256)
    >>> near, far = encoder.encode_documents(["database migration failed", "green tea"]).vectors
    >>> query = encoder.encode_query("failing migrations of a database").vector
    >>> bool(query @ near > query @ far)
    True
    """

    def __init__(self, dimension: int = 384) -> None:
        if dimension < 1:
            raise InvalidInput(f"dimension must be at least 1, not {dimension}")
        self._fingerprint = Fingerprint(
            name="hashing", revision="1", dimension=dimension, pooling="sum"
        )

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the method; its revision changes with what it computes."""
        return self._fingerprint

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Encoded:
        """Vectors of *texts*, (len(texts), dimension) float32, rows of length 1; a token a word."""
        vectors = np.empty((len(texts), self._fingerprint.dimension), np.float32)
        signs = []
        for i, text in enumerate(texts):
            words = _words(text)
            vectors[i] = self._vector(words)
            signs.append(signs_of(self._tokens(words)))
            if progress:
                progress(i + 1, len(texts))
        return Encoded(vectors, signs)

    def encode_query(self, text: str) -> EncodedQuery:
        """Vector of *text*, (dimension,) float32, unit length; that of an empty one is fixed."""
        words = _words(text)
        return EncodedQuery(self._vector(words), self._tokens(words), words)

    def _tokens(self, words: Sequence[str]) -> Vectors:
        rows = [_token(word, self._fingerprint.dimension) for word in words]
        return np.array(rows, np.float32).reshape(len(rows), self._fingerprint.dimension)

    def _vector(self, words: Sequence[str]) -> Vector:
        dimension = self._fingerprint.dimension
        total = _sum(words, dimension)
        length = np.linalg.norm(total)
        # Few features in few places may cancel one another, and then nothing is left to scale.
        if length < 1e-9:
            total = _sum([""], dimension)
            length = np.linalg.norm(total)
        vector: Vector = (total / length).astype(np.float32)
        return vector

    def count_tokens(self, text: str) -> int:
        """Words of *text*."""
        return len(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(without_surrogates(text).lower())


def _sum(words: Sequence[str], dimension: int) -> NDArray[np.float64]:
    """All features of *words*, each added at its place with its sign."""
    found = [_places(word, dimension) for word in words] or [_places("", dimension)]
    places = np.concatenate([place for place, _ in found])
    weights = np.concatenate([weight for _, weight in found])
    total: NDArray[np.float64] = np.zeros(dimension)
    np.add.at(total, places, weights)
    return total


@lru_cache(maxsize=KEPT_WORDS)
def _places(word: str, dimension: int) -> _Places:
    """Where the features of *word* go, and their signed weights, none of which is zero."""
    features = _features(word)
    numbers = np.array([_number(feature) for feature, _ in features])
    sizes = np.array([size for _, size in features])
    # The lowest bit is the sign, the rest the place.
    signs = np.where(numbers & 1, 1.0, -1.0)
    return (numbers >> 1) % dimension, signs * sizes


@lru_cache(maxsize=KEPT_WORDS)
def _token(word: str, dimension: int) -> Vector:
    """The vector of a word by itself: every feature is in every place, so that signs tell it."""
    total = np.zeros(dimension)
    for feature, size in _features(word):
        key = hashlib.blake2b(feature.encode(), digest_size=8).digest()
        bits = hashlib.shake_128(key).digest(-(-dimension // 8))
        signs = np.unpackbits(np.frombuffer(bits, np.uint8), count=dimension)
        total += size * (2.0 * signs - 1)
    vector: Vector = (total / np.linalg.norm(total)).astype(np.float32)
    return vector


def _features(word: str) -> list[tuple[str, float]]:
    """The word and its parts, each with its weight."""
    marked = f"<{word}>"
    count = len(marked) - PART_LETTERS + 1
    parts = [marked[i : i + PART_LETTERS] for i in range(count)]
    return [
        (f"word {word}", 1.0),
        *((f"part {part}", PARTS_WEIGHT / max(count, 1)) for part in parts),
    ]


def _number(feature: str) -> int:
    """A number in [0, 2^63) that is the same on every machine, unlike `hash`."""
    digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1

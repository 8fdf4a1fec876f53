"""What is asked of an encoder: texts into vectors, and into the signs of their tokens."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lessonbase.records import Fingerprint

# (n, dimension) float32, every row of unit length: a dot product is a cosine.
Vectors = NDArray[np.float32]
# (dimension,) float32 of unit length.
Vector = NDArray[np.float32]
# (tokens, dimension / 8) uint8: which coordinates of each token's vector are positive, eight to a
# byte, the first in its highest bit.
Signs = NDArray[np.uint8]
# Called with (done, total) as long work goes on; total is constant.
Progress = Callable[[int, int], None]


class Encoded(NamedTuple):
    """Texts as an encoder reads them, in their order."""

    vectors: Vectors
    # Of each text's words, for alignment; without rows from an encoder that does not tell.
    signs: Sequence[Signs]


class EncodedQuery(NamedTuple):
    """A query as an encoder reads it."""

    vector: Vector
    # The vector of each piece of a word, and the word; without rows as above.
    tokens: Vectors
    words: Sequence[str]


class Encoder(Protocol):
    """Turns text into vectors. Safe to call from several threads."""

    @property
    def fingerprint(self) -> Fingerprint:
        """What a base remembers to refuse vectors of any other encoder."""
        ...

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Encoded:
        """Vectors of *texts*, shape (len(texts), dimension), and the signs of their tokens."""
        ...

    def encode_query(self, text: str) -> EncodedQuery:
        """Vector of a task or question, and of each token of it."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of *text* for this model's tokenizer, special ones left out."""
        ...

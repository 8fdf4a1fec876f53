"""The protocols between the rooms: what `base` and `retrieval` ask of the world outside.

An adapter satisfies one by shape; tests/contracts holds all adapters of a port to the same tests.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lessonbase.records import Fingerprint

# (n, dimension) float32, every row of unit length: a dot product is a cosine.
Vectors = NDArray[np.float32]
# (dimension,) float32 of unit length.
Vector = NDArray[np.float32]
# Called with (done, total) as long work goes on; total is constant.
Progress = Callable[[int, int], None]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present, in UTC, with its zone."""
        ...


class IdSource(Protocol):
    """Makes ids."""

    def new(self) -> str:
        """An id never given before; later ids sort after earlier ones."""
        ...


class Encoder(Protocol):
    """Turns text into vectors. Safe to call from several threads."""

    @property
    def fingerprint(self) -> Fingerprint:
        """What a base remembers to refuse vectors of any other encoder."""
        ...

    def encode_documents(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Vectors of *texts*, in their order; shape (len(texts), dimension)."""
        ...

    def encode_query(self, text: str) -> Vector:
        """Vector of a task or question."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of *text* for this model's tokenizer, special ones left out."""
        ...

"""The protocols between the rooms.

An adapter satisfies one by shape; tests/contracts holds all adapters of a port to the same tests.
"""

from lessonbase.ports.base import Base
from lessonbase.ports.encoder import (
    Encoded,
    EncodedQuery,
    Encoder,
    Progress,
    Signs,
    Vector,
    Vectors,
)
from lessonbase.ports.stores import (
    Card,
    Change,
    Clock,
    Entry,
    Filed,
    IdSource,
    Indexes,
    Ledger,
    MatrixRows,
    Neighbour,
    Note,
    RecordVectors,
    VectorIndex,
    Visible,
    WindowKey,
    Windows,
    WordHit,
)

__all__ = [
    "Base",
    "Card",
    "Change",
    "Clock",
    "Encoded",
    "EncodedQuery",
    "Encoder",
    "Entry",
    "Filed",
    "IdSource",
    "Indexes",
    "Ledger",
    "MatrixRows",
    "Neighbour",
    "Note",
    "Progress",
    "RecordVectors",
    "Signs",
    "Vector",
    "VectorIndex",
    "Vectors",
    "Visible",
    "WindowKey",
    "Windows",
    "WordHit",
]

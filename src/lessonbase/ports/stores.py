"""What `base` and `retrieval` ask of the world outside: clock, ids, ledger, indexes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from pydantic import JsonValue

from lessonbase.ports.encoder import Encoded, Progress, Signs, Vector, Vectors
from lessonbase.records import Event, Filters, Key, Page, Record, Relation, SourceFile

# Visibilities that a caller may see; none: all of them.
Visible = frozenset[str] | None
# Record id and position of one window of it.
WindowKey = tuple[str, int]


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


@dataclass(frozen=True, slots=True)
class Change:
    """One record's step from a state to the next, with all that the stores keep of it."""

    action: str
    space: str
    record_id: str
    before: Record | None
    after: Record | None
    # Of `after`: texts of its windows, in order, and its signature marks.
    windows: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    detail: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened and changed no record: a recall, an outcome."""

    action: str
    space: str
    record_id: str | None
    at: datetime
    actor: str
    detail: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Card:
    """The columns of a record that a ranking needs, without its body."""

    id: str
    kind: str
    status: str
    visibility: str
    evidence: str
    confidence: str
    severity: str | None
    trust: float | None
    happened_at: str
    valid_until: str | None


@dataclass(frozen=True, slots=True)
class Filed:
    """A record as the ledger has it, with the event that made it so and its window hashes."""

    seq: int
    record: Record
    hashes: tuple[str, ...]


class Windows(NamedTuple):
    """All windows of a record, in order: what a ranking looks at closely."""

    vectors: Vectors
    signs: Sequence[Signs]


class RecordVectors(NamedTuple):
    """Records and one vector for each: row i of `vectors`, (n, dim), is that of `ids[i]`."""

    ids: tuple[str, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class MatrixRows:
    """Windows and their vectors: `keys`, `recallable` and the rows of `vectors` belong together."""

    keys: list[WindowKey]
    recallable: list[bool]
    vectors: Vectors


class Ledger(Protocol):
    """The truth: records, their history, and the vectors of their windows."""

    def commit(
        self,
        changes: Sequence[Change],
        *,
        actor: str,
        at: datetime,
        sources: Mapping[str, Sequence[SourceFile]] = ...,
    ) -> None:
        """Write *changes* with their events in one transaction; all of them or none.

        Args:
            changes: In order.
            actor: Who makes them.
            at: When.
            sources: Space → files to keep as they are; a version of each that differs is kept.
        """
        ...

    def sources(self, space: str) -> list[SourceFile]:
        """The newest version of every file that was imported, by name."""
        ...

    def source_versions(self, space: str, name: str) -> list[SourceFile]:
        """All versions of one file, oldest first; none if there is no such file."""
        ...

    def note(self, note: Note) -> None:
        """Keep *note* soon: at the latest before the next `commit`, `history`, or `close`."""
        ...

    def flush(self) -> None:
        """Write the notes that are waiting."""
        ...

    def get(self, space: str, ids: Sequence[str]) -> dict[str, Record]:
        """The records of *space* with these ids; absent ones are left out."""
        ...

    def cards(
        self, space: str, ids: Sequence[str] | None, filters: Filters, visible: Visible
    ) -> dict[str, Card]:
        """Cards of the records among *ids* (all, if none) that pass *filters* and are visible."""
        ...

    def marked(self, space: str, marks: Sequence[str], *, most: int) -> dict[str, tuple[str, ...]]:
        """Records of *space* that bear any of *marks* → those they bear.

        A mark that more than *most* records bear is left out: it tells nothing about any of them.
        """
        ...

    def linking(
        self, space: str, ids: Sequence[str], relation: Relation
    ) -> dict[str, tuple[str, ...]]:
        """Id among *ids* → the records whose links of this sort lead to it."""
        ...

    def page(
        self, space: str, filters: Filters, visible: Visible, *, limit: int, before: int | None
    ) -> Page:
        """Records in the order of their last change, newest first."""
        ...

    def records(self, space: str, *, since: int = 0, size: int = 1_000) -> Iterator[list[Filed]]:
        """Every record of *space* changed after event *since*, oldest change first, in batches."""
        ...

    def history(self, space: str, record_id: str) -> list[Event]:
        """All events of one record, oldest first."""
        ...

    def vectors(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """Kept vectors of these windows; absent ones are left out."""
        ...

    def keep_encoded(self, fingerprint: str, hashes: Sequence[str], made: Encoded) -> None:
        """Keep what was made of windows, by their hash; it outlives an import broken off."""
        ...

    def windows_of(self, space: str, ids: Sequence[str], fingerprint: str) -> dict[str, Windows]:
        """All windows of each of these records, or what is kept of them."""
        ...

    def sample(self, space: str, fingerprint: str) -> Vectors:
        """Vectors of up to 512 windows of *space*, drawn evenly and always alike."""
        ...

    def size(self, space: str) -> int:
        """Records of *space*, of any status."""
        ...

    def matrix(
        self, space: str, fingerprint: str, *, ids: Sequence[str] | None = None
    ) -> Iterator[MatrixRows]:
        """Every window of *space*, or of the records *ids*, and its vector, in batches."""
        ...

    def erase(self, space: str, record_id: str, *, actor: str, at: datetime) -> None:
        """Remove a record from the tables, its words from every event, and free pages from disk."""
        ...

    def meta(self, name: str) -> str | None:
        """A property of the base."""
        ...

    def set_meta(self, name: str, value: str) -> None:
        """Change a property of the base."""
        ...

    def check(self) -> list[str]:
        """What is wrong with the ledger itself, in sentences."""
        ...

    def unencoded(self, fingerprint: str) -> int:
        """Number of windows without a vector of this encoder."""
        ...

    def count_events(self, space: str, action: str) -> int:
        """Number of events of one sort."""
        ...

    def forget_vectors(self, fingerprint: str) -> None:
        """Remove the vectors of every encoder but *fingerprint*."""
        ...

    def close(self) -> None:
        """Write what is waiting and let go of the files."""
        ...

    def spaces(self) -> list[str]:
        """Names of the spaces that hold records."""
        ...

    def last_seq(self) -> int:
        """Number of the newest event; 0 before the first."""
        ...

    def count_windows(self, space: str) -> int:
        """Number of windows that a recall may return."""
        ...

    def counts(self, space: str, visible: Visible) -> dict[tuple[str, str], int]:
        """(kind, status) → number of visible records."""
        ...

    def labels(self, space: str, field: str, visible: Visible, *, limit: int) -> dict[str, int]:
        """Tags or services (*field*) of visible active records → how many bear them, most first."""
        ...

    def latest(
        self, space: str, actions: Sequence[str], *, limit: int = 1_000, before: int | None = None
    ) -> list[Event]:
        """The latest events of these sorts, newest first; of those *before* a number, if one."""
        ...

    def add_key(self, key: Key, digest: str) -> None:
        """Keep a key and the hash of its secret."""
        ...

    def list_keys(self, space: str | None = None) -> list[Key]:
        """All keys, or those of one space, oldest first."""
        ...

    def key(self, key_id: str) -> tuple[Key, str] | None:
        """A key and the hash of its secret; none if there is no such key."""
        ...

    def revoke_key(self, key_id: str, at: datetime) -> None:
        """End a key."""
        ...

    def touch_key(self, key_id: str, at: datetime) -> None:
        """Keep when a key was last used."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One window, ready to be put into a vector index."""

    record_id: str
    position: int
    vector: Vector
    text: str
    # Readable by any Chroma tool; never read back by us.
    metadata: Mapping[str, str | int]
    # Whether a recall may return it; an index of recallable windows is given no others.
    recallable: bool = True


class Neighbour(NamedTuple):
    """A window near a query."""

    record_id: str
    position: int
    similarity: float  # cosine, in [-1, 1]


class VectorIndex(Protocol):
    """Finds the windows nearest to a vector. Safe to use from several threads."""

    def put(self, entries: Sequence[Entry]) -> None:
        """Add windows, replacing those of the same record and position."""
        ...

    def remove(self, keys: Sequence[WindowKey]) -> None:
        """Take windows out; unknown ones are no error."""
        ...

    def nearest(self, vector: Vector, limit: int) -> list[Neighbour]:
        """The recallable windows with the largest cosine, at most *limit*, best first."""
        ...

    def __len__(self) -> int:
        """Number of windows."""
        ...


class WordHit(NamedTuple):
    """A record that shares words with a query."""

    id: str
    score: float  # BM25, at least 0


class Indexes(Protocol):
    """All that follows the ledger: vectors and words, one set per space."""

    def following(self, space: str) -> AbstractContextManager[None]:
        """A block in which to commit and then `apply`: no index takes a step in between."""
        ...

    def apply(self, space: str, changes: Sequence[Change], vectors: Mapping[str, Vector]) -> None:
        """Follow committed *changes*; *vectors* of their windows by window hash."""
        ...

    def nearest(self, space: str, vector: Vector, limit: int) -> list[Neighbour]:
        """Recallable windows by cosine, best first."""
        ...

    def nearest_among(
        self, space: str, vector: Vector, limit: int, ids: Collection[str]
    ) -> list[Neighbour]:
        """Windows of these records by cosine, whatever their status, best first; exact."""
        ...

    def words(self, space: str, query: str, limit: int) -> list[WordHit]:
        """Records of any status by BM25, best first."""
        ...

    def matched(self, space: str, query: str, text: str) -> tuple[str, ...]:
        """Words of *query* that occur in *text*, stems compared."""
        ...

    def rarity(self, space: str, words: Sequence[str]) -> list[float]:
        """How much each of *words* tells in this space: from 0 to 1 for one that nothing has."""
        ...

    def refilled(self, space: str, *, timeout_s: float | None = None) -> bool:
        """Wait until the space's vectors are complete; whether they are."""
        ...

    def degraded(self, space: str) -> bool:
        """Whether vectors are answered by the fallback while their index is being refilled."""
        ...

    def pulse(self) -> tuple[bool, int, int]:
        """Whether an open space lacks vectors, and how many of how many they have; at once."""
        ...

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Throw the vector index away and fill a fresh one; without *progress*, in a thread."""
        ...

    def close(self) -> None:
        """Let go of all files."""
        ...

    def check(self) -> list[str]:
        """What is wrong, in sentences; nothing if the indexes hold what the ledger does."""
        ...

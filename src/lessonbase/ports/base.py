"""A base as its callers see it: one method per use case, in process and as a client alike."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, Self

from lessonbase.ports.encoder import Progress
from lessonbase.ports.stores import RecordVectors
from lessonbase.records import (
    Briefing,
    Closed,
    Closing,
    Diagnosis,
    Event,
    Facets,
    Filters,
    ImportReport,
    Incident,
    Key,
    Kind,
    NewKey,
    Outcome,
    Page,
    Recalled,
    Record,
    Reported,
    ReviewQueue,
    Role,
    Scope,
    SearchResults,
    SoulBrief,
    SoulEvent,
    SoulSummary,
    SourceFile,
    SourceName,
    Stats,
)


class Base(Protocol):
    """What `open_base` returns: `LessonBase`, which holds the base, or `RemoteBase`, its client.

    `LessonBase` documents each use case. Safe to use from several threads.
    """

    @property
    def scope(self) -> Scope:
        """Who acts."""
        ...

    def recall(
        self, task: str, k: int = 5, *, budget: int | None = None, kinds: Sequence[Kind] = ()
    ) -> Briefing:
        """What is known that bears on *task*; or that nothing is."""
        ...

    def search(self, query: str, n: int = 10, *, filters: Filters | None = None) -> SearchResults:
        """Past incidents and lessons that match *query*, best first."""
        ...

    def incident(self, text: str, n: int = 3, *, done: Sequence[str] = ()) -> Incident:
        """Earlier failures like the one in *text*: the way out first, and what to check."""
        ...

    def close_incident(self, closing: Closing) -> Closed:
        """Turn what was learned into a draft of a failure mode."""
        ...

    def get(self, record_id: str) -> Record:
        """One record."""
        ...

    def list(
        self, *, filters: Filters | None = None, limit: int = 50, before: int | None = None
    ) -> Page:
        """Records by their last change, newest first."""
        ...

    def facets(self, *, limit: int = 30) -> Facets:
        """What a search can be narrowed by, with counts."""
        ...

    def history(self, record_id: str) -> tuple[Event, ...]:
        """All that happened to a record, oldest first."""
        ...

    def export(self) -> Iterator[Record]:
        """Every record that the caller may see, oldest change first."""
        ...

    def vectors(self) -> Iterator[RecordVectors]:
        """One vector for each record that the caller may see, in batches."""
        ...

    def recalls(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Recalled]:
        """What the base was asked, newest first, with what was reported of each answer."""
        ...

    def outcomes(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Reported]:
        """What was reported of records that the caller may see, newest first."""
        ...

    def stats(self) -> Stats:
        """How much there is, by kind and status."""
        ...

    def add(self, record: Record | Mapping[str, Any]) -> Record:
        """Keep a record."""
        ...

    def add_all(
        self,
        records: Sequence[Record | Mapping[str, Any]],
        *,
        sources: Sequence[SourceFile] = (),
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Keep many records at once, all or none, and the files they come from."""
        ...

    def sources(self) -> tuple[SourceName, ...]:
        """The files that records were imported from."""
        ...

    def source(self, name: str, *, version: int | None = None) -> SourceFile:
        """A file as it was imported."""
        ...

    def review(self, *, limit: int = 50) -> ReviewQueue:
        """What waits for a curator's decision."""
        ...

    def accept(self, record_id: str, *, note: str = "") -> Record:
        """Let a record that waits be recalled; of one in pairs, keep both."""
        ...

    def reject(self, record_id: str, *, note: str = "") -> Record:
        """Turn a record away for good."""
        ...

    def merge(self, record_id: str, other_id: str) -> Record:
        """Let one record stand for two that say the same."""
        ...

    def unmerge(self, record_id: str) -> Record:
        """Take back the last merge that the record was part of."""
        ...

    def soul_brief(
        self,
        agent: str | None = None,
        *,
        task: str = "",
        budget: int = 800,
        peek: bool = False,
    ) -> SoulBrief:
        """What an agent should know before its session."""
        ...

    def soul_history(self, agent: str) -> tuple[SoulEvent, ...]:
        """What happened to a soul, oldest first."""
        ...

    def souls(self) -> tuple[SoulSummary, ...]:
        """Every agent that has a soul here."""
        ...

    def retire_soul(self, agent: str) -> SoulSummary:
        """Retire an agent; its soul stays readable."""
        ...

    def edit(
        self, record_id: str, fields: Mapping[str, Any], *, version: int | None = None
    ) -> Record:
        """Change fields of a record."""
        ...

    def retire(self, record_id: str, *, note: str = "") -> Record:
        """Take a record out of recall."""
        ...

    def supersede(self, record_id: str, by: str) -> Record:
        """Let record *by* take the place of another one."""
        ...

    def erase(self, record_id: str) -> None:
        """Remove a record for good."""
        ...

    def outcome(self, outcome: Outcome) -> Outcome:
        """Report what became of a recalled record."""
        ...

    def doctor(self, *, repair: bool = False, progress: Progress | None = None) -> Diagnosis:
        """Hold ledger and indexes against each other."""
        ...

    def reindex(self, *, progress: Progress | None = None) -> None:
        """Make every vector anew."""
        ...

    def create_key(
        self, role: Role, *, agent: str | None = None, teams: Sequence[str] = (), note: str = ""
    ) -> NewKey:
        """A key for this space; its token is shown this once."""
        ...

    def keys(self) -> tuple[Key, ...]:
        """The keys of this space, without their secrets."""
        ...

    def revoke_key(self, key_id: str) -> Key:
        """End a key."""
        ...

    def audit(self, *, limit: int = 100) -> tuple[Event, ...]:
        """The latest writes, denials and key changes of this space, newest first."""
        ...

    def close(self) -> None:
        """Let go of the base."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

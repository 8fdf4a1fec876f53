"""What a recall or a search returns, and what is said of it afterwards."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from lessonbase.records.fields import Model, Moment, RecordId, Text
from lessonbase.records.kinds import StoredRecord


class Verdict(StrEnum):
    """What the caller should do with a briefing."""

    APPLY = "apply"
    CONSIDER = "consider"
    NOTHING_RELEVANT = "nothing_relevant"


class Signal(Model):
    """One reason for a place in the ranking; the deltas of a hit add up to its score."""

    name: str
    value: float = Field(description="In the signal's own unit, for the reader.")
    delta: float = Field(description="What it added to the score.")
    note: str = Field(default="", description="What the value means, in words.")
    without: int | None = Field(
        default=None, description="Place of the hit if this signal counted for no record; 1: first."
    )


class Ranks(Model):
    """Where a record stood in each list that was fused; 1 is the first, none: not in it."""

    meaning: int | None = Field(default=None, description="By cosine.")
    words: int | None = Field(default=None, description="By BM25.")
    alignment: int | None = Field(default=None, description="By alignment of tokens.")


class Hit(Model):
    """A record that was found, and why it stands where it does."""

    record: StoredRecord
    relevance: float = Field(ge=0, le=1, description="How sure we are that it helps.")
    score: float = Field(description="What hits are sorted by; comparable in one answer only.")
    signals: tuple[Signal, ...] = Field(default=(), description="Their deltas sum to the score.")
    window: str = Field(default="", description="The part of the record that fits best.")
    words: tuple[str, ...] = Field(default=(), description="Words of the query found in it.")
    ranks: Ranks = Ranks()
    behind: float | None = Field(
        default=None, description="Score that it lacks to the hit above; none for the first."
    )
    folded: tuple[RecordId, ...] = Field(
        default=(), description="Records further down that say the same and are left out."
    )
    contradicts: tuple[RecordId, ...] = Field(
        default=(), description="Visible records that are linked as saying the contrary."
    )
    form: Literal["full", "brief"] = Field(
        default="full", description="How much of it the prompt block shows."
    )


class Nearest(Model):
    """The closest record of an answer that was withheld."""

    id: str
    title: str
    relevance: float


class Reason(Model):
    """Why a briefing has the verdict it has, for programs (code) and readers (text)."""

    code: Literal["fits", "empty_base", "nothing_in_scope", "below_threshold", "expired"]
    text: str
    threshold: float | None = Field(default=None, description="Relevance that was asked for.")
    nearest: Nearest | None = Field(default=None, description="The best that was withheld.")
    withheld: int = Field(default=0, description="Candidates looked at and not returned.")


class Checklist(Model):
    """The hits' advice as one list, each line with the record it comes from."""

    do: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()


class Briefing(Model):
    """What is known that bears on a task, or that nothing is."""

    recall_id: str
    task: str
    verdict: Verdict
    reason: Reason
    hits: tuple[Hit, ...] = ()
    checklist: Checklist = Checklist()
    tokens: int = Field(default=0, description="Cost of the prompt block, in WordPiece tokens.")
    degraded: bool = Field(default=False, description="An index is being refilled.")


class SearchResults(Model):
    """Records that match a query, best first."""

    query: str
    results: tuple[Hit, ...] = ()
    degraded: bool = False


class Page(Model):
    """One page of records, and the mark to ask for the next one with."""

    records: tuple[StoredRecord, ...] = ()
    after: int | None = Field(default=None, description="`before` of the next page; none: the end.")


class Facets(Model):
    """What a search can be narrowed by: value → number of records that the caller may see."""

    kinds: dict[str, int] = Field(default_factory=dict)
    statuses: dict[str, int] = Field(default_factory=dict)
    tags: dict[str, int] = Field(default_factory=dict, description="Of active records, most first.")
    services: dict[str, int] = Field(default_factory=dict, description="The same.")


class OutcomeKind(StrEnum):
    """What became of a recalled record."""

    HELPED = "helped"
    HARMED = "harmed"
    IGNORED = "ignored"
    STALE = "stale"
    WRONG = "wrong"


class Outcome(Model):
    """A report on a record that was acted upon."""

    record_id: RecordId
    outcome: OutcomeKind
    id: RecordId | None = Field(
        default=None, description="Chosen by the reporter; a report told twice is kept once."
    )
    recall_id: RecordId | None = Field(default=None, description="The recall that returned it.")
    saved_tokens: int | None = Field(default=None, ge=0, description="Tokens it saved, if known.")
    note: Text = ""


class Event(Model):
    """One line of a base's history."""

    seq: int = Field(description="Order of events, from 1, without repeats.")
    at: Moment
    actor: str
    action: str
    space: str
    record_id: str | None = None
    before: StoredRecord | None = None
    after: StoredRecord | None = None
    detail: dict[str, JsonValue] = Field(default_factory=dict)


class Stats(Model):
    """How much a base holds, and of what."""

    records: int = Field(description="Records of the space that the caller may see.")
    kinds: dict[str, int] = Field(default_factory=dict)
    statuses: dict[str, int] = Field(default_factory=dict)
    recalls: int = 0
    outcomes: int = 0
    spaces: int = 0
    encoder: str = ""
    degraded: bool = False


class Readiness(Model):
    """Whether a base can be used, as far as can be told at once."""

    ready: bool = Field(description="The ledger answers.")
    degraded: bool = Field(default=False, description="An index is being refilled, or given up.")
    refill_done: int = Field(default=0, description="Windows that a refill under way has put in.")
    refill_total: int = Field(default=0, description="Windows that it will have put in.")


class Diagnosis(Model):
    """What `doctor` found and mended."""

    healthy: bool
    problems: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()

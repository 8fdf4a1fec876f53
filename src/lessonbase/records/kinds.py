"""The six kinds of record, and the internal one that evaluation uses."""

import hashlib
import json
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, TypeAdapter

from lessonbase.records.fields import (
    Aspect,
    Confidence,
    Evidence,
    Extra,
    Labels,
    Link,
    Model,
    Moment,
    Name,
    Provenance,
    RecordId,
    Required,
    Severity,
    Signature,
    Status,
    Text,
    Texts,
    Title,
    Visibility,
)

# Fields that say where a record is in its life or in whose hands, not what it says.
_BOOKKEEPING: Final = frozenset(
    {"id", "space", "status", "version", "created_at", "updated_at", "trust", "links"}
)


class Record(Model):
    """One piece of experience; the fields that all kinds share."""

    id: RecordId = Field(description="Chosen by the writer; generated ids sort by time.")
    kind: str
    title: Title = Field(description="What it is about, in a line.")
    space: Name = Field(default="default", description="The tenant it belongs to.")
    visibility: Visibility = Field(
        default="space", description="Who may see it: space, team:NAME or agent:NAME."
    )
    tags: Labels = Field(default=(), description="Topics, for filters.")
    services: Labels = Field(default=(), description="Systems and services it concerns.")
    provenance: Provenance = Field(default=Provenance(), description="Where it came from.")
    confidence: Confidence = Field(default=Confidence.MEDIUM, description="How sure we are.")
    evidence: Evidence = Field(default=Evidence.OBSERVED_ONCE, description="What it rests on.")
    severity: Severity | None = Field(default=None, description="How bad it is when it happens.")
    status: Status = Field(default=Status.ACTIVE, description="Only active ones are recalled.")
    supersedes: Annotated[tuple[RecordId, ...], Field(max_length=64)] = Field(
        default=(), description="Records it takes the place of."
    )
    links: Annotated[tuple[Link, ...], Field(max_length=256)] = Field(
        default=(), description="Ties to other records."
    )
    trust: float | None = Field(
        default=None, ge=0, le=1, description="From provenance; none until judged."
    )
    valid_until: Moment | None = Field(default=None, description="Not recalled after this time.")
    created_at: Moment = Field(description="When it was first recorded (UTC).")
    updated_at: Moment = Field(description="When it last changed (UTC).")
    version: int = Field(default=1, ge=1, le=2**63 - 1, description="Counts the changes, from 1.")
    extra: Extra = Field(
        default_factory=dict, description="Fields of the source format kept for the way back."
    )

    # What a kind's own fields mean to a reader who is about to act: see records/text.py.
    when: ClassVar[tuple[str, ...]] = ()
    what: ClassVar[tuple[str, ...]] = ()
    more: ClassVar[tuple[str, ...]] = ()

    def content(self) -> dict[str, Any]:
        """What the record says, without its bookkeeping, as JSON types."""
        return self.model_dump(mode="json", exclude=set(_BOOKKEEPING))

    def content_hash(self) -> str:
        """Hash of :meth:`content`: 32 hexadecimal digits, the same for the same content."""
        canonical = json.dumps(self.content(), sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()


class Lesson(Record):
    """What to do differently next time, and how we know."""

    kind: Literal["lesson"] = "lesson"
    situation: Required = Field(description="When it applies.")
    advice: Required = Field(description="What to do then.")
    avoid: Text = Field(default="", description="What not to do.")
    rationale: Text = Field(default="", description="Why, in causes and figures.")

    when = ("situation",)
    what = ("advice", "avoid")
    more = ("rationale",)


class FailureMode(Record):
    """A way in which things break, and the way back."""

    kind: Literal["failure_mode"] = "failure_mode"
    symptom: Required = Field(description="What is seen first.")
    cause: Text = Field(default="", description="Why it happens.")
    impact: Text = Field(default="", description="What it cost.")
    detection: Text = Field(default="", description="How it was, or can be, noticed.")
    recovery: Text = Field(default="", description="What ends it.")
    prevention: Text = Field(default="", description="What keeps it from happening again.")
    checks: Texts = Field(default=(), description="What responders checked.")
    signature: Signature = Field(default=Signature(), description="Its exact marks.")
    resolved_by: Text = Field(default="", description="Who ended it.")
    occurred_at: Moment | None = Field(default=None, description="When it happened (UTC).")
    seen_at: Annotated[tuple[Moment, ...], Field(max_length=1_000)] = Field(
        default=(), description="Further times that it happened (UTC)."
    )

    when = ("symptom", "cause")
    what = ("recovery", "prevention")
    more = ("impact", "detection", "checks", "resolved_by")


class SoulEntry(Record):
    """One thing an agent is, values, fears, or has lived."""

    kind: Literal["soul_entry"] = "soul_entry"
    agent: Name = Field(description="Whose soul it is part of.")
    aspect: Aspect = Field(description="Which side of the agent.")
    statement: Required = Field(description="The entry itself.")

    when = ("statement",)
    more = ("agent", "aspect")


class CoordinationPattern(Record):
    """A rule for working together."""

    kind: Literal["coordination_pattern"] = "coordination_pattern"
    rule: Required = Field(description="What everyone does.")
    why: Text = Field(default="", description="What it is good for.")
    failure_mode: Text = Field(default="", description="What happens without it.")
    roles: Labels = Field(default=(), description="Roles it binds.")

    when = ("failure_mode",)
    what = ("rule",)
    more = ("why", "roles")


class Heuristic(Record):
    """A rule of thumb, and where it stops."""

    kind: Literal["heuristic"] = "heuristic"
    rule: Required = Field(description="The rule of thumb.")
    why: Text = Field(default="", description="Why it works.")
    limits: Text = Field(default="", description="Where it does not.")

    when = ("why",)
    what = ("rule", "limits")


class Observation(Record):
    """What theory predicted and practice showed."""

    kind: Literal["observation"] = "observation"
    expected: Text = Field(default="", description="What was predicted.")
    observed: Required = Field(description="What happened.")
    conditions: Text = Field(default="", description="Under which conditions.")

    when = ("conditions", "expected")
    what = ("observed",)


class Document(Record):
    """A text of a benchmark. Internal: never imported, added or exported as experience."""

    kind: Literal["document"] = "document"
    # A benchmark's ids and titles are the benchmark's: any text will do.
    id: Annotated[str, Field(min_length=1, max_length=512)]
    title: Text = ""
    text: Text = ""

    what = ("text",)


AnyRecord = Annotated[
    Lesson | FailureMode | SoulEntry | CoordinationPattern | Heuristic | Observation,
    Field(discriminator="kind"),
]
StoredRecord = Annotated[
    Lesson | FailureMode | SoulEntry | CoordinationPattern | Heuristic | Observation | Document,
    Field(discriminator="kind"),
]

RECORD: Final[TypeAdapter[AnyRecord]] = TypeAdapter(AnyRecord)
STORED: Final[TypeAdapter[StoredRecord]] = TypeAdapter(StoredRecord)
KINDS: Final[dict[str, type[Record]]] = {
    model.model_fields["kind"].default: model
    for model in (Lesson, FailureMode, SoulEntry, CoordinationPattern, Heuristic, Observation)
}

"""The types that records are made of: texts, names, enumerations, provenance, links."""

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from math import isfinite
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

# Longest text field, in characters: about ten pages. A record is one piece of experience; a log
# or a book belongs beside it, linked by url.
TEXT_LIMIT: Final = 65_536
TITLE_LIMIT: Final = 300
# Deepest nesting of lists and objects in `extra`, and most digits of a number in it: readers of
# JSON give up at 200 levels and 4,300 digits, and what they cannot read is lost.
EXTRA_DEPTH: Final = 100
EXTRA_DIGITS: Final = 1_000

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Model(BaseModel):
    """The base of every wire type: frozen, strict about names, quiet about order."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)


def _plain(text: str) -> str:
    """Refuse characters that no store keeps faithfully; strip the ends."""
    if "\x00" in text:
        raise ValueError("has a NUL byte; remove it")
    if _SURROGATE.search(text):
        raise ValueError("has a lone surrogate (half of a character); repair the encoding")
    return text.strip()


def _faithful(value: JsonValue, depth: int = 0) -> JsonValue:
    """Refuse what would not come back from JSON as it is."""
    match value:
        case str() if _SURROGATE.search(value):
            raise ValueError("has a lone surrogate (half of a character); repair the encoding")
        case float() if not isfinite(value):
            raise ValueError(f"has {value}, which is no number in JSON")
        case int() if abs(value) >= 10**EXTRA_DIGITS:
            raise ValueError(f"has a number of more than {EXTRA_DIGITS:,} digits")
        case dict() | list() if depth > EXTRA_DEPTH:
            raise ValueError(f"is nested more than {EXTRA_DEPTH} levels deep")
        case dict():
            for name, inner in value.items():
                _faithful(name)
                _faithful(inner, depth + 1)
        case list():
            for inner in value:
                _faithful(inner, depth + 1)
    return value


def _utc(moment: datetime) -> datetime:
    """Times are stored in UTC; one without a zone is taken to be UTC."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside of the years 1 to 9999 in UTC") from error


def _unique(values: Any) -> Any:
    """Drop repeats, keep order; what is not a list is left for pydantic to refuse."""
    if isinstance(values, list | tuple) and all(isinstance(value, str) for value in values):
        return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
    return values


Text = Annotated[
    str,
    Field(max_length=TEXT_LIMIT, strict=True),
    AfterValidator(_plain),
]
Required = Annotated[Text, Field(min_length=1, max_length=TEXT_LIMIT, pattern=r"\S")]
Title = Annotated[Text, Field(min_length=1, max_length=TITLE_LIMIT, pattern=r"\S")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$")]
RecordId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
Visibility = Annotated[
    str, Field(pattern=r"^(space|(team|agent):[A-Za-z0-9][A-Za-z0-9._@-]{0,99})$")
]
Moment = Annotated[datetime, AfterValidator(_utc)]
Labels = Annotated[
    tuple[Annotated[Text, Field(max_length=100)], ...],
    Field(max_length=64),
    BeforeValidator(_unique),
]
Texts = Annotated[tuple[Required, ...], Field(max_length=64)]
Extra = Annotated[dict[str, JsonValue], AfterValidator(_faithful)]


class Kind(StrEnum):
    """What sort of experience a record holds."""

    LESSON = "lesson"
    FAILURE_MODE = "failure_mode"
    SOUL_ENTRY = "soul_entry"
    COORDINATION_PATTERN = "coordination_pattern"
    HEURISTIC = "heuristic"
    OBSERVATION = "observation"


class Confidence(StrEnum):
    """How sure the author is (the OOS vocabulary)."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class Evidence(StrEnum):
    """What the claim rests on, strongest first (the OOS vocabulary)."""

    MEASURED_RESULT = "MEASURED_RESULT"
    OBSERVED_REPEATEDLY = "OBSERVED_REPEATEDLY"
    OBSERVED_ONCE = "OBSERVED_ONCE"
    HUMAN_DEFINED_RULE = "HUMAN_DEFINED_RULE"
    INFERENCE = "INFERENCE"
    SPECULATION = "SPECULATION"


class Severity(StrEnum):
    """How bad it is when it happens."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """Where a record is in its life. Only active records are recalled."""

    ACTIVE = "active"
    PROPOSED = "proposed"
    QUARANTINED = "quarantined"
    SUPERSEDED = "superseded"
    RETIRED = "retired"


class Aspect(StrEnum):
    """Which side of an agent a soul entry describes."""

    VALUE = "value"
    EXPERIENCE = "experience"
    RELATIONSHIP = "relationship"
    FEAR = "fear"
    BOUNDARY = "boundary"
    BELIEF = "belief"
    PREFERENCE = "preference"
    VOICE = "voice"
    OTHER = "other"


class SourceKind(StrEnum):
    """Where a record came from."""

    AGENT = "agent"
    HUMAN = "human"
    ARTICLE = "article"
    DOCUMENTATION = "documentation"
    INCIDENT_REPORT = "incident_report"
    POSTMORTEM = "postmortem"
    PAPER = "paper"
    DATASET = "dataset"
    OOS = "oos"
    SOUL_FILE = "soul_file"
    OTHER = "other"


class Relation(StrEnum):
    """How one record stands to another."""

    SUPPORTS = "supports"
    REFINES = "refines"
    CONTRADICTS = "contradicts"
    DERIVED_FROM = "derived_from"
    DUPLICATE_OF = "duplicate_of"


class Link(Model):
    """A tie to another record of the same space, decided when a record is written."""

    relation: Relation
    target: RecordId
    evidence: Text = Field(default="", description="What the tie rests on, for a reader.")
    settled: bool = Field(default=False, description="A curator has looked at it and lets it be.")


class Provenance(Model):
    """Where a record came from, so that a reader can check it."""

    source: SourceKind = Field(default=SourceKind.OTHER, description="Sort of source.")
    title: Text = Field(default="", description="Title of the source.")
    author: Text = Field(default="", description="Person or organisation that wrote the source.")
    agent: Name | None = Field(default=None, description="Agent that recorded it.")
    session: Text = Field(default="", description="Session or run in which it was recorded.")
    url: Text = Field(default="", description="Where the source can be read.")
    licence: Text = Field(default="", description="Licence of the source, as an SPDX id if any.")
    published: date | None = Field(default=None, description="Date of the source.")
    retrieved: date | None = Field(default=None, description="Date it was read.")
    file: Text = Field(default="", description="File it was imported from.")
    line: int | None = Field(default=None, ge=1, description="Line in that file, from 1.")


class Signature(Model):
    """Exact marks of a failure: what two reports of the same thing share to the letter."""

    codes: Labels = Field(default=(), description="Error codes: ECONNRESET, E0382, ORA-00060.")
    exceptions: Labels = Field(default=(), description="Exception types: KeyError.")
    statuses: Labels = Field(default=(), description="HTTP statuses: 503.")
    signals: Labels = Field(default=(), description="Signals: SIGKILL, OOMKilled.")
    cves: Labels = Field(default=(), description="CVE ids.")
    services: Labels = Field(default=(), description="Services: postgres, redis.")
    versions: Labels = Field(default=(), description="Versions with the name: chromadb 1.5.9.")
    identifiers: Labels = Field(default=(), description="Identifiers in code: foo_bar(), paths.")

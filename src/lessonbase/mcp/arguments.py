"""What a model may give the tools, and what it is told when it gives something else.

Checked harder than what a person gives: nothing is ignored, no type guessed, every text bounded.
Calls no base. The descriptions are read by a model in every session, so each word counts.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Final, get_origin

from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, create_model
from pydantic_core import ErrorDetails

from lessonbase.records import (
    KINDS,
    Aspect,
    Confidence,
    Evidence,
    Kind,
    OutcomeKind,
    Record,
    Severity,
)
from lessonbase.records.fields import TITLE_LIMIT, Labels, RecordId, Text, Visibility
from lessonbase.records.reading import shortened, step_name

# Longest texts, in characters: a task of a few screens, a field of a page. A person may give more.
TASK_LIMIT: Final = 20_000
FIELD_LIMIT: Final = 8_000
SESSION_LIMIT: Final = 300

# Clauses of one refusal: the model chooses how many faults there are.
_MOST_CLAUSES: Final = 10

# Fields of a kind that a model does not fill: the base reads exact marks from the text.
_READ_BY_US: Final = frozenset({"signature"})

_Piece = Annotated[Text, Field(min_length=1, max_length=FIELD_LIMIT, pattern=r"\S")]
_MaybeEmpty = Annotated[Text, Field(max_length=FIELD_LIMIT)]
_Strict = ConfigDict(extra="forbid", frozen=True)


def _content_of(kind: str) -> type[BaseModel]:
    """The own fields of a kind, as a model may give them: texts, and lists of texts."""
    fields: dict[str, Any] = {}
    for name, field in KINDS[kind].model_fields.items():
        if name in Record.model_fields or name in _READ_BY_US:
            continue
        # Whose soul it is goes without saying where the caller is bound to an agent.
        if field.is_required() and name != "agent":
            fields[name] = (_Piece, ...)
        elif get_origin(field.annotation) is tuple:
            fields[name] = (list[_Piece], [])
        else:
            fields[name] = (_MaybeEmpty, "")
    return create_model(kind, __config__=_Strict, **fields)


CONTENTS: Final = {Kind(kind): _content_of(kind) for kind in KINDS}


def _listed(kind: Kind) -> str:
    fields = CONTENTS[kind].model_fields
    return ", ".join(name + "*" * field.is_required() for name, field in fields.items())


def _one_of(words: Iterable[str]) -> WithJsonSchema:
    """The schema of an enumeration in place, since not every client follows a reference."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


_Kind = Annotated[Kind, _one_of(Kind)]
_Topics = Annotated[
    Labels, WithJsonSchema({"type": "array", "items": {"type": "string", "maxLength": 100}})
]
_Content = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
            },
        }
    ),
]


class Arguments(ArgModelBase):
    """The arguments of a tool, all known and all right; handed to it as one object, `given`."""

    model_config = _Strict

    def model_dump_one_level(self) -> dict[str, Any]:
        """What the SDK passes to the tool by name."""
        return {"given": self}


class Question(Arguments):
    """What `recall` is asked."""

    task: Annotated[Text, Field(min_length=1, max_length=TASK_LIMIT, pattern=r"\S")] = Field(
        description="What you are about to do, with systems, versions and any error text."
    )
    k: Annotated[int, Field(strict=True, ge=1, le=20)] = Field(5, description="Most records.")
    budget: Annotated[
        Annotated[int, Field(strict=True, ge=50, le=8_000)] | None,
        WithJsonSchema({"type": "integer", "minimum": 50, "maximum": 8_000}),
    ] = Field(None, description="Most tokens of records.")
    kinds: Annotated[list[_Kind], Field(max_length=len(Kind))] = Field(
        [], description="Only these; empty: all."
    )


class Experience(Arguments):
    """What `record` is told."""

    kind: _Kind
    title: Annotated[Text, Field(min_length=1, max_length=TITLE_LIMIT, pattern=r"\S")] = Field(
        description="What it is about, in a line."
    )
    content: _Content = Field(
        description="Fields by kind, * required. "
        + "; ".join(f"{kind}: {_listed(kind)}" for kind in Kind)
        + f". checks and roles are lists; aspect is one of {', '.join(Aspect)}."
    )
    tags: _Topics = ()
    services: _Topics = Field((), description="Systems it concerns.")
    severity: Annotated[Severity | None, _one_of(Severity)] = None
    confidence: Annotated[Confidence, _one_of(Confidence)] = Confidence.MEDIUM
    evidence: Annotated[Evidence, _one_of(Evidence)] = Evidence.OBSERVED_ONCE
    visibility: Visibility = Field("space", description="space, team:NAME or agent:NAME.")
    session: Annotated[Text, Field(max_length=SESSION_LIMIT)] = Field(
        "", description="Your session or run, if it has a name."
    )


class Report(Arguments):
    """What `report_outcome` is told."""

    record_id: RecordId
    outcome: Annotated[OutcomeKind, _one_of(OutcomeKind)] = Field(
        description="stale: no longer true; wrong: never was."
    )
    recall_id: Annotated[RecordId | None, WithJsonSchema({"type": "string"})] = Field(
        None, description="Of the recall that returned it."
    )
    saved_tokens: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)] | None,
        WithJsonSchema({"type": "integer", "minimum": 0}),
    ] = Field(None, description="Tokens it saved you, if known.")
    note: Annotated[Text, Field(max_length=FIELD_LIMIT)] = Field("", description="What happened.")


# By the name of the tool that takes them.
ARGUMENTS: Final[dict[str, type[Arguments]]] = {
    "recall": Question,
    "record": Experience,
    "report_outcome": Report,
}


def refusal(error: ValidationError, given: type[BaseModel], *, under: str = "") -> str:
    """What is wrong with a call, one clause per argument, and what would be right.

    Args:
        error: What pydantic found.
        given: The model that it checked.
        under: What the names of *given* are found under: `content.`, or nothing.

    >>> try:
    ...     Question.model_validate({"task": "x", "k": 99, "mood": "good"})
    ... except ValidationError as error:
    ...     refusal(error, Question)
    'k 99: input should be less than or equal to 20; mood is unknown, give task, k, budget, kinds'
    """
    parts = error.errors(include_url=False)
    clauses = [_clause(part, given, under) for part in parts[:_MOST_CLAUSES]]
    if len(parts) > _MOST_CLAUSES:
        clauses.append(f"and {len(parts) - _MOST_CLAUSES} more")
    return "; ".join(clauses)


def _clause(part: ErrorDetails, model: type[BaseModel], under: str) -> str:
    where = under + (".".join(step_name(step) for step in part["loc"]) or "a name")
    given = part["input"]
    match part["type"]:
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is unknown, give {', '.join(model.model_fields)}"
        case _ if isinstance(given, str) and not given.strip():
            return f"{where} is empty"
        case "string_too_long" | "too_long" if isinstance(given, str):
            most = part["ctx"]["max_length"]
            return f"{where} has {len(given):,} characters, shorten it to {most:,}"
        case "string_unicode":
            return f"{where} has a lone surrogate (half of a character); repair the encoding"
        case "value_error":
            return f"{where} {part['ctx']['error']}"
        case _:
            reason = f"{part['msg'][:1].lower()}{part['msg'][1:]}"
            return f"{where} {shortened(repr(given))}: {reason}"

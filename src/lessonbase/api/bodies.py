"""Bodies of requests. What is answered are the wire types of `lessonbase.records`."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue, RootModel

from lessonbase.records import Filters, Kind, Role
from lessonbase.records.fields import Model, Name, RecordId, Text, Texts

_LESSON: dict[str, Any] = {
    "kind": "lesson",
    "title": "Migrations take locks",
    "situation": "Changing the schema of a busy table.",
    "advice": "Set a lock timeout first, and retry.",
    "tags": ["migrations", "postgres"],
}


class RecallBody(Model):
    """A task that is about to be done."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"task": "deploy a schema migration on Friday", "k": 3}]}
    )
    task: str = Field(min_length=1, max_length=200_000, description="In plain words.")
    k: int = Field(default=5, ge=1, le=100, description="Most hits.")
    budget: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Most tokens of the prompt block."
    )
    kinds: tuple[Kind, ...] = Field(default=(), description="Only these kinds; empty: all.")


class SearchBody(Model):
    """A question about what was."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"query": "ECONNRESET from the payment gateway", "n": 3, "filters": {}}]
        }
    )
    query: str = Field(min_length=1, max_length=200_000, description="Words, a trace, a question.")
    n: int = Field(default=10, ge=1, le=100, description="Most results.")
    filters: Filters = Filters()


class IncidentBody(Model):
    """What is seen of an incident, and what was looked at already."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "text": "FATAL: remaining connection slots are reserved (postgres, orders-db)",
                    "n": 3,
                    "done": ["counted the connections"],
                }
            ]
        }
    )
    text: str = Field(
        min_length=1, max_length=500_000, description="A trace, an alert, a log, a description."
    )
    n: int = Field(default=3, ge=1, le=100, description="Most precedents.")
    done: Texts = Field(default=(), description="What was checked, each in a line.")


class Draft(RootModel[dict[str, JsonValue]]):
    """A record's fields; docs/records.md names those of each kind. Id and times may be absent."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_LESSON]})


class Changes(RootModel[dict[str, JsonValue]]):
    """New values of a record's fields; all others stay."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"examples": [{"confidence": "HIGH", "tags": ["locks"]}]}
    )


class NoteBody(Model):
    """A reason, for the record's history."""

    note: Text = Field(default="", examples=["checked against the runbook"])


class MergeBody(Model):
    """The record that another one is to stand for."""

    other: RecordId = Field(description="Id of the one that is superseded.")


class RetireBody(Model):
    """Why a record is retired."""

    note: Text = Field(default="", examples=["we have no retries any more"])


class SupersedeBody(Model):
    """What takes a record's place."""

    by: RecordId = Field(description="Id of the newer record.")


class KeyBody(Model):
    """A key to be made."""

    role: Role = Field(examples=["writer"])
    agent: Name | None = Field(default=None, examples=["scout"])
    teams: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    note: Text = ""

"""What a base was asked, and what came of its answers."""

from typing import Literal

from pydantic import Field

from lessonbase.records.briefing import Outcome, Verdict
from lessonbase.records.fields import Model, Moment


class Recollected(Model):
    """A record that an answer held."""

    id: str
    relevance: float = Field(ge=0, le=1, description="What it was then.")


class Reported(Model):
    """A report on a record, with when and by whom it was made."""

    at: Moment
    actor: str = Field(description="Who reported: agent:NAME, or a role.")
    outcome: Outcome


class Recalled(Model):
    """A question that a base was asked, its answer in short, and what was reported of it."""

    recall_id: str
    at: Moment
    actor: str = Field(description="Who asked: agent:NAME, or a role.")
    way: Literal["recall", "incident"] = "recall"
    task: str | None = Field(description="What was asked, redacted; none: erased with a record.")
    verdict: Verdict
    reason: str = Field(description="Code of the reason: fits, below_threshold, …")
    hits: tuple[Recollected, ...] = ()
    nearest: str | None = Field(default=None, description="Id of the best that was withheld.")
    tokens: int = Field(default=0, description="Cost of the prompt block, in WordPiece tokens.")
    outcomes: tuple[Outcome, ...] = Field(default=(), description="Reports that name this answer.")

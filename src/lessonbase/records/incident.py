"""The view of an incident that is going on, and what is kept of it when it is over."""

from enum import StrEnum

from pydantic import Field

from lessonbase.records.briefing import Hit, Reason, Verdict
from lessonbase.records.fields import Model, Moment, RecordId, Severity, Signature, Text, Texts
from lessonbase.records.kinds import FailureMode


class Frequency(StrEnum):
    """How often a failure came before."""

    NEW = "new"
    RARE = "rare"
    FREQUENT = "frequent"


class Covered(StrEnum):
    """Whether what was done covers a check."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


class Check(Model):
    """Something that earlier responders looked at."""

    text: Text
    records: tuple[RecordId, ...] = Field(description="Failure modes it comes from, best first.")
    done: Text = Field(default="", description="What was listed as done that is nearest to it.")
    covered: Covered = Field(default=Covered.NO, description="Whether that covers it.")


class Precedent(Model):
    """A failure that was met before and looks like this one."""

    hit: Hit = Field(description="The failure mode, and why it is here.")
    exact: tuple[str, ...] = Field(
        default=(), description="Codes, exceptions, services … that both have to the letter."
    )
    times: int = Field(ge=1, description="Known times that it happened.")
    seen: tuple[Moment, ...] = Field(default=(), description="Those with a date, oldest first.")
    frequency: Frequency

    @property
    def record(self) -> FailureMode:
        """The failure mode."""
        if not isinstance(self.hit.record, FailureMode):
            raise TypeError(f"{self.hit.record.id} is no failure mode")
        return self.hit.record


class Incident(Model):
    """What is known that bears on an incident: how it ended before, and what to look at."""

    incident_id: RecordId = Field(description="What `close` goes by.")
    at: Moment = Field(description="When it was asked.")
    begun: Moment = Field(description="First time that the text names, else when it was asked.")
    text: Text = Field(description="The telling lines of what was given, redacted.")
    signature: Signature = Field(description="Exact marks of the whole text.")
    verdict: Verdict
    reason: Reason
    frequency: Frequency = Field(description="That of the first precedent; new without any.")
    precedents: tuple[Precedent, ...] = Field(default=(), description="Best first.")
    checks: tuple[Check, ...] = Field(
        default=(), description="What earlier responders checked; those not done first."
    )
    done: Texts = Field(default=(), description="What was listed as checked.")
    lessons: tuple[Hit, ...] = Field(default=(), description="Other experience that bears on it.")
    degraded: bool = False


class Closing(Model):
    """What was learned of an incident that is over; all of it may be left to what is known."""

    incident_id: RecordId | None = Field(
        default=None, description="Which; none: the caller's latest, unless a text is given."
    )
    text: str = Field(
        default="",
        max_length=500_000,
        description="What was seen, if no incident was asked about.",
    )
    title: Text = ""
    cause: Text = ""
    impact: Text = ""
    detection: Text = ""
    recovery: Text = ""
    prevention: Text = ""
    checks: Texts = Field(default=(), description="What was checked, beside what was listed.")
    resolved_by: Text = Field(default="", description="Who ended it; none: the caller.")
    severity: Severity | None = Field(default=None, description="None: what the text says.")
    occurred_at: Moment | None = Field(default=None, description="None: when it was begun.")
    same_as: RecordId | None = Field(
        default=None, description="It was this failure mode once more: no other one is drafted."
    )
    dry_run: bool = Field(default=False, description="Show the draft, keep nothing.")


class Closed(Model):
    """What became of an incident."""

    incident_id: RecordId | None
    record: FailureMode = Field(description="The draft, or the failure mode that came once more.")
    kept: bool
    missing: tuple[str, ...] = Field(
        default=(), description="Fields that a reader would look for and that nobody filled in."
    )

"""Who an agent is and what it has lived, as it is read at the start of a session."""

from pydantic import Field

from lessonbase.records.fields import Aspect, Model, Moment, Name, Text
from lessonbase.records.kinds import StoredRecord


class SoulChange(Model):
    """An entry of a soul that is not as it was when the soul was last read."""

    record_id: str
    what: str = Field(description="added, changed, removed or restored.")
    at: Moment
    actor: str
    before: Text = ""
    after: Text = ""


class StaleEntry(Model):
    """A record that nobody has confirmed for long."""

    record_id: str
    title: str
    age_days: int = Field(description="Since it was written, changed or confirmed.")
    last_read: Moment | None = Field(default=None, description="By a brief; none: never.")


class SoulBrief(Model):
    """What an agent should know before its session starts."""

    agent: Name
    retired_at: Moment | None = Field(default=None, description="When the agent was retired.")
    read_at: Moment
    last_read: Moment | None = Field(default=None, description="Of this brief; none: never read.")
    reads: int = Field(default=0, description="Times that it was read before.")
    warning: str = Field(default="", description="If it was not read though there was a soul.")
    changes: tuple[SoulChange, ...] = Field(default=(), description="Since it was last read.")
    who: tuple[StoredRecord, ...] = Field(default=(), description="Boundaries and values first.")
    lived: tuple[StoredRecord, ...] = Field(default=(), description="What bears on the task.")
    rules: tuple[StoredRecord, ...] = Field(default=(), description="Coordination that binds it.")
    news: tuple[StoredRecord, ...] = Field(default=(), description="The team's, since it was here.")
    stale: tuple[StaleEntry, ...] = ()
    left_out: int = Field(default=0, description="Entries that the budget had no room for.")
    tokens: int = Field(default=0, description="Cost of the prompt block, in WordPiece tokens.")
    prompt: str = Field(default="", description="All of it as a block for a model's prompt.")


class SoulSummary(Model):
    """A soul among others."""

    agent: Name
    entries: int = Field(description="Active entries that the caller may see.")
    changed_at: Moment = Field(description="Last change of any entry.")
    last_read: Moment | None = None
    retired_at: Moment | None = None


class SoulEvent(Model):
    """One step in the life of a soul."""

    at: Moment
    actor: str
    what: str = Field(description="added, changed, removed, restored, read or agent retired.")
    record_id: str | None = None
    aspect: Aspect | None = None
    before: Text = ""
    after: Text = ""

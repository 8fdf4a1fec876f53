"""A key: what lets a program in from outside, as whom, and how far."""

from pydantic import Field

from lessonbase.records.fields import Model, Moment, Name, RecordId, Text
from lessonbase.records.scope import Role, Scope


class Key(Model):
    """All that is kept of a key but the hash of its secret. It fixes the caller's scope."""

    id: RecordId
    space: Name
    role: Role
    agent: Name | None = None
    teams: tuple[Name, ...] = ()
    note: Text = Field(default="", description="What it is for.")
    created_at: Moment
    created_by: str = ""
    last_used_at: Moment | None = Field(default=None, description="To the minute.")
    revoked_at: Moment | None = None

    @property
    def scope(self) -> Scope:
        """Whom it lets in."""
        return Scope(space=self.space, agent=self.agent, teams=self.teams, role=self.role)


class NewKey(Model):
    """A key that was just made."""

    key: Key
    token: str = Field(description="What its bearer presents; shown this once.")

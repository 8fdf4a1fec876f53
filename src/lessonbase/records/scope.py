"""Who asks: the part of a base that a caller may see and change."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from lessonbase.records.fields import Model, Name, Visibility


class Role(StrEnum):
    """What a caller may do; each role may do all that the one before it may."""

    READER = "reader"
    WRITER = "writer"
    CURATOR = "curator"
    ADMIN = "admin"

    def allows(self, needed: "Role") -> bool:
        """Whether this role may do what *needed* may.

        >>> Role.CURATOR.allows(Role.WRITER), Role.READER.allows(Role.WRITER)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Scope(Model):
    """One caller's view of a base, bound when the base is opened.

    A request may narrow it, never widen it.
    """

    space: Name = Field(default="default", description="The tenant; nothing crosses it.")
    agent: Name | None = Field(default=None, description="The agent that asks, if one does.")
    teams: tuple[Name, ...] = Field(default=(), description="Teams the caller belongs to.")
    role: Role = Field(default=Role.READER, description="What the caller may do.")

    @property
    def sees_all(self) -> bool:
        """Whether agent-only and team-only records are visible whoever owns them."""
        return self.role is Role.ADMIN and self.agent is None and not self.teams

    @property
    def visibilities(self) -> frozenset[str]:
        """The visibilities this caller may see; meaningless if :attr:`sees_all`."""
        own = [f"agent:{self.agent}"] if self.agent else []
        return frozenset(["space", *own, *(f"team:{team}" for team in self.teams)])

    def sees(self, visibility: Visibility) -> bool:
        """Whether a record of that visibility, in this space, is the caller's to see.

        >>> Scope(agent="scout").sees("agent:scout"), Scope().sees("team:ops")
        (True, False)
        """
        return self.sees_all or visibility in self.visibilities

    def narrowed(
        self, *, space: str | None = None, agent: str | None = None, teams: Sequence[str] = ()
    ) -> "Scope | None":
        """The scope of a request that names a space, an agent or teams; none if it would widen.

        A scope that sees all of its space may act as any agent or team of it, as curator at most:
        erasing is left to whoever needs no other name.

        >>> Scope(agent="scout").narrowed(agent="bo") is None
        True
        >>> Scope(role=Role.ADMIN).narrowed(agent="bo").role
        <Role.CURATOR: 'curator'>
        """
        if space not in (None, self.space):
            return None
        if self.sees_all:
            if agent is None and not teams:
                return self
            return Scope(space=self.space, agent=agent, teams=tuple(teams), role=Role.CURATOR)
        if agent not in (None, self.agent) or not set(teams) <= set(self.teams):
            return None
        return self.model_copy(update={"teams": tuple(teams) or self.teams})

    @property
    def actor(self) -> str:
        """The name that events carry: the agent, or the role if no agent is named."""
        return f"agent:{self.agent}" if self.agent else self.role.value

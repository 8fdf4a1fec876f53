"""What a search may be narrowed by."""

from typing import Annotated

from pydantic import Field

from lessonbase.records.fields import Kind, Labels, Model, Moment, Relation, Status


class Filters(Model):
    """Conditions on records; all that are set must hold, any value within one is enough."""

    kinds: tuple[Kind, ...] = Field(default=(), description="Any of these kinds.")
    tags: Labels = Field(default=(), description="Any of these tags.")
    services: Labels = Field(default=(), description="Any of these services.")
    statuses: Annotated[tuple[Status, ...], Field(min_length=1)] = Field(
        default=(Status.ACTIVE,), description="Any of these statuses."
    )
    author: str | None = Field(default=None, description="Person, agent or organisation.")
    source: str | None = Field(default=None, description="Name of the file it was imported from.")
    relations: tuple[Relation, ...] = Field(
        default=(), description="Tied to another record in any of these ways, by its own links."
    )
    since: Moment | None = Field(default=None, description="Happened or recorded at or after.")
    until: Moment | None = Field(default=None, description="Happened or recorded before.")

    @property
    def narrows(self) -> bool:
        """Whether anything but the status is asked for."""
        return self.labelled or bool(self.kinds or self.since or self.until)

    @property
    def labelled(self) -> bool:
        """Whether anything is asked for that a record's columns do not tell."""
        return bool(self.tags or self.services or self.author or self.source or self.relations)

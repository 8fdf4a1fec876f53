"""What a search may be narrowed by."""

from typing import Annotated

from pydantic import Field

from lessonbase.records.fields import Kind, Labels, Model, Moment, Status


class Filters(Model):
    """Conditions on records; all that are set must hold, any value within one is enough."""

    kinds: tuple[Kind, ...] = Field(default=(), description="Any of these kinds.")
    tags: Labels = Field(default=(), description="Any of these tags.")
    services: Labels = Field(default=(), description="Any of these services.")
    statuses: Annotated[tuple[Status, ...], Field(min_length=1)] = Field(
        default=(Status.ACTIVE,), description="Any of these statuses."
    )
    author: str | None = Field(default=None, description="Person, agent or organisation.")
    since: Moment | None = Field(default=None, description="Happened or recorded at or after.")
    until: Moment | None = Field(default=None, description="Happened or recorded before.")

    @property
    def narrows(self) -> bool:
        """Whether anything but the status is asked for."""
        return bool(
            self.kinds or self.tags or self.services or self.author or self.since or self.until
        )

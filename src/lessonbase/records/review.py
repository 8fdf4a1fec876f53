"""What waits for a curator: what is kept out of recall, and what does not go together."""

from typing import Literal

from pydantic import Field

from lessonbase.records.fields import Model
from lessonbase.records.kinds import StoredRecord


class ReviewItem(Model):
    """One thing to decide: a record that waits, or a pair that says the same or the contrary."""

    reason: Literal["quarantined", "proposed", "duplicate", "contradiction"]
    record: StoredRecord
    other: StoredRecord | None = Field(default=None, description="Of a pair, the older one.")
    evidence: str = Field(default="", description="Why it waits, for a reader.")


class ReviewQueue(Model):
    """What waits, newest first."""

    items: tuple[ReviewItem, ...] = ()
    more: bool = Field(default=False, description="Whether there is more than was asked for.")

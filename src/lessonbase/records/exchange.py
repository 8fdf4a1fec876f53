"""Files that records come from and go back to, and what bringing them in did."""

import hashlib
from typing import Literal

from pydantic import ConfigDict, Field

from lessonbase.records.fields import Model, Moment, Visibility

# Longest file that is kept as it came, in bytes: a thousand pages.
SOURCE_LIMIT = 4_000_000


class SourceFile(Model):
    """A file as it was imported, so that it can be given back as it was."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    kind: Literal["source_file"] = "source_file"
    name: str = Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")
    format: str = Field(max_length=40, description="Which reader understood it.")
    content: bytes = Field(max_length=SOURCE_LIMIT, description="In base64, in JSON.")
    visibility: Visibility = "space"
    version: int = Field(default=1, ge=1, description="Counts its imports with other content.")
    imported_at: Moment | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


class SourceName(Model):
    """A file that was imported, without its content."""

    name: str
    format: str
    version: int
    visibility: Visibility
    imported_at: Moment
    sha256: str
    records: int = Field(default=0, description="Records of it that the caller may see.")


class ImportReport(Model):
    """What an import did, or would do."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = Field(default=0, description="Retired, as their file does not hold them any more.")
    duplicates: tuple[str, ...] = Field(
        default=(), description="New ones that say what another record says, and which."
    )
    contradictions: tuple[str, ...] = Field(
        default=(), description="New ones that say the contrary of another record, and which."
    )
    quarantined: tuple[str, ...] = Field(
        default=(), description="New ones kept out of recall until they are accepted, and why."
    )
    refused: tuple[str, ...] = Field(default=(), description="What was left out, and why.")
    notes: tuple[str, ...] = Field(default=(), description="What a reader should know of.")
    redacted: dict[str, int] = Field(
        default_factory=dict, description="Secrets and personal data taken out, by sort."
    )
    kinds: dict[str, int] = Field(default_factory=dict, description="Records read, by kind.")
    files: dict[str, str] = Field(default_factory=dict, description="File → its format.")
    dry_run: bool = False

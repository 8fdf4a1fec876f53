"""What reading a file gives, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass

from lessonbase.errors import BadLine
from lessonbase.records import Record, SourceFile

# The text of another file beside the one that is read, by its relative name; none: not there.
Beside = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds.

    Attributes:
        records: Of its good parts, in the order of the file.
        bad: Lines that should hold experience and cannot be read.
        notes: Lines that a reader should know of although nothing is lost: a section that is
            empty, a file that is named and not there.
        sources: Files as they came, to be kept beside the records.
    """

    records: tuple[Record, ...]
    bad: tuple[BadLine, ...]
    notes: tuple[BadLine, ...] = ()
    sources: tuple[SourceFile, ...] = ()


def alone(name: str) -> str | None:  # noqa: ARG001 - as `Beside` has it
    """The `Beside` of a file that came without a folder."""
    return None

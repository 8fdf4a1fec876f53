"""Files that were read, brought into a base, and one report on all of them."""

from collections import Counter
from collections.abc import Callable, Sequence

from lessonbase.errors import BadLine, InvalidFile
from lessonbase.formats.files import Reading
from lessonbase.ports import Base, Progress
from lessonbase.records import ImportReport


def bring(
    base: Base,
    readings: Sequence[Reading],
    *,
    hint: Callable[[Sequence[BadLine]], str],
    keep_good: bool = False,
    dry_run: bool = False,
    visibility: str = "space",
    progress: Progress | None = None,
) -> ImportReport:
    """Import what *readings* hold, all or none, and the files themselves for the way back.

    Args:
        base: Where to.
        readings: Of files; those without a format are noted and left out.
        hint: What whoever gave them can do about bad lines.
        keep_good: Import the good parts although others are bad.
        dry_run: Tell what would happen, and keep nothing.
        visibility: Of records and files of formats that have none.
        progress: Told of windows encoded.
    Raises:
        InvalidFile: If a file has bad lines, unless *keep_good*.
    """
    refuse_bad(readings, hint=hint, keep_good=keep_good)
    records = [
        record
        if reading.format == "jsonl"
        else record.model_copy(update={"visibility": visibility})
        for reading in readings
        for record in reading.parsed.records
    ]
    sources = [
        source
        if reading.format == "jsonl"
        else source.model_copy(update={"visibility": visibility})
        for reading in readings
        for source in reading.parsed.sources
    ]
    done = base.add_all(records, sources=sources, dry_run=dry_run, progress=progress)
    redacted = Counter(done.redacted)
    for reading in readings:
        redacted.update(reading.redacted)
    left_out = [
        f"{one.path}: no format that is known, left out" for one in readings if not one.format
    ]
    return done.model_copy(
        update={
            "refused": _located(readings, bad=True),
            "notes": (*left_out, *_located(readings, bad=False)),
            "redacted": dict(sorted(redacted.items())),
            "files": {one.name: one.format for one in readings if one.format and one.path},
        }
    )


def refuse_bad(
    readings: Sequence[Reading], *, hint: Callable[[Sequence[BadLine]], str], keep_good: bool
) -> None:
    """Raise `InvalidFile` for the first of *readings* with bad lines, unless *keep_good*."""
    for reading in readings:
        if reading.parsed.bad and not keep_good:
            raise InvalidFile(
                reading.path or reading.name, reading.parsed.bad, hint=hint(reading.parsed.bad)
            )


def _located(readings: Sequence[Reading], *, bad: bool) -> tuple[str, ...]:
    return tuple(
        f"{one.path}:{line.line}: {line.reason}".removeprefix(":")
        for one in readings
        for line in (one.parsed.bad if bad else one.parsed.notes)
    )

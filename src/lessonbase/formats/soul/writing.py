"""Records as a soul file: the kept one with what has changed, or a new one.

A kept file that still says what the records say comes back to the letter. What a soul file has no
place for (tags, confidence, a title that was changed) stays in the base.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from lessonbase.errors import InvalidInput
from lessonbase.formats.soul import canonical, json_patch, manifest, markdown_patch
from lessonbase.formats.soul.edits import Plan, missing, plan_of
from lessonbase.formats.soul.reading import PLAIN, Read, Shape, has_one_aspect, read_file
from lessonbase.records import Record, SoulEntry

# No entry is dated by it: what is compared are the words.
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


def write(records: Sequence[Record], *, kept: str | None, name: str) -> str:
    """The soul file that says what *records* say.

    Args:
        records: Soul entries of one agent, in the order in which new ones should stand.
        kept: The file as it was imported; none: a new one is made.
        name: Its name; a new one ending in .json is made as JSON, any other as Markdown.

    Returns:
        *kept* to the letter, if it says just that. Otherwise changed entries are written in their
        place, those without a record are taken out, new ones stand under a heading or key of
        their aspect, and all else stays. Where a place cannot take an entry (a table, a list
        below "I never:") it moves; where *kept* cannot be changed at all, a new file is made.

    Raises:
        InvalidInput: If a record is no soul entry, or they are of several agents.
    """
    entries = _entries(records)
    if kept is None:
        return canonical.new_file(entries, name)
    before = _read(kept, name)
    moved: frozenset[str] = frozenset()
    for coded in (False, True):
        plan = plan_of(before.made, entries, moved)
        if not plan:
            return kept
        text = _patched(kept, name, before, plan, coded=coded)
        after = _read(text, name)
        absent = missing(after.made, entries, with_aspect=not has_one_aspect(name))
        if not absent and len(after.parsed.records) == len(entries):
            return text
        # What is absent was changed in a place that cannot take it, or stands beside such a place.
        tried = {change.record_id for change in plan.changes}
        moved |= tried.intersection(record.id for record in absent) or tried
    return canonical.new_file(entries, name)


def _entries(records: Sequence[Record]) -> list[SoulEntry]:
    entries = [record for record in records if isinstance(record, SoulEntry)]
    other = next((record for record in records if not isinstance(record, SoulEntry)), None)
    if other is not None:
        raise InvalidInput(
            f"record {other.id!r} is a {other.kind}, which no soul file holds",
            hint="choose soul entries only",
        )
    agents = sorted({entry.agent for entry in entries})
    if len(agents) > 1:
        raise InvalidInput(
            f"a soul file is of one agent, not of {', '.join(agents)}",
            hint="export one agent at a time",
        )
    return entries


def _read(text: str, name: str) -> Read:
    return read_file(text, name=name, now=_ANY_TIME)


def _patched(kept: str, name: str, before: Read, plan: Plan, *, coded: bool) -> str:
    """First what is there is changed, then the new is added to what that gives."""
    if before.shape is Shape.MARKDOWN:
        text = markdown_patch.changed(kept, before.scan, plan.changes, plan.removals)
        scan = _read(text, name).scan
        return markdown_patch.extended(text, scan, plan.additions, coded=coded)
    if before.root is None:
        return kept
    text = json_patch.changed(kept, before.scan, before.root, plan.changes, plan.removals)
    root = _read(text, name).root
    if root is None:
        return text
    reading = manifest.READING if before.shape is Shape.MANIFEST else PLAIN
    return json_patch.extended(text, root, plan.additions, reading)

"""What has to change in a kept file for it to say what the records say, and changes of a text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from re import compile as pattern
from typing import Final

from lessonbase.formats.soul.entry import Entry
from lessonbase.formats.soul.records import Made
from lessonbase.records import Aspect, SoulEntry

# The end of an id, which is made of the words of an entry and not of the agent's name.
_MARK: Final = pattern(r"-([0-9a-f]{12}(?:-\d+)?)$")


@dataclass(frozen=True, slots=True)
class Edit:
    """A half-open span of a text, and what takes its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """An entry, its new statement, and the id of the record that makes it."""

    entry: Entry
    statement: str
    record_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to change in a file.

    Attributes:
        changes: Entries that say something else now.
        removals: Entries that are gone.
        additions: What is new, or has moved to another aspect.
    """

    changes: tuple[Change, ...] = ()
    removals: tuple[Entry, ...] = ()
    additions: tuple[SoulEntry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.removals or self.additions)


def plan_of(made: Sequence[Made], records: Sequence[SoulEntry], moved: frozenset[str]) -> Plan:
    """How a file with the entries *made* differs from *records*.

    Args:
        made: The entries of the file; those that are no record stay as they are.
        records: What the file should say.
        moved: Ids of records that are not changed in their place but written anew.
    """
    waiting = {_mark(record.id): record for record in records}
    changes: list[Change] = []
    removals: list[Entry] = []
    for each in made:
        if each.record is None:
            continue
        record = waiting.pop(_mark(each.record.id), None)
        if record is None:
            removals.append(each.entry)
        elif record.aspect is not each.entry.aspect or record.id in moved:
            removals.append(each.entry)
            waiting[_mark(record.id)] = record
        elif record.statement != each.record.statement:
            changes.append(Change(each.entry, record.statement, record.id))
    wanted = set(map(id, waiting.values()))
    additions = tuple(record for record in records if id(record) in wanted)
    return Plan(tuple(changes), tuple(removals), additions)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """*text* with *edits*, which do not overlap; of two at one place, the first comes first.

    >>> applied("abc", [Edit(1, 2, "X"), Edit(3, 3, "d")])
    'aXcd'
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += (text[at : edit.start], edit.text)
        at = max(at, edit.end)
    return "".join(parts) + text[at:]


def missing(
    made: Sequence[Made], records: Sequence[SoulEntry], *, with_aspect: bool = True
) -> list[SoulEntry]:
    """The *records* that a file with the entries *made* does not say."""
    said = Counter(
        _said(each.entry.aspect if with_aspect else None, each.entry.statement)
        for each in made
        if each.record is not None
    )
    absent = []
    for record in records:
        key = _said(record.aspect if with_aspect else None, record.statement)
        if said[key] > 0:
            said[key] -= 1
        else:
            absent.append(record)
    return absent


def _said(aspect: Aspect | None, statement: str) -> tuple[Aspect | None, str]:
    return aspect, " ".join(statement.split())


def _mark(record_id: str) -> str:
    found = _MARK.search(record_id)
    return found[1] if found else record_id

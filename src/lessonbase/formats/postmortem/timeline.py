"""Timelines of reports: when and what, and which of it were checks."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

# What responders did to find out, rather than to repair.
_CHECK: Final = re.compile(
    r"\b(?:checked|verified|looked (?:at|into|for)|inspected|examined|ruled out|investigated"
    r"|compared)\b",
    re.IGNORECASE,
)
_DATE: Final = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?(?:,? \d{4})?"
)
_ZONE: Final = r"(?:\s?(?:Z|UTC|GMT|[A-Z]{1,3}[SD]?T|[+-]\d\d:?\d\d))?"
_TIME: Final = (
    rf"[~≈]?\d{{1,2}}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?{_ZONE}"
    r"|T[+-]\d{1,4}(?::\d\d)?(?:m|min|h)?"
)
_WHEN: Final = rf"(?:(?:{_DATE})(?:[T ,]{{1,2}}(?:{_TIME}))?|(?:{_TIME}))"
_ENTRY: Final = re.compile(
    rf"(?:\*\*|[\[(`])?(?P<at>{_WHEN}(?:\s?(?:-|–|to)\s?(?:{_TIME}))?)(?:\*\*|[\])`])?"
    rf"(?:\s*(?:[-–—:|]+)\s*|\s+)(?:\*\*\s*)?(?P<event>\S.*)"
)
_DAY: Final = re.compile(rf"(?P<at>{_DATE})\W*")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+")
_MOST: Final = 64


def events_in(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """When and what, of each line of a timeline; *when* is empty where a line has no time.

    A line that follows another one without a time of its own, and is no item, goes on with it.
    Tables have to be rows of ``cell | cell``.

    >>> events_in(["- 14:02 UTC: alert fires", "  and again", "- fixed"])
    (('14:02 UTC', 'alert fires and again'), ('', 'fixed'))
    """
    events: list[tuple[str, str]] = []
    for line in lines:
        mark = _ITEM.match(line)
        words = line[mark.end() :].strip() if mark else line.strip()
        if not words:
            continue
        entry = _ENTRY.match(words)
        day = _DAY.fullmatch(words) if len(words) < 40 else None
        if day:
            events.append((day["at"], ""))
        elif entry:
            events.append((entry["at"].strip(), entry["event"].strip()))
        elif events and not mark and line[:1].isspace():
            at, event = events[-1]
            events[-1] = (at, f"{event} {words}")
        else:
            events.append(("", words))
    return tuple(events)


def checks_in(events: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What of *events* was a check.

    >>> checks_in([("14:02", "Checked the replica lag"), ("14:05", "Restarted it")])
    ('Checked the replica lag',)
    """
    found = (event for _, event in events if _CHECK.search(event))
    return tuple(dict.fromkeys(found))[:_MOST]

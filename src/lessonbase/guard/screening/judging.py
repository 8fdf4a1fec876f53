"""Screening one record or one text: what is suspicious, and what becomes of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from lessonbase.guard.screening import bridges, pairs, success
from lessonbase.guard.screening.folding import plain
from lessonbase.guard.screening.found import (
    CERTAIN,
    HINT,
    Decision,
    Found,
    Mark,
    Screened,
    excerpt,
    settled,
    suspicious,
)
from lessonbase.guard.screening.hidden import Seen, seen
from lessonbase.guard.screening.parts import Part, changed, joined, parts
from lessonbase.guard.screening.quoting import spoken_of
from lessonbase.guard.screening.reading import read, strongest
from lessonbase.guard.screening.triggers import triggers
from lessonbase.records import Record

# Hidden characters from which a record is refused if they also outnumber the visible ones: what is
# left would not be what was written.
_PAYLOAD: Final = 32
# Names of sources and of marks weigh half: a paper may be called "Ignore previous …".
_SOURCE_SHARE: Final = 0.5


def screen(record: Record, *, trusted: bool = False) -> Screened:
    """What becomes of *record* at the door, and the record without hidden characters.

    Args:
        record: As it was given.
        trusted: Whether its writer is one of ours (a curator, an admin by hand), who may write
            about attacks: only what is certain holds the record back.

    Returns:
        The decision with its reasons. Texts in `extra` are kept for the way back to the source and
        never changed; what they hide counts all the same.
    """
    views = [(part, seen(part.text)) for part in parts(record)]
    if reasons := tuple(_refusals(views)):
        return Screened(Decision.REFUSE, record, reasons)
    dirty = {
        part.text: view.text
        for part, view in views
        if view.text != part.text and not part.kept_only
    }
    clean = changed(record, dirty) if dirty else record
    text = joined(clean)
    whole = plain(text)
    marks = [*_marks(views), *(replace(mark, field="the record") for mark in _whole(text, whole))]
    marks = settled(_weighed(marks, whole), trusted=trusted)
    removed = [
        f"{part.field}: {view.removed} removed"
        for part, view in views
        if view.removed and not part.kept_only
    ]
    if suspicious(marks, trusted=trusted):
        return Screened(Decision.QUARANTINE, clean, (*_reasons(marks), *removed))
    if clean is not record:
        return Screened(Decision.CLEAN, clean, tuple(dict.fromkeys(removed)))
    return Screened(Decision.ACCEPT, record, ())


def screen_text(text: str, *, trusted: bool = False) -> tuple[Found, ...]:
    """The signals in *text*: name, strength in (0, 1] and excerpt; strongest first.

    Args:
        text: Any text.
        trusted: Whether its writer is one of ours; then what is quoted counts for nothing.
    """
    view = seen(text)
    whole = plain(view.text)
    marks = [Mark(found) for found in view.found] + read(view.text) + _whole(view.text, whole)
    return strongest(settled(_weighed(marks, whole), trusted=trusted))


def _refusals(views: Iterable[tuple[Part, Seen]]) -> Iterator[str]:
    """Why the record cannot be kept at all; nothing if it can."""
    hidden = shown = 0
    for part, view in views:
        hidden += view.count
        shown += len(view.text)
        if part.required and not view.text:
            said = f", which say “{view.found[0].excerpt}”" if view.found else ""
            yield f"{part.field}: nothing but hidden characters{said}"
    if hidden >= _PAYLOAD and hidden > shown:
        yield f"the record: {hidden} hidden characters beside {shown} visible ones"


def _marks(views: Iterable[tuple[Part, Seen]]) -> Iterator[Mark]:
    for part, view in views:
        for found in view.found:
            yield Mark(found, part.field)
        for mark in read(view.text, tells=part.tells, forbids=part.forbids):
            found = mark.found
            if part.names_source:
                found = found._replace(strength=found.strength * _SOURCE_SHARE)
            if part.kept_only and found.strength < CERTAIN:
                continue
            yield Mark(found, part.field, mark.quoted)


def _whole(text: str, view: str) -> list[Mark]:
    """Signals that show only in a text as a whole; *view* is its plain view."""
    marks = [
        Mark(
            Found(match.rule.name, match.rule.strength, excerpt(view[match.start : match.end])),
            quoted=spoken_of(view, match.start, match.end),
        )
        for match in bridges.RULES.matches(view)
    ]
    marks += [Mark(found) for found in pairs.paired(" ".join(text.split()))]
    marks += [Mark(found) for found in triggers(text)]
    marks += [Mark(found) for found in success.habits(view)]
    return marks


def _weighed(marks: Sequence[Mark], whole: str) -> list[Mark]:
    """Marks with what the text as a whole, in its plain view, says about them."""
    weighed = []
    for mark in marks:
        strength = success.weighed(mark.found.name, mark.found.strength, whole)
        if strength > 0:
            weighed.append(replace(mark, found=mark.found._replace(strength=strength)))
    present = {mark.found.name for mark in weighed if not mark.quoted}
    return weighed + [Mark(found, "the record") for found in success.claims(whole, present)]


def _reasons(marks: Iterable[Mark]) -> list[str]:
    counted = sorted(
        (mark for mark in marks if mark.found.strength >= HINT),
        key=lambda mark: -mark.found.strength,
    )
    return list(
        dict.fromkeys(
            f"{mark.field}: {mark.found.name} (“{mark.found.excerpt}”)" for mark in counted
        )
    )

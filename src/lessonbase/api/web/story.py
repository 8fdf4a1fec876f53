"""The history of a record as a reader follows it: who did what, and what each field was before."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lessonbase.api.web.text import plain_name, visible
from lessonbase.records import Event, Record

# What each action reads as after the name of who did it.
_DONE: Final = {
    "add": "added it",
    "import": "imported it",
    "edit": "edited it",
    "retire": "retired it",
    "supersede": "put another in its place",
    "erase": "erased it",
}
# Fields that change with every change.
_ALWAYS: Final = frozenset({"updated_at", "version"})
# Words and signs of two texts that are compared one by one; longer texts are shown whole, one after
# the other, since the time to compare them grows with the product of their lengths.
_MOST_WORDS: Final = 1_000
# Share of two texts below which they are shown one after the other: scattered words read worse.
_ALIKE: Final = 0.5
_WORD: Final = re.compile(r"\s*(?:\w+|[^\w\s]|$)")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What became of one field.

    Attributes:
        name: The field's path: `advice`, `provenance.url`.
        pieces: Its text in order, each piece with `same`, `gone` or `new`.
    """

    name: str
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a record's history, in words."""

    event: Event
    done: str
    changes: tuple[FieldChange, ...]


def steps(events: Sequence[Event]) -> list[Step]:
    """What happened, newest first."""
    return [
        Step(
            event,
            _done(event),
            changes_between(event.before, event.after) if event.before and event.after else (),
        )
        for event in reversed(events)
    ]


def outcomes(events: Sequence[Event]) -> dict[str, int]:
    """How often each outcome was reported, most often first."""
    reported = [str(event.detail.get("outcome")) for event in events if event.action == "outcome"]
    return dict(Counter(reported).most_common())


def changes_between(before: Record, after: Record) -> tuple[FieldChange, ...]:
    """The fields in which two states of a record differ."""
    old, new = _flat(before.model_dump(mode="json")), _flat(after.model_dump(mode="json"))
    return tuple(
        FieldChange(name, _pieces(old.get(name, ""), new.get(name, "")))
        for name in dict.fromkeys((*old, *new))
        if old.get(name, "") != new.get(name, "") and name not in _ALWAYS
    )


def _done(event: Event) -> str:
    if event.action == "outcome":
        return f"reported that it {_became(str(event.detail.get('outcome')))}"
    return _DONE.get(event.action, plain_name(event.action))


def _became(outcome: str) -> str:
    return {"ignored": "was ignored", "stale": "is stale", "wrong": "is wrong"}.get(
        outcome, outcome
    )


def _flat(fields: dict[str, Any], path: str = "") -> dict[str, str]:
    """Every value of *fields* as text, under the path that leads to it."""
    flat: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{path}{name}.")
        elif isinstance(value, list):
            flat[path + name] = "; ".join(_as_text(item) for item in value)
        else:
            flat[path + name] = _as_text(value)
    return flat


def _as_text(value: Any) -> str:
    if isinstance(value, dict):  # a link to another record
        return " ".join(_as_text(part) for part in value.values())
    return "" if value is None else visible(str(value))


def _pieces(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The words of both texts, those they share once."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        return _only_said([("gone", before), ("new", after)])
    pieces: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(a=old, b=new)
    if matcher.ratio() < _ALIKE:
        return _only_said([("gone", before), ("new", after)])
    for how, i, j, k, m in matcher.get_opcodes():
        if how == "equal":
            pieces.append(("same", "".join(old[i:j])))
        else:
            pieces += [("gone", "".join(old[i:j])), ("new", "".join(new[k:m]))]
    return _only_said(pieces)


def _only_said(pieces: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(piece for piece in pieces if piece[1])

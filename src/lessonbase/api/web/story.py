"""The history of a record as a reader follows it: who did what, and what each field was before."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    "accept": "accepted it",
    "reject": "rejected it",
    "merge": "merged it with another",
    "unmerge": "took a merge back",
    "corroborate": "recorded the same, which confirms it",
}
# What the details of an event say of other records: action and detail, words before their ids.
_OTHERS: Final = {
    ("supersede", "by"): "In its place:",
    ("supersede", "of"): "It takes the place of",
    ("merge", "merged"): "It now also stands for",
    ("merge", "merged_into"): "What stands for it now:",
    ("unmerge", "merged"): "It stands no longer for",
    ("unmerge", "merged_into"): "No longer stands for it:",
    ("corroborate", "by"): "What confirms it:",
}
# Sorts of what was taken out, as a reader would say them; others by their own name.
_SORTS: Final = {"key": "secret", "email": "e-mail address", "phone": "phone number"}
# Actions that bring words of their own.
_WRITING: Final = frozenset({"add", "import", "edit"})
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
class Note:
    """What is to be said of an event beside its action.

    Attributes:
        text: In words.
        ids: Records that these words introduce.
    """

    text: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a record's history, in words."""

    event: Event
    done: str
    changes: tuple[FieldChange, ...]
    notes: tuple[Note, ...] = ()


def steps(events: Sequence[Event]) -> list[Step]:
    """What happened, newest first."""
    return [
        Step(
            event,
            _done(event),
            changes_between(event.before, event.after) if event.before and event.after else (),
            tuple(_notes(event)),
        )
        for event in reversed(events)
    ]


def outcomes(events: Sequence[Event]) -> dict[str, int]:
    """How often each outcome was reported, most often first."""
    reported = [str(event.detail.get("outcome")) for event in events if event.action == "outcome"]
    return dict(Counter(reported).most_common())


def screened(events: Sequence[Event]) -> tuple[str, ...]:
    """What screening found when the record was last written; nothing if it let it pass."""
    written = [event for event in events if event.action in _WRITING]
    found = written[-1].detail.get("screened") if written else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


def changes_between(before: Record, after: Record) -> tuple[FieldChange, ...]:
    """The fields in which two states of a record differ."""
    old, new = _flat(before.model_dump(mode="json")), _flat(after.model_dump(mode="json"))
    return tuple(
        FieldChange(name, pieces_between(old.get(name, ""), new.get(name, "")))
        for name in dict.fromkeys((*old, *new))
        if old.get(name, "") != new.get(name, "") and name not in _ALWAYS
    )


def _done(event: Event) -> str:
    if event.action == "outcome":
        return f"reported that it {_became(str(event.detail.get('outcome')))}"
    if event.action == "import" and "gone_from" in event.detail:
        return "imported its file again, and it was gone"
    if event.action == "import" and event.before:
        return "imported it again"
    if event.action == "accept" and _kept_status(event):
        return "let it stand beside what it was paired with"
    return _DONE.get(event.action, plain_name(event.action))


def _kept_status(event: Event) -> bool:
    before, after = event.before, event.after
    return before is not None and after is not None and before.status == after.status


def _notes(event: Event) -> Iterator[Note]:
    """What the details of *event* say; whatever type they are of, nothing is taken for granted."""
    detail = event.detail
    for (action, name), words in _OTHERS.items():
        if action == event.action and isinstance(other := detail.get(name), str):
            yield Note(words, (other,))
    if isinstance(reasons := detail.get("screened"), list) and reasons:
        yield Note(f"Screening found: {'; '.join(map(str, reasons))}")
    if isinstance(counts := detail.get("redacted"), dict) and counts:
        yield Note(f"Taken out before it was kept: {', '.join(_counted(counts))}")
    if isinstance(file := detail.get("gone_from"), str):
        yield Note(f"The file: {file}")
    if isinstance(agent := detail.get("agent_retired"), str):
        yield Note(f"The agent {agent} was retired")


def _counted(counts: Mapping[str, Any]) -> Iterator[str]:
    for sort, count in counts.items():
        name = _SORTS.get(sort, sort.replace("_", " "))
        yield f"{count} {name}{'es' if name.endswith('ss') else 's'}" if count != 1 else f"1 {name}"


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


def pieces_between(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The words of both texts, those they share once: each piece with `same`, `gone` or `new`."""
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

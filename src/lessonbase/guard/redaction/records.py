"""The free texts of a record, without secrets."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import JsonValue

from lessonbase.guard.redaction.finding import MARKER, Finding
from lessonbase.guard.redaction.labels import is_label
from lessonbase.guard.redaction.searching import find, redact
from lessonbase.guard.redaction.values import is_placeholder
from lessonbase.records import Record
from lessonbase.records.fields import TEXT_LIMIT, TITLE_LIMIT, Model

# What is not free text: names that others refer to, states, times.
_KEPT_TEXT: Final = """
id kind space visibility status version created_at updated_at valid_until occurred_at seen_at trust
links supersedes confidence evidence severity agent aspect
"""
_KEPT: Final = frozenset(_KEPT_TEXT.split())
_KEPT_OF_PROVENANCE: Final = frozenset({"source", "agent", "published", "retrieved", "line"})
# Most characters of one label, as `Labels` has it.
_LABEL_LIMIT: Final = 100
# What the counts call a text of which the end had to go: a marker may be longer than what it
# stands for, and a field has its limit.
CUT: Final = "cut"


def redact_record(record: Record) -> tuple[Record, dict[str, int]]:
    """*record* without secrets and personal data in its free texts, and how many were taken out.

    Title, own fields, tags, services, provenance, signature and, at any depth, ``extra``. There, a
    plain text under a name such as ``password`` or ``api_key`` is taken for a secret whatever it
    looks like, unless it is a placeholder. Ids, space, visibility, links, states, times and names
    of agents stay; so does the author's name.

    Returns:
        The very same object if there is nothing to take out, else a valid record; and kind → how
        many, with ``cut`` for texts that had no room for their markers and lost their end.
    """
    if not (find("\n".join(_texts(record))) or _labelled_within(record.extra)):
        return record, {}
    counts: Counter[str] = Counter()
    changes = {name: _cleaned(name, getattr(record, name), counts) for name in _free(record)}
    if not counts:
        return record, {}
    fields = {name: getattr(record, name) for name in type(record).model_fields}
    # Made anew, so that every limit and pattern is checked again.
    return type(record).model_validate({**fields, **changes}), dict(counts)


def _free(record: Record) -> Iterator[str]:
    return (name for name in type(record).model_fields if name not in _KEPT)


def _texts(record: Record) -> Iterator[str]:
    """All free texts of *record*."""
    for name in _free(record):
        yield from _strings(getattr(record, name))


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            if value:
                yield value
        case list() | tuple():
            for inner in value:
                yield from _strings(inner)
        case dict():
            for name, inner in value.items():
                yield name
                yield from _strings(inner)
        case Model():
            for name in type(value).model_fields:
                if name not in _KEPT_OF_PROVENANCE:
                    yield from _strings(getattr(value, name))


def _cleaned(name: str, value: Any, counts: Counter[str]) -> Any:
    """The value of one field without secrets, within the limits of that field."""
    match value:
        case str():
            return _text(value, counts, TITLE_LIMIT if name == "title" else TEXT_LIMIT)
        case tuple():
            limit = TEXT_LIMIT if name == "checks" else _LABEL_LIMIT
            return tuple(_text(one, counts, limit) for one in value)
        case dict():
            return _tree(value, counts)
        case None:
            return None
    kept = {one: getattr(value, one) for one in type(value).model_fields}
    free = (one for one in kept if one not in _KEPT_OF_PROVENANCE)
    # A title of a source may be as long as any text.
    return {**kept, **{one: _cleaned("", kept[one], counts) for one in free}}


def _text(value: str, counts: Counter[str], limit: int) -> str:
    done = redact(value)
    counts.update(done.counts)
    if len(done.text) <= limit or not done.counts:
        return done.text
    counts[CUT] += 1
    return _cut(done.text, limit)


def _cut(text: str, limit: int) -> str:
    """The beginning of *text*, with a sign that it is no more; no marker is cut in two."""
    end = limit - 1
    for match in MARKER.finditer(text):
        if match.start() < end < match.end():
            end = match.start()
    return f"{text[:end]}…"


def _tree(value: JsonValue, counts: Counter[str], label: str | None = None) -> JsonValue:
    """*value* without secrets; *label*: the kind that the name it stands under promises."""
    match value:
        case str():
            if label and _is_secret(value):
                counts[label] += 1
                return Finding(label, 0, len(value)).marker
            return _text(value, counts, len(value) + TEXT_LIMIT)
        case list():
            return [_tree(inner, counts, label) for inner in value]
        case dict():
            made: dict[str, JsonValue] = {}
            for name, inner in value.items():
                clean = _text(name, counts, len(name) + TEXT_LIMIT)
                made[_free_name(clean, made)] = _tree(inner, counts, is_label(name))
            return made
    return value


def _free_name(name: str, taken: Mapping[str, JsonValue]) -> str:
    """*name*, numbered if two names became one."""
    number = 2
    free = name
    while free in taken:
        free = f"{name} {number}"
        number += 1
    return free


def _is_secret(value: str) -> bool:
    """Whether text that a structure holds under the name of a secret is one."""
    bare = value.strip()
    if len(bare) < 3 or is_placeholder(bare) or MARKER.search(bare):
        return False
    return not (bare.isdigit() and len(bare) < 6) and bare.count(" ") < 4


def _labelled_within(value: JsonValue) -> bool:
    """Whether any name at any depth promises a secret."""
    match value:
        case dict():
            return any(is_label(name) or _labelled_within(one) for name, one in value.items())
        case list():
            return any(map(_labelled_within, value))
    return False

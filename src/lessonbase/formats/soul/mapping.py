"""Objects of JSON or YAML as entries: values, experiences, relationships, fears, however nested.

There is no published schema. A key that names an aspect gives it to what is below it; below a key
that names none, what holds text is `other`. An object is one thing said and the facts beside it:
its text is under one of :data:`TEXTS`, facts (a name, a date) are kept with the entry. An object
without such a key is read as a list of names and what is said of each.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import JsonValue

from lessonbase.formats.soul.aspects import aspect_of, is_negative
from lessonbase.formats.soul.entry import ENTRY_LIMIT, Entry, Form, lead_of, led
from lessonbase.formats.soul.nodes import Leaf, Listed, Mapped, Node, value_of
from lessonbase.formats.soul.place import Places
from lessonbase.records import Aspect

# Longest fact that is kept with each entry beside it, and most of a key that is, in characters.
_FACT_LIMIT: Final = 500
_KEY_LIMIT: Final = 200
# Before the name of a fact of an outer object, where the inner one has the same name.
_OUTER: Final = "outer_"

# Keys under which an object has its text, and keys of facts beside it.
_TEXT_KEYS: Final = (
    "statement text description content what lesson insight rule value belief fear summary note "
    "notes memory experience learned takeaway principle boundary preference opinion body message "
    "event"
)
TEXTS: Final = frozenset(_TEXT_KEYS.split())
# What explains the text; it means little without its key before it.
_EXPLAINS: Final = frozenset(
    {"why", "reason", "because", "detail", "details", "response", "mitigation", "outcome"}
)
NAMES: Final = ("name", "person", "who", "with", "title", "agent", "topic")
_FACT_KEYS: Final = (
    "id date when since until at on created created_at updated updated_at timestamp tags source "
    "url type kind category priority enforcement scope confidence evidence evidence_count severity "
    "status weight strength intensity version file path"
)
_FACTS: Final = frozenset(_FACT_KEYS.split())


_FILE: Final = re.compile(r"[^\s*?:]{1,300}\.(?:md|markdown|txt|json|ya?ml)")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the keys of the outermost object are read.

    Attributes:
        aspects: Keys whose aspect is given by the format.
        facts: Keys that hold facts of the file, not of the agent's soul.
        strict: Keys that name no aspect are kept; otherwise what holds text is `other`.
        names_files: A text that is the name of a file is kept; otherwise it is an entry.
    """

    aspects: Mapping[str, Aspect] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    strict: bool = False
    names_files: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree a value is, and what it has from above."""

    aspect: Aspect
    path: str = ""
    section: tuple[str, ...] = ()
    negative: str = ""
    fields: Mapping[str, JsonValue] = field(default_factory=dict)

    def below(self, key: str, aspect: Aspect | None = None) -> "_Place":
        """The place of what is under *key*."""
        key = key[:_KEY_LIMIT]
        words = key.replace("_", " ")
        return _Place(
            aspect=aspect or self.aspect,
            path=f"{self.path}.{key}" if self.path else key,
            section=(*self.section, words),
            negative=words if is_negative(words) else self.negative,
            fields=self.fields,
        )

    def item(self, index: int) -> "_Place":
        """The place of an item of a list."""
        return _Place(
            self.aspect, f"{self.path}[{index}]", self.section, self.negative, self.fields
        )


def entries_of(
    root: Node, places: Places, reading: Reading
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """What a tree says: its entries, and the paths of the values that are kept beside them.

    Every text in *root* that is not empty is the text of an entry, or among the fields of one, or
    under one of the paths.
    """
    walk = _Walk(places, names_files=reading.names_files)
    if isinstance(root, Mapped):
        walk.outermost(root, reading)
    else:
        walk.value(root, _Place(Aspect.OTHER))
    return tuple(walk.entries), tuple(walk.kept)


def is_file(text: str) -> bool:
    """Whether a text is the name of a file rather than something said.

    >>> is_file("RULES.md"), is_file("Read RULES.md")
    (True, False)
    """
    return bool(_FILE.fullmatch(text))


def explains(key: str) -> bool:
    """Whether what stands under *key* explains the text beside it: why, how it was met."""
    return _plain(key) in _EXPLAINS


def is_beside(key: str, value: JsonValue) -> bool:
    """Whether *value* is a fact beside a text: not a text itself, nor what it is said of."""
    spoken = explains(key) or _plain(key) in TEXTS.union(NAMES)
    return not spoken and (_plain(key) in _FACTS or not isinstance(value, list | dict))


class _Walk:
    """Collects entries and kept paths."""

    def __init__(self, places: Places, *, names_files: bool) -> None:
        self.entries: list[Entry] = []
        self.kept: list[str] = []
        self._places = places
        self._names_files = names_files

    def outermost(self, root: Mapped, reading: Reading) -> None:
        """Read the outermost object."""
        for name, value in root.pairs:
            key = str(name.value)
            aspect = reading.aspects.get(key) or aspect_of(key)
            if key in reading.facts or (reading.strict and aspect is None):
                self.kept.append(key)
            elif isinstance(value, Leaf) and aspect is None:
                place = _Place(Aspect.OTHER).below(key)
                self._leaf(value, place, label=place.section[-1])
            else:
                self.value(value, _Place(Aspect.OTHER).below(key, aspect))

    def value(self, node: Node, place: _Place, label: str = "") -> None:
        """Read any value; *label* is what it is said of."""
        if len(self.entries) > ENTRY_LIMIT:
            return
        match node:
            case Leaf():
                self._leaf(node, place, label)
            case Listed():
                for index, item in enumerate(node.items):
                    self.value(item, place.item(index), label)
            case Mapped():
                self._object(node, place, label)

    def _leaf(self, leaf: Leaf, place: _Place, label: str) -> None:
        if not isinstance(leaf.value, str) or not leaf.value.strip():
            if leaf.value is not None:
                self.kept.append(place.path)
            return
        text = leaf.value.strip()
        if self._names_files and is_file(text):
            self.kept.append(place.path)
            return
        lead = lead_of(text, negative=place.negative, label=label)
        line, last_line = self._places.line(leaf.start), self._places.line(max(leaf.end - 1, 0))
        self.entries.append(
            Entry(
                aspect=place.aspect,
                statement=led(text, lead),
                line=line,
                last_line=last_line,
                start=leaf.start,
                end=leaf.end,
                body=leaf.start,
                form=Form.LEAF,
                section=place.section,
                lead=lead,
                path=place.path,
                fields=place.fields,
            )
        )

    def _object(self, node: Mapped, place: _Place, label: str) -> None:
        """Read an object: what is said in it, its texts, and the facts kept with each of them."""
        roles = _roles(node)
        title = roles.titled_by and _text(node, roles.titled_by)
        here = replace(place, fields=_under(place.fields, self._facts(node, roles, place)))
        before = len(self.entries)
        for name, value in node.pairs:
            key = str(name.value)
            below = here.below(key)
            if key in roles.spoken:
                self.value(value, below, _joined(label, title, "" if roles.alone(key) else key))
            elif key in roles.nested:
                aspect = aspect_of(key)
                shown = "" if aspect or _plain(key) in TEXTS else key
                nested = replace(below, aspect=aspect or place.aspect)
                self.value(value, nested, _joined(label, title, shown))
        if len(self.entries) == before:
            self.kept.append(place.path or "(all)")

    def _facts(self, node: Mapped, roles: "_Roles", place: _Place) -> dict[str, JsonValue]:
        """What is kept with the entries of an object; too long ones stay in the file."""
        facts: dict[str, JsonValue] = {}
        for name, value in node.pairs:
            key = str(name.value)
            if key in roles.spoken or key in roles.nested:
                continue
            if value.end - value.start <= _FACT_LIMIT and len(key) <= _KEY_LIMIT:
                facts[key] = value_of(value)
            else:
                self.kept.append(place.below(key).path)
        return facts


@dataclass(frozen=True, slots=True)
class _Roles:
    """What the names of an object are: of texts, of inner lists and objects, of its subject."""

    spoken: frozenset[str]
    nested: frozenset[str]
    titled_by: str

    def alone(self, key: str) -> bool:
        """Whether the text under *key* can be understood without the key."""
        return _plain(key) in TEXTS or _plain(key) in NAMES


def _roles(node: Mapped) -> _Roles:
    texts = [
        str(name.value)
        for name, value in node.pairs
        if isinstance(value, Leaf) and isinstance(value.value, str) and value.value.strip()
    ]
    nested = frozenset(
        str(name.value)
        for name, value in node.pairs
        if not isinstance(value, Leaf) and _plain(str(name.value)) not in _FACTS.union(NAMES)
    )
    subject = next((key for name in NAMES for key in texts if _plain(key) == name), "")
    said = frozenset(key for key in texts if _plain(key) in TEXTS)
    if said:
        spoken = said | {key for key in texts if explains(key)}
    else:
        spoken = frozenset(key for key in texts if _plain(key) not in _FACTS.union(NAMES))
    if spoken or nested:
        return _Roles(spoken, nested, subject)
    return _Roles(frozenset({subject} if subject else ()), nested, "")


def _under(
    outer: Mapping[str, JsonValue], inner: Mapping[str, JsonValue]
) -> Mapping[str, JsonValue]:
    """Facts of an object and of the one around it; where both have a name, both are kept."""
    facts = dict(inner)
    for key, value in outer.items():
        name = key
        while name in facts:
            name = _OUTER + name
        facts[name] = value
    return facts


def _text(node: Mapped, key: str) -> str:
    value = next(value for name, value in node.pairs if name.value == key)
    return str(value_of(value)).strip()[:_KEY_LIMIT]


def _joined(*labels: str) -> str:
    return ": ".join(label[:_KEY_LIMIT] for label in labels if label)


def _plain(key: str) -> str:
    """A key as it is looked up; that of an outer object is what it was there."""
    key = key[:_KEY_LIMIT]
    while key.startswith(_OUTER):
        key = key.removeprefix(_OUTER)
    return key.casefold().replace("-", "_")

"""The form of each kind of record, made of the fields of its model; and the way back.

A form holds text only. What its writer did not touch is never sent on, so that a value which text
cannot express exactly (a tag with a comma, a moment to the microsecond) survives an edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from lessonbase.api.web.text import plain_name
from lessonbase.records import KINDS, Record

# Fields that no form offers: they are given by the base, or by other actions.
_FIXED: Final = frozenset(
    {"id", "kind", "space", "version", "created_at", "updated_at", "trust", "links"}
    | {"supersedes", "extra"}
)
# The sections of a form, in order, with the fields that stand in each; the first has all others.
_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "": (),
    "Topics and weight": ("tags", "services", "severity", "confidence", "evidence"),
    "Exact marks": ("signature",),
    "Source": ("provenance",),
    "Who sees it, and how long": ("visibility", "valid_until", "status"),
}
# A text that may be longer than this gets a box of several lines.
_LINE: Final = 1_000
# Of a list's items, the longest that are names; longer ones are sentences, with commas in them.
_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form.

    Attributes:
        name: Path of the field: `title`, `provenance.url`.
        label: What it is called.
        help: What belongs there.
        sort: `line`, `text`, `choice`, `labels` (by commas), `lines`, `date`, `moment`, `number`.
        required: Whether it must be filled in.
        options: What can be chosen.
        longest: Most characters; none: no limit.
        optional: Whether emptied it has no value, rather than an empty one.
        default: What stands there in an empty form.
    """

    name: str
    label: str
    help: str
    sort: str
    required: bool = False
    options: tuple[str, ...] = ()
    longest: int | None = None
    optional: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Inputs under one heading; the first section is the experience itself."""

    heading: str
    inputs: tuple[Input, ...]


@cache
def form_of(kind: str, *, curates: bool = False) -> tuple[Section, ...]:
    """The form of records of *kind*; with the status if its user *curates*."""
    schema = KINDS[kind].model_json_schema()
    sections: dict[str, list[Input]] = {heading: [] for heading in _SECTIONS}
    for name in schema["properties"]:
        if name in _FIXED or (name == "status" and not curates):
            continue
        heading = next((heading for heading, has in _SECTIONS.items() if name in has), "")
        sections[heading] += _inputs(name, schema, schema)
    return tuple(Section(heading, tuple(inputs)) for heading, inputs in sections.items() if inputs)


def values_of(form: tuple[Section, ...], record: Record | None) -> dict[str, str]:
    """The text in each input: of *record*, or of an empty form."""
    return {
        item.name: item.default if record is None else _shown(item, _value(record, item.name))
        for section in form
        for item in section.inputs
    }


def changed_inputs(
    form: tuple[Section, ...], typed: Mapping[str, str], start: Record | None
) -> dict[str, str]:
    """What was typed, where it differs from the form that the writer was given."""
    given = values_of(form, start)
    texts = {name: _plain(text) for name, text in typed.items() if name in given}
    return {name: text for name, text in texts.items() if text != given[name]}


def fields_of(
    form: tuple[Section, ...], changed: Mapping[str, str], start: Record | None
) -> dict[str, Any]:
    """*changed* as fields for `Base.add` or `Base.edit`, to be judged there."""
    fields: dict[str, Any] = {}
    for section in form:
        for item in section.inputs:
            if item.name not in changed:
                continue
            value = _read(item, changed[item.name])
            top, _, part = item.name.partition(".")
            if part:
                whole = getattr(start, top).model_dump() if start else {}
                fields.setdefault(top, whole)[part] = value
            else:
                fields[top] = value
    return fields


def _inputs(name: str, owner: Mapping[str, Any], root: Mapping[str, Any]) -> list[Input]:
    """The inputs for the property *name* of *owner*: one, or those of the model it holds."""
    given = owner["properties"][name.rpartition(".")[2]]
    choices = given.get("anyOf", [given])
    shape = next(choice for choice in choices if choice.get("type") != "null")
    if "$ref" in shape:
        shape = root["$defs"][shape["$ref"].rpartition("/")[2]]
    if shape.get("type") == "object":
        return [
            item for part in shape["properties"] for item in _inputs(f"{name}.{part}", shape, root)
        ]
    sort = _sort(shape, nested="." in name)
    optional = len(choices) > 1
    options = tuple(shape.get("enum", ()))
    default = given.get("default")
    return [
        Input(
            name,
            plain_name(name.rpartition(".")[2]),
            given.get("description", ""),
            sort,
            required=name.rpartition(".")[2] in owner.get("required", ()),
            options=("", *options) if options and (optional or default is None) else options,
            longest=shape.get("maxLength"),
            optional=optional,
            default="" if not isinstance(default, str) else default,
        )
    ]


def _sort(shape: Mapping[str, Any], *, nested: bool) -> str:
    """Which sort of input a value of this shape is typed into."""
    match shape:
        case {"enum": _}:
            return "choice"
        case {"type": "array"}:
            return "labels" if shape["items"].get("maxLength", 0) <= _NAME else "lines"
        case {"type": "integer"}:
            return "number"
        case {"format": "date"}:
            return "date"
        case {"format": "date-time"}:
            return "moment"
        case _:
            long = shape.get("maxLength", 0) > _LINE and not nested
            return "text" if long else "line"


def _value(record: Record, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _shown(item: Input, value: Any) -> str:
    """*value* as the text of an input, exactly as the browser will send it back."""
    if value is None:
        return ""
    match item.sort:
        case "labels":
            return _one_line(", ".join(value))
        case "lines":
            return "\n".join(map(_one_line, value))
        case "moment":
            return f"{value:%Y-%m-%dT%H:%M}"
        case "line":
            return _one_line(str(value))
        case _:
            return _plain(str(value))


def _read(item: Input, text: str) -> Any:
    """The value that *text* says; what it cannot say is left for the base to refuse."""
    match item.sort:
        case "labels":
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case "lines":
            return tuple(line.strip() for line in text.split("\n") if line.strip())
        case _:
            return None if not text.strip() and item.optional else text


def _plain(text: str) -> str:
    """*text* with the line ends that records have; browsers send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _one_line(text: str) -> str:
    return " ".join(_plain(text).split("\n"))

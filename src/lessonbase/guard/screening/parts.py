"""The texts in a record: where they stand, how they are meant, and the record with others."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from lessonbase.records import Record

# Values that are names and not texts: their own patterns leave no room for anything hidden.
_NAMES: Final = frozenset(
    {"id", "kind", "space", "visibility", "agent", "supersedes", "seen_at", "links", "extra"}
)
# Fields that tell what happened, and those that say what not to do.
_TELLS: Final = frozenset(
    {
        "symptom",
        "cause",
        "impact",
        "detection",
        "expected",
        "conditions",
        "failure_mode",
        "checks",
        "resolved_by",
    }
)
_FORBIDS: Final = frozenset({"avoid", "limits"})
_REQUIRED: Final = frozenset(
    {"title", "situation", "advice", "symptom", "statement", "rule", "observed"}
)
_M = TypeVar("_M", bound=BaseModel)
# Levels of `extra` that are read; records allow a hundred.
_DEPTH: Final = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a record.

    Attributes:
        field: Its name, with a dot where it stands in a group.
        text: As it is written.
    """

    field: str
    text: str

    @property
    def tells(self) -> bool:
        """Whether it says what happened rather than what to do."""
        return self.field in _TELLS

    @property
    def forbids(self) -> bool:
        """Whether it says what not to do."""
        return self.field in _FORBIDS

    @property
    def names_source(self) -> bool:
        """Whether it is the name of a source, which may be that of a paper on attacks."""
        return self.field.startswith(("provenance.", "signature."))

    @property
    def kept_only(self) -> bool:
        """Whether it is kept for the way back, to the letter, and not recalled."""
        return self.field.startswith("extra")

    @property
    def required(self) -> bool:
        """Whether a record cannot be without it."""
        return self.field in _REQUIRED


def parts(record: Record) -> Iterator[Part]:
    """Every text of *record*, in the order of its fields."""
    yield from _texts("", record)
    for name, value in record.extra.items():
        yield from _extra(f"extra.{name}", value, 0)
        if not name.isascii() or len(name) > 40:
            yield Part("extra", name)


def changed(record: Record, clean: Mapping[str, str]) -> Record:
    """*record* with texts exchanged: old → new. Everything else stays as it is."""
    return _with_texts(record, lambda text: clean.get(text, text))


def joined(record: Record) -> str:
    """What the record says, in a row: title, when it applies, what to do, why."""
    texts = [record.title]
    for name in (*record.when, *record.what, *record.more):
        value = getattr(record, name)
        texts += value if isinstance(value, tuple) else [str(value)]
    return "\n".join(filter(None, dict.fromkeys(texts)))


def _texts(prefix: str, model: BaseModel) -> Iterator[Part]:
    for name, value in model:
        if name in _NAMES or not value:
            continue
        if isinstance(value, BaseModel):
            yield from _texts(f"{name}.", value)
        elif isinstance(value, tuple):
            yield from (Part(prefix + name, text) for text in value)
        elif isinstance(value, str) and not isinstance(value, StrEnum):
            yield Part(prefix + name, value)


def _extra(field: str, value: Any, depth: int) -> Iterator[Part]:
    if isinstance(value, str):
        yield Part(field, value)
    elif depth > _DEPTH:
        return
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _extra(field, inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _extra(field, inner, depth + 1)


def _with_texts(model: _M, change: Callable[[str], str]) -> _M:
    update: dict[str, Any] = {}
    for name, value in model:
        if name in _NAMES or not value:
            continue
        new: Any = value
        if isinstance(value, BaseModel):
            new = _with_texts(value, change)
        elif isinstance(value, tuple):
            new = tuple(dict.fromkeys(filter(None, map(change, value))))
        elif isinstance(value, str) and not isinstance(value, StrEnum):
            new = change(value)
        if new != value:
            update[name] = new
    return model.model_copy(update=update) if update else model

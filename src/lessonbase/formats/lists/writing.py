"""Records back into a list: the file as it was where nothing changed, else a list made anew."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from lessonbase.errors import InvalidInput
from lessonbase.formats.lists.reading import read
from lessonbase.records import Heuristic, Lesson, Observation, Record

_ANY_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WRITABLE: Final = (Heuristic, Lesson, Observation)
_DEEPEST: Final = 6


def write(records: Sequence[Record], *, kept: str | None, name: str) -> str:
    """*records* as a list in Markdown.

    Args:
        records: Heuristics, lessons and observations.
        kept: The file as it was imported; none: there was none.
        name: Its name.
    Returns:
        *kept*, to the letter, if the records are those it holds; else a list under the headings
        that the records had, which is read back with the same fields.
    Raises:
        InvalidInput: If a record is of another kind.
    """
    if kept is not None:
        before = read(kept, name=name, now=_ANY_TIME).records
        if contents(before) == contents(records):
            return kept
    lines = ["# Lessons"]
    path: tuple[str, ...] = ()
    for record in sorted(records, key=lambda record: record.provenance.line or 2**31):
        if not isinstance(record, _WRITABLE):
            raise InvalidInput(
                f"{record.id}: a list has no place for a {record.kind}, only for heuristics, "
                "lessons and observations",
                hint="export it as JSON lines, or a failure mode as a post-mortem",
            )
        headings = _headings(record)
        if headings != path:
            lines += [*_new_headings(path, headings), ""]
            path = headings
        elif lines[-1].startswith("#"):
            lines.append("")
        lines += _item(record)
    return "\n".join([*lines, ""])


def contents(records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """What each record says, but for what an import decides: who sees it, and when it was read."""
    return {
        record.id: {
            **record.content(),
            "visibility": "",
            "provenance": {**record.content()["provenance"], "retrieved": None},
        }
        for record in records
    }


def _headings(record: Record) -> tuple[str, ...]:
    kept = record.extra.get("list")
    held = kept.get("headings") if isinstance(kept, dict) else None
    found = held if isinstance(held, list) else record.tags
    return tuple(" ".join(str(name).split()) for name in found)


def _new_headings(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    """Headings that lead from one place to another."""
    shared = 0
    while shared < min(len(before), len(after)) and before[shared] == after[shared]:
        shared += 1
    for depth in range(min(shared, len(after) - 1), len(after)):
        yield ""
        yield f"{'#' * min(depth + 2, _DEEPEST)} {after[depth]}"


def _item(record: Record) -> Iterator[str]:
    """An item, in one line where that is read as the same record, else its parts below it."""
    parts = list(_parts(record))
    if len(parts) == 1 and isinstance(record, Heuristic):
        line = _indented(f"- {record.rule}", 2)
        again = read(line, name="list.md", now=_ANY_TIME).records
        if len(again) == 1 and isinstance(again[0], Heuristic) and _own(again[0]) == _own(record):
            yield line
            return
    first, *rest = parts
    yield _indented(f"- **{first[0]}:** {first[1]}", 2)
    for name, text in rest:
        yield "  " + _indented(f"- **{name}:** {text}", 4)


def _own(record: Heuristic) -> tuple[str, str, str]:
    return record.rule, record.why, record.limits


def _parts(record: Record) -> Iterator[tuple[str, str]]:
    named: tuple[tuple[str, str], ...] = ()
    match record:
        case Lesson():
            named = (
                ("Situation", record.situation),
                ("Advice", record.advice),
                ("Avoid", record.avoid),
                ("Why", record.rationale),
            )
        case Heuristic():
            named = (("Rule", record.rule), ("Why", record.why), ("Limits", record.limits))
        case Observation():
            told = "\n".join(filter(None, (record.observed, record.expected)))
            named = (("What happened", told),)
    yield from ((name, text) for name, text in named if text)


def _indented(text: str, blanks: int) -> str:
    """*text*, its lines after the first as part of the item."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(f"{' ' * blanks}{line}" if line else line for line in rest)])

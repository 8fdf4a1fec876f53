"""Rows of an issue tracker into failure modes, by a map of its columns."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from lessonbase.errors import BadLine
from lessonbase.formats.parsed import Beside, Parsed, alone
from lessonbase.formats.postmortem.dates import epoch, moment_in
from lessonbase.formats.postmortem.phrases import hashed, headline, labels, severity, slug
from lessonbase.formats.tracker.columns import Columns, chosen, detected, normal
from lessonbase.formats.tracker.table import Row, header, rows
from lessonbase.records import FailureMode, Provenance, SourceKind, explain
from lessonbase.records.fields import TITLE_LIMIT
from lessonbase.signature import extract

_ENDINGS: Final = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt")
_TEXTS: Final = ("cause", "impact", "detection", "recovery", "prevention", "resolved_by")
_DATES: Final = ("occurred_at", "created_at", "updated_at")
# What names a thing inside of an object of JSON: a label, a user, a service.
_NAMES: Final = ("name", "login", "summary", "title", "display_name", "displayName", "value", "id")
_MOST: Final = 64


def matches(name: str, text: str, *, columns: Mapping[str, str] | None = None) -> bool:
    """Whether *text* is an export that is known by its columns, or has those of a map."""
    last = name.rpartition("/")[2].lower()
    if "." in last and not last.endswith(_ENDINGS):
        return False
    found = header(text)
    if columns is None:
        return bool(found) and detected(found) is not None
    present = {normal(column) for column in found}
    return bool(present & set(chosen(columns)["symptom"]))


def read(
    text: str,
    *,
    name: str,
    now: datetime,
    beside: Beside = alone,  # noqa: ARG001 - a tracker's export is one file
    columns: Mapping[str, str] | None = None,
) -> Parsed:
    """Read each row into a failure mode.

    Args:
        text: CSV, TSV, JSON lines or a JSON list.
        name: Name of the file, for provenance and ids.
        now: Time of rows without a date; ``content()`` of the records does not depend on it.
        beside: Not asked.
        columns: Field → column, or several joined by ``+``; none: that of a known export.
    Returns:
        Records in the order of the file; a bad line for each row without a symptom, with a date
        that cannot be read, or an id used before; a note for each mapped column that is not there.
    Raises:
        InvalidInput: If *columns* names an unknown field, or none for the symptom.
    """
    found = header(text)
    by = chosen(columns) if columns else detected(found)
    if by is None:
        listed = ", ".join(found) or "none"
        why = f"no export that is known (columns: {listed[:300]}); name them: symptom=title+body"
        return Parsed((), (BadLine(1, why),))
    records: dict[str, FailureMode] = {}
    bad: list[BadLine] = []
    seen: set[str] = set()
    for row in rows(text):
        if row.error:
            bad.append(BadLine(row.line, row.error))
            continue
        cells = _Cells(row.cells, by)
        seen |= cells.present
        try:
            record = _record(cells, row, name, now)
        except ValidationError as error:
            bad.append(BadLine(row.line, explain(error)))
            continue
        except ValueError as error:
            bad.append(BadLine(row.line, str(error)))
            continue
        if record.id in records:
            first = records[record.id].provenance.line
            bad.append(BadLine(row.line, f"id {record.id!r} was used before, in line {first}"))
            continue
        records[record.id] = record
    return Parsed(tuple(records.values()), tuple(bad), _absent(columns, by, seen))


class _Cells:
    """A row by fields: what its columns say of each, and what no field takes."""

    def __init__(self, cells: Mapping[str, Any], by: Columns) -> None:
        self.cells = cells
        self.by = by
        self.names = {normal(column): column for column in reversed(list(cells))}
        self.present = set(self.names)

    def values(self, field: str) -> list[Any]:
        """The values of the field's columns that hold something."""
        found = (self.cells[self.names[one]] for one in self.by.get(field, ()) if one in self.names)
        return [value for value in found if value not in (None, "", [], {})]

    def text(self, field: str) -> str:
        """The texts of the field's columns, a paragraph each; none twice."""
        texts: list[str] = []
        for value in self.values(field):
            said = _text(value)
            if said and said not in texts:
                texts.append(said)
        return "\n\n".join(texts)

    def first(self, field: str) -> str:
        """The text of the first of the field's columns that holds something."""
        return next(filter(None, map(_text, self.values(field))), "")

    def names_of(self, field: str) -> tuple[str, ...]:
        """The field's columns as labels: lists as they are, texts cut at commas and their like."""
        found: list[str] = []
        for value in self.values(field):
            for part in value if isinstance(value, list) else [value]:
                said = _text(part)
                cut = said.replace(";", ",").replace("|", ",").split(",")
                found += cut if isinstance(part, str) else [said]
        return labels(found)

    def moment(self, field: str) -> datetime | None:
        """The moment that the field's first column names.

        Raises:
            ValueError: If it holds something that is no date.
        """
        for value in self.values(field):
            text = _text(value)
            number = value if isinstance(value, (int, float)) else None
            if isinstance(value, str) and text.replace(".", "", 1).isdigit() and len(text) > 8:
                number = float(text)
            moment = moment_in(text) or (epoch(number) if number is not None else None)
            if moment is None:
                raise ValueError(f"{field} {text[:60]!r} is no date that can be read")
            return moment
        return None

    def rest(self, *, unsaid: Iterable[str]) -> dict[str, Any]:
        """Columns that no field has, and those of the fields that are *unsaid*."""
        used = {one for field, names in self.by.items() if field not in unsaid for one in names}
        return {
            column: value
            for column, value in self.cells.items()
            if value not in (None, "", [], {}) and normal(column) not in used
        }


def _record(cells: _Cells, row: Row, name: str, now: datetime) -> FailureMode:
    symptom = cells.text("symptom")
    if not symptom:
        raise ValueError(f"nothing in {' and '.join(cells.by['symptom'])}: no symptom")
    moments = {field: cells.moment(field) for field in _DATES}
    began = moments["occurred_at"] or moments["created_at"]
    created = moments["created_at"] or began or now
    title = " ".join(cells.first("title").split())
    texts = {field: cells.text(field) for field in _TEXTS}
    marks = extract("\n".join([symptom, *texts.values()]))
    level = severity(cells.first("severity"))
    return FailureMode(
        id=_id(cells, name, symptom),
        title=(title if len(title) <= TITLE_LIMIT else headline(title, TITLE_LIMIT))
        or headline(symptom),
        symptom=symptom,
        **texts,
        checks=tuple(
            filter(None, (line.strip("-*+ \t") for line in cells.text("checks").split("\n")))
        )[:_MOST],
        signature=marks,
        occurred_at=moments["occurred_at"],
        severity=level,
        tags=cells.names_of("tags"),
        services=cells.names_of("services") or marks.services,
        provenance=Provenance(
            source=SourceKind.INCIDENT_REPORT,
            title=title,
            author=", ".join(cells.names_of("author")),
            url=cells.first("url"),
            file=name,
            line=row.line,
        ),
        created_at=created,
        updated_at=max(moments["updated_at"] or created, created),
        extra=_extra(cells, known=level is not None),
    )


def _checks(text: str) -> list[str]:
    """One for each line."""
    lines = (line.strip("-*+ \t") for line in text.split("\n"))
    return list(filter(None, lines))[:_MOST]


def _extra(cells: _Cells, *, known: bool) -> dict[str, Any]:
    """Columns without a home, and those of which a field keeps less than they say."""
    unsaid = ["updated_at", "created_at", *([] if known else ["severity"])]
    rest = cells.rest(unsaid=unsaid)
    return {"tracker": rest} if rest else {}


def _id(cells: _Cells, name: str, symptom: str) -> str:
    stem = name.rpartition("/")[2].rpartition(".")[0] or name
    key = cells.first("id")
    return f"trk-{slug(stem, 50)}-{slug(key, 60) if key else hashed(symptom)}"


def _text(value: Any) -> str:
    """A cell as a text: of an object its name, of a list each of its parts."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, dict):
        return next((_text(value[key]) for key in _NAMES if value.get(key)), "")
    return str(value)


def _absent(columns: Mapping[str, str] | None, by: Columns, seen: set[str]) -> tuple[BadLine, ...]:
    """A note for each column that a map by hand names and no row has."""
    missing = (
        {one for names in by.values() for one in names if one not in seen} if columns else set()
    )
    return tuple(BadLine(1, f"there is no column {one!r}") for one in sorted(missing))

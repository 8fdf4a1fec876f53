"""Which column of a tracker's export holds which field: known exports, and maps given by hand."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from lessonbase.errors import InvalidInput

# A record's field, or a mark of where it came from → the columns whose texts make it.
Columns = Mapping[str, tuple[str, ...]]

# What a map may name.
TARGETS: Final = (
    *("id", "title", "symptom", "cause", "impact", "detection", "recovery", "prevention"),
    *("checks", "resolved_by", "occurred_at", "created_at", "updated_at", "severity"),
    *("tags", "services", "url", "author"),
)


def known_exports() -> tuple[tuple[frozenset[str], Columns], ...]:
    """For each export that is known: columns that tell it, and its map.

    Columns of a map that a file lacks are passed over; names are compared by letters and digits.
    """
    return _KNOWN


def parse_map(text: str) -> dict[str, str]:
    """A map as it is given on a command line.

    Raises:
        InvalidInput: If *text* is not of the form, or names a field that there is not.

    >>> parse_map("symptom=title+body, id=key")
    {'symptom': 'title+body', 'id': 'key'}
    """
    columns: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        field, equals, names = (piece.strip() for piece in part.partition("="))
        if not equals or not names or not field:
            raise InvalidInput(
                f"{part!r} is no field=column", hint="write symptom=title+body,recovery=resolution"
            )
        if field in columns:
            raise InvalidInput(
                f"the field {field!r} is given twice", hint=f"write {field}=first+second"
            )
        columns[field] = names
    chosen(columns)
    return columns


def chosen(columns: Mapping[str, str]) -> Columns:
    """*columns* as they are looked up.

    Raises:
        InvalidInput: If a field is unknown, or none says what was seen.
    """
    for field in columns:
        if field not in TARGETS:
            raise InvalidInput(
                f"{field!r} is not a field of a tracker's record",
                hint=f"fields are {', '.join(TARGETS)}",
            )
    if not columns.get("symptom"):
        raise InvalidInput(
            "no column for the symptom", hint="write symptom=title+body, with columns of the file"
        )
    return {field: _names(columns[field]) for field in columns}


@lru_cache(maxsize=4_096)
def normal(column: str) -> str:
    """*column* in small letters and digits, so that ``Issue key`` is ``issue_key``.

    >>> normal("\ufeffIssue key"), normal("createdAt"), normal("Custom field (Root cause)")
    ('issue_key', 'created_at', 'custom_field_root_cause')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip("\ufeff \t\"'"))
    return "_".join(re.findall(r"[^\W_]+", words.lower()))


def detected(header: Sequence[str]) -> Columns | None:
    """The map of the export that has this *header*; none if it is not known."""
    present = {normal(name) for name in header}
    for telling, columns in _KNOWN:
        if telling <= present:
            return columns
    return None


def _names(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, (normal(name) for name in listed.split("+"))))


def _export(telling: str, **columns: str) -> tuple[frozenset[str], Columns]:
    made = {field: tuple(names.split("+")) for field, names in columns.items()}
    return frozenset(telling.split()), made


_ROOT_CAUSE: Final = "custom_field_root_cause+root_cause"
_WORKAROUND: Final = "custom_field_workaround+custom_field_resolution_notes+workaround"
# From the exports' own headers, as their documentation and files have them.
_KNOWN: Final[tuple[tuple[frozenset[str], Columns], ...]] = (
    # Jira, "Export CSV (all fields)" and its short form.
    _export(
        "summary issue_key",
        id="issue_key",
        title="summary",
        symptom="summary+description",
        cause=_ROOT_CAUSE,
        recovery=_WORKAROUND,
        impact="custom_field_impact",
        occurred_at="created",
        updated_at="updated",
        severity="priority",
        tags="labels+label",
        services="component_s+components+component",
        resolved_by="assignee",
        author="reporter",
    ),
    # GitHub, `gh issue list --json number,title,body,labels,createdAt,url,author,assignees`.
    _export(
        "number title created_at url",
        id="number",
        title="title",
        symptom="title+body",
        occurred_at="created_at",
        updated_at="updated_at",
        tags="labels",
        url="html_url+url",
        resolved_by="assignees",
        author="author+user",
    ),
    _export(
        "number title body labels",
        id="number",
        title="title",
        symptom="title+body",
        occurred_at="created_at",
        updated_at="updated_at",
        tags="labels",
        url="html_url+url",
        resolved_by="assignees",
        author="author+user",
    ),
    # PagerDuty, incidents by API or CSV.
    _export(
        "incident_number urgency",
        id="incident_number",
        title="title+description",
        symptom="title+description",
        occurred_at="created_at+created_on",
        updated_at="updated_at+resolved_on",
        severity="priority+priority_name+urgency",
        services="service+service_name",
        resolved_by="resolved_by_user_name+resolved_by_user+last_status_change_by",
        recovery="resolve_reason+resolution_note+resolution_notes",
        url="html_url",
    ),
    # Linear, "Export to CSV".
    _export(
        "id team title status creator",
        id="id",
        title="title",
        symptom="title+description",
        occurred_at="created",
        updated_at="updated",
        severity="priority",
        tags="labels",
        services="project",
        resolved_by="assignee",
        author="creator",
        url="url",
    ),
)

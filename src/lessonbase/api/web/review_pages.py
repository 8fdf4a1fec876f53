"""What waits for a curator: the queue, and the forms that decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lessonbase import ports
from lessonbase.api.deps import Base
from lessonbase.api.errors import status_of
from lessonbase.api.web import shown
from lessonbase.api.web.pairs import Row, by_age, excerpts, rows_of
from lessonbase.api.web.record_pages import Typed, record_page
from lessonbase.errors import (
    InvalidInput,
    LessonBaseError,
    NotAllowed,
    RecordNotFound,
    VersionConflict,
)
from lessonbase.records import Record, ReviewItem

# Things to decide on one page, and most that can be asked for.
_FIRST: Final = 50
_MOST: Final = 200

# What is said on the page after each action, by its name in the address.
_SAID: Final = {
    "accepted": "It is accepted.",
    "kept": "Both are kept, and not asked about again.",
    "rejected": "It is rejected. It stays in history, and can be found by its status.",
    "merged": "One record now stands for both.",
    "unmerged": "The merge is taken back.",
    "superseded": "It is decided which one holds. The other is superseded.",
}
# The groups in which the queue is shown: a reason, its heading, and what it means.
_GROUPS: Final = {
    "quarantined": ("Held back", "Screening keeps these out of recall: they may command a reader."),
    "proposed": ("Proposed", "Offered by their writers, and out of recall until accepted."),
    "contradiction": ("Contradictions", "Two active records that say the contrary."),
    "duplicate": ("Duplicates", "Two active records that say the same."),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to decide, as the page shows it.

    Attributes:
        number: Its place in the queue, from 1: elements of the page are named by it.
        item: The thing itself.
        writer: Who wrote the record last.
        fields: Of a single record, what it says.
        older: Of a pair, the older record; none for a single one.
        newer: Of a pair, the newer record; the single one otherwise.
        rows: Of a pair, field by field.
        pairs: Pairs on this page that keeping both settles with one click.
    """

    number: int
    item: ReviewItem
    writer: str
    fields: list[tuple[str, tuple[str, ...]]]
    older: Record | None
    newer: Record
    rows: list[Row]
    pairs: int


def add_routes(router: APIRouter) -> None:
    """Add the routes of the queue to *router*."""
    router.add_api_route("/review", _queue, methods=["GET"])
    for name, decide in (
        ("accept", _accept),
        ("reject", _reject),
        ("merge", _merge),
        ("unmerge", _unmerge),
        ("supersede", _supersede),
    ):
        router.add_api_route(f"/review/{{record_id}}/{name}", decide, methods=["POST"])


def _queue(
    base: Base,
    said: str = "",
    of: str = "",
    n: Annotated[int, Query(ge=1, le=_MOST)] = _FIRST,
) -> HTMLResponse:
    """What waits, by its reason."""
    undo = of if said == "merged" and _was_merged(base, of) else ""
    return _review_page(base, n, said=_SAID.get(said, ""), undo=undo)


def _accept(record_id: str, base: Base, typed: Typed) -> Response:
    """Let a record be recalled; of a pair, keep both."""

    def decide() -> None:
        base.accept(record_id, note=typed.get("note", ""))

    return _decided(
        base, record_id, typed, decide, said="kept" if typed.get("other") else "accepted"
    )


def _reject(record_id: str, base: Base, typed: Typed) -> Response:
    """Turn a record away."""

    def decide() -> None:
        base.reject(record_id, note=typed.get("note", ""))

    return _decided(base, record_id, typed, decide, said="rejected")


def _merge(record_id: str, base: Base, typed: Typed) -> Response:
    """Let this record stand for the other one as well."""

    def decide() -> None:
        base.merge(record_id, _other(typed))

    return _decided(base, record_id, typed, decide, said="merged", of=record_id)


def _unmerge(record_id: str, base: Base, typed: Typed) -> Response:
    """Take the record's last merge back."""

    def decide() -> None:
        base.unmerge(record_id)

    return _decided(base, record_id, typed, decide, said="unmerged")


def _supersede(record_id: str, base: Base, typed: Typed) -> Response:
    """Let this record hold, and take the place of the other one."""

    def decide() -> None:
        base.supersede(_other(typed), record_id)

    return _decided(base, record_id, typed, decide, said="superseded")


def _decided(
    base: ports.Base,
    record_id: str,
    typed: Mapping[str, str],
    decide: Callable[[], None],
    *,
    said: str,
    of: str = "",
) -> Response:
    """Do what was decided and go back to where it was; where that fails, say why there."""
    on_record = typed.get("back") == "record"
    try:
        _require_unchanged(base, record_id, typed.get("version"))
        if typed.get("other"):
            _require_unchanged(base, typed["other"], typed.get("other_version"))
        decide()
    except (InvalidInput, NotAllowed, VersionConflict) as error:
        if on_record:
            return record_page(base, record_id, problem=error)
        return _review_page(base, _FIRST, problem=error)
    if on_record:
        return RedirectResponse(f"/records/{quote(record_id)}?said={said}", status_code=303)
    merged = f"&of={quote(of)}" if of else ""
    return RedirectResponse(f"/review?said={said}{merged}", status_code=303)


def _require_unchanged(base: ports.Base, record_id: str, version: str | None) -> None:
    """Refuse to decide on other words than those that the page showed.

    Raises:
        VersionConflict: If the record has been changed since.
        RecordNotFound: If it is not there.
    """
    found = base.get(record_id).version
    if version is not None and version != str(found):
        known = version.isascii() and version.isdigit() and len(version) < 20
        raise VersionConflict(record_id, expected=int(version) if known else 0, found=found)


def _other(typed: Mapping[str, str]) -> str:
    other = typed.get("other", "")
    if not other:
        raise InvalidInput("the other record is not named", hint="decide on the review page")
    return other


def _was_merged(base: ports.Base, record_id: str) -> bool:
    """Whether the merge that an address tells of is the last thing that happened to the record."""
    try:
        events = base.history(record_id)
    except RecordNotFound:
        return False
    return bool(events) and events[-1].action == "merge"


def _review_page(
    base: ports.Base,
    limit: int,
    *,
    said: str = "",
    undo: str = "",
    problem: LessonBaseError | None = None,
) -> HTMLResponse:
    queue = base.review(limit=limit)
    waiting = [_waiting(base, number, item, queue.items) for number, item in enumerate(queue.items)]
    groups = [
        (reason, heading, meaning, [one for one in waiting if one.item.reason == reason])
        for reason, (heading, meaning) in _GROUPS.items()
    ]
    return shown.page(
        "review",
        scope=base.scope,
        status=status_of(problem) if problem else 200,
        groups=[group for group in groups if group[3]],
        count=len(waiting),
        more=min(limit + _FIRST, _MOST) if queue.more and limit < _MOST else None,
        cut=queue.more,
        said=said,
        undo=undo,
        problem=problem,
    )


def _waiting(
    base: ports.Base, number: int, item: ReviewItem, items: tuple[ReviewItem, ...]
) -> Waiting:
    """*item* with all that is shown of it."""
    record: Record = item.record
    older, newer = by_age(item.other, record) if item.other else (None, record)
    return Waiting(
        number=number + 1,
        item=item,
        writer=_writer(base, record),
        fields=excerpts(record) if older is None else [],
        older=older,
        newer=newer,
        rows=rows_of(older, newer) if older is not None else [],
        pairs=sum(one.other is not None and one.record.id == record.id for one in items),
    )


def _writer(base: ports.Base, record: Record) -> str:
    """Who gave the record its words."""
    events = base.history(record.id)
    written = [event.actor for event in events if event.action in {"add", "import", "edit"}]
    return written[-1] if written else ""

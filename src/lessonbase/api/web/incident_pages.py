"""The incident view for whoever is on call: the way out first, what to check, and how to close.

Every answer is made of the form alone: with scripts and without, a question that is asked again is
answered with everything else that was typed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from lessonbase import ports
from lessonbase.api.deps import Base
from lessonbase.api.errors import status_of
from lessonbase.api.web import shown
from lessonbase.api.web.incident_form import LEARNED, FormOfIncident, Told
from lessonbase.api.web.reading import reading
from lessonbase.base.drafting import MISSING
from lessonbase.base.incidents import TEXT_LIMIT
from lessonbase.errors import LessonBaseError
from lessonbase.records import Check, Covered, FailureMode, Incident, Precedent, Role, Signature
from lessonbase.render import by_month, incident_markdown, main_text, times_text

# Known times that are named beside the time line.
_DATES: Final = 4
# Characters of a symptom: the reader has theirs before their eyes.
_SYMPTOM_LIMIT: Final = 240
# Longest line of other experience, in characters.
_GLANCE_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class Month:
    """One bar of a time line.

    Attributes:
        name: The month: Oct 2026.
        count: Known times in it.
        share: Height, in [0, 1] of the highest.
    """

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Card:
    """A precedent as the page shows it.

    Attributes:
        one: The precedent.
        times: How often it came, in words.
        dates: The latest known times, oldest first.
        months: The last twelve months, this one at the end; empty if it never came in them.
        who: Who ended it, or else who told of it.
        symptom: What was seen then, cut.
    """

    one: Precedent
    times: str
    dates: tuple[datetime, ...]
    months: tuple[Month, ...]
    who: str
    symptom: str


@dataclass(frozen=True, slots=True)
class Box:
    """A check as the page shows it.

    Attributes:
        id: Of its element: the same in the next answer, so that the focus stays on it.
        text: The check.
        check: What is known of it; none of one that no precedent asks for any more.
        ticked: Whether it was ticked here.
        covered: Whether what was done covers it.
    """

    id: str
    text: str
    check: Check | None
    ticked: bool
    covered: bool


def add_routes(router: APIRouter) -> None:
    """Add the routes of incidents to *router*."""
    router.add_api_route("/incident", _asking, methods=["GET"])
    router.add_api_route("/incident", _ask, methods=["POST"])
    router.add_api_route("/incident/close", _close, methods=["POST"])
    router.add_api_route("/incident/closed/{record_id}", _closed, methods=["GET"])


def _asking(base: Base) -> HTMLResponse:
    """The empty form."""
    return _page(base, Told())


def _ask(base: Base, told: FormOfIncident) -> HTMLResponse:
    """What is known that bears on an incident, below the form that asked for it."""
    return _answer(base, told)


def _close(base: Base, told: FormOfIncident) -> Response:
    """Keep what was learned; where that fails, say why with all of it still there."""
    try:
        closed = base.close_incident(told.closing())
    except LessonBaseError as error:
        return _answer(base, told, unclosed=error)
    was = "again" if told.same_as else "drafted"
    return RedirectResponse(f"/incident/closed/{quote(closed.record.id)}?was={was}", 303)


def _closed(record_id: str, base: Base, was: str = "") -> Response:
    """What became of an incident, and what is not known of it yet."""
    record = base.get(record_id)
    if not isinstance(record, FailureMode):
        return RedirectResponse(f"/records/{quote(record_id)}", 303)
    return shown.page(
        "incident_closed",
        scope=base.scope,
        record=record,
        again=was == "again",
        times=times_text(len({*record.seen_at, *filter(None, (record.occurred_at,))}) or 1),
        fields_of_it=reading(record),
        missing=[name for name in MISSING if not getattr(record, name)],
    )


def _answer(
    base: ports.Base, told: Told, *, unclosed: LessonBaseError | None = None
) -> HTMLResponse:
    """The view of what was told; with *unclosed*, why the incident could not be closed."""
    if unclosed and not told.text.strip():
        return _page(base, told, unclosed=unclosed)
    try:
        return _page(base, told, base.incident(told.text, done=told.checks), unclosed=unclosed)
    except LessonBaseError as error:
        return _page(base, told, problem=error, unclosed=unclosed)


def _page(
    base: ports.Base,
    told: Told,
    view: Incident | None = None,
    *,
    problem: LessonBaseError | None = None,
    unclosed: LessonBaseError | None = None,
) -> HTMLResponse:
    error = unclosed or problem
    cards = [_card(one, view.at) for one in view.precedents] if view else []
    again = [(card.one.record.id, card.one.record.title) for card in cards]
    # Where closing failed, the choice stays; of a new question it may be no answer any more.
    if unclosed and told.same_as and told.same_as not in dict(again):
        again.append((told.same_as, told.same_as))
    return shown.page(
        "incident",
        scope=base.scope,
        status=status_of(error) if error else 200,
        told=told,
        view=view,
        cards=cards,
        boxes=_boxes(view.checks if view else (), told.ticked),
        lessons=[(hit.record, _cut(main_text(hit.record), _GLANCE_LIMIT)) for hit in view.lessons]
        if view
        else [],
        marks=_marks(view.signature) if view else [],
        channel=incident_markdown(view) if view else "",
        problem=problem,
        unclosed=unclosed,
        wrong=_wrong_inputs(unclosed),
        longest=TEXT_LIMIT,
        learned=LEARNED,
        closes=base.scope.role.allows(Role.WRITER) and bool(view or told.has_learned),
        again=again,
        same_as=told.same_as if told.same_as in dict(again) else "",
    )


def _card(one: Precedent, now: datetime) -> Card:
    record = one.record
    origin = record.provenance
    months = _months(one.seen, now)
    return Card(
        one,
        times_text(one.times),
        one.seen[-_DATES:],
        months if any(month.count for month in months) else (),
        record.resolved_by or origin.author or origin.agent or "",
        _cut(record.symptom, _SYMPTOM_LIMIT),
    )


def _months(seen: Sequence[datetime], now: datetime) -> tuple[Month, ...]:
    """The twelve months up to *now*, each with how often it came in it."""
    last = now.year * 12 + now.month - 1
    counts = by_month(seen, now)
    most = max(counts) or 1
    firsts = [divmod(last - ago, 12) for ago in reversed(range(len(counts)))]
    return tuple(
        Month(f"{date(year, month + 1, 1):%b %Y}", count, count / most)
        for (year, month), count in zip(firsts, counts, strict=True)
    )


def _boxes(checks: Sequence[Check], ticked: Sequence[str]) -> list[Box]:
    """Every check as a box, and what was ticked before and is asked for no more."""
    known = {check.text for check in checks}
    asked: list[tuple[str, Check | None]] = [(check.text, check) for check in checks]
    asked += [(text, None) for text in ticked if text.strip() and text not in known]
    boxes = [
        Box(
            id=f"check-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}",
            text=text,
            check=check,
            ticked=text in ticked,
            covered=text in ticked or (check is not None and check.covered is Covered.YES),
        )
        for text, check in asked
    ]
    return sorted(boxes, key=lambda box: box.covered)


def _marks(signature: Signature) -> list[tuple[str, tuple[str, ...]]]:
    return [(name, marks) for name, marks in signature if marks]


def _wrong_inputs(problem: LessonBaseError | None) -> frozenset[str]:
    """Names of the inputs that were refused, as far as the base tells."""
    cause = problem.__cause__ if problem else None
    if not isinstance(cause, ValidationError):
        return frozenset()
    return frozenset(
        step for part in cause.errors() for step in part["loc"] if isinstance(step, str)
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}…"

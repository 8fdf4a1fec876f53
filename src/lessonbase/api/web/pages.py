"""The page at /: search and recall; and the router of all pages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from lessonbase import ports
from lessonbase.api.deps import Base
from lessonbase.api.web import (
    incident_pages,
    map_pages,
    record_pages,
    review_pages,
    shown,
    soul_pages,
)
from lessonbase.api.web.asked import MOST, Asked
from lessonbase.records import Kind, Status

STATIC: Final[Path] = shown.STATIC

# Records on a page of the newest ones.
_PAGE: Final = 25
# Further hits with each "more".
_STEP: Final = 20
# Tags and services that are offered before "more".
_OFFERED: Final = 8
# A line of a checklist, and the ids of the records that it comes from.
_LINE: Final = re.compile(
    r"(?P<text>.*) \[(?P<ids>[A-Za-z0-9._:-]+(?:, [A-Za-z0-9._:-]+)*)\]", re.DOTALL
)


def web_router() -> APIRouter:
    """All routes of the page. The caller's base is expected in `request.state.base`."""
    router = APIRouter(route_class=shown.PageRoute, include_in_schema=False)
    router.add_api_route("/", _home, methods=["GET"])
    router.add_api_route("/", _home_of_long_question, methods=["POST"])
    incident_pages.add_routes(router)
    map_pages.add_routes(router)
    record_pages.add_routes(router)
    review_pages.add_routes(router)
    soul_pages.add_routes(router)
    return router


def login_page(
    request: Request,  # noqa: ARG001 - whoever lets callers in need not know what it is made of
    error: str | None,
) -> HTMLResponse:
    """The form that asks for a key, with what was wrong with the last one."""
    return shown.page("login", scope=None, status=401 if error else 200, error=error)


def _home(request: Request, base: Base, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """What was asked, answered; the newest records if nothing was."""
    return _answer(base, asked, _history(request, asked))


def _home_of_long_question(base: Base, asked: Annotated[Asked, Form()]) -> HTMLResponse:
    """The same for a pasted log: an address could not hold it, so that it is not in history."""
    return _answer(base, asked, {})


def _answer(base: ports.Base, asked: Asked, headers: Mapping[str, str]) -> HTMLResponse:
    facets = base.facets()
    found: dict[str, Any] = {"briefing": None, "results": None, "page": None, "more": None}
    if asked.q.strip() and asked.recalls:
        briefing = base.recall(asked.q, kinds=asked.filters.kinds)
        parts = briefing.checklist.model_dump()
        found |= {
            "briefing": briefing,
            "checklist": {name: _sourced(lines) for name, lines in parts.items() if lines},
        }
    elif asked.q.strip():
        results = base.search(asked.q, asked.n, filters=asked.filters)
        full = len(results.results) == asked.n < MOST and asked.has_address
        more = asked.address(n=min(asked.n + _STEP, MOST)) if full else None
        found |= {"results": results, "more": more}
    elif not asked.recalls:
        listed = base.list(filters=asked.filters, limit=_PAGE, before=asked.before)
        more = asked.address(before=listed.after) if listed.after else None
        found |= {"page": listed, "more": more}
    return shown.page(
        "search",
        scope=base.scope,
        headers=headers,
        asked=asked,
        size=sum(facets.kinds.values()),
        active=facets.statuses.get(Status.ACTIVE, 0),
        facets={
            "kind": _offered(facets.kinds, asked.kind, Kind),
            "status": _offered(facets.statuses, asked.status, Status),
            "tag": _offered(facets.tags, asked.tag),
            "service": _offered(facets.services, asked.service),
        },
        offered=_OFFERED,
        **found,
    )


def _offered(
    counts: Mapping[str, int],
    chosen: Sequence[str],
    order: Iterable[str] = (),
) -> list[tuple[str, int | None, bool]]:
    """The values of a filter: each with its count, if known, and whether it is chosen."""
    known = [value for value in order if value in counts] or list(counts)
    names = dict.fromkeys([*map(str, known), *chosen])
    return [(name, counts.get(name), name in chosen) for name in names]


def _sourced(lines: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The lines of a checklist, each with the ids of the records that say it."""
    found = [(line, _LINE.fullmatch(line)) for line in lines]
    return [
        (match["text"], match["ids"].split(", ")) if match else (line, []) for line, match in found
    ]


def _history(request: Request, asked: Asked) -> dict[str, str]:
    """What htmx is to do with the browser's history.

    Every question has its address. While one is typed, each state takes the place of the one
    before, so that "back" leads to another question and not through its letters.
    """
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    address = asked.address()
    if "HX-Request" not in request.headers or asked.before or asked.n != Asked().n:
        return {}
    typing = request.headers.get("HX-Trigger-Name") == "q" and "q" in parse_qs(here.query)
    same = f"{here.path}?{here.query}" == address
    return {"HX-Replace-Url" if typing or same else "HX-Push-Url": address}

"""Asking: recall, search, and what there is."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from lessonbase.api.bodies import RecallBody, SearchBody
from lessonbase.api.deps import Asking, Base, as_json
from lessonbase.api.errors import documented
from lessonbase.api.watch import Watch
from lessonbase.records import Briefing, Facets, Scope, SearchResults, Stats

router = APIRouter(tags=["asking"], responses=documented())


# Plain defs: encoding and storage would hold up the event loop, so FastAPI runs these in threads.
@router.post("/recall", response_model=Briefing)
def recall(body: RecallBody, base: Base, request: Request) -> Response:
    """What is known that bears on a task, before acting; or that nothing is."""
    briefing = base.recall(body.task, body.k, budget=body.budget, kinds=body.kinds)
    watch: Watch = request.app.state.watch
    watch.recalled(briefing)
    return as_json(briefing)


@router.post("/search", response_model=SearchResults)
def search(body: SearchBody, base: Base) -> Response:
    """Past incidents and lessons that match, best first; no verdict, no threshold."""
    return as_json(base.search(body.query, body.n, filters=body.filters))


@router.get("/facets", response_model=Facets)
def facets(base: Base, limit: Annotated[int, Query(ge=1, le=1_000)] = 30) -> Response:
    """What a search can be narrowed by, with counts."""
    return as_json(base.facets(limit=limit))


@router.get("/stats", response_model=Stats)
def stats(base: Base, caller: Asking) -> Response:
    """How much there is, by kind and status."""
    found = base.stats()
    # Spaces are walls: how many there are is for the user who owns them all.
    return as_json(found if caller.local else found.model_copy(update={"spaces": 1}))


@router.get("/scope", response_model=Scope)
def scope(caller: Asking) -> Response:
    """As whom the caller was let in."""
    return as_json(caller.scope)

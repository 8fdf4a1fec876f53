"""Incidents: how it ended before, what to check, and what is left of it."""

from fastapi import APIRouter
from starlette.responses import Response

from lessonbase.api.bodies import IncidentBody
from lessonbase.api.deps import Base, as_json
from lessonbase.api.errors import documented
from lessonbase.records import Closed, Closing, Incident

router = APIRouter(tags=["incidents"], responses=documented())


@router.post("/incident", response_model=Incident)
def incident(body: IncidentBody, base: Base) -> Response:
    """Earlier failures like this one: recovery first, and checks that were not made yet."""
    return as_json(base.incident(body.text, body.n, done=body.done))


@router.post("/incident/close", response_model=Closed, responses=documented(404))
def close(body: Closing, base: Base) -> Response:
    """Turn what was learned into a draft of a failure mode, with all that is known filled in."""
    return as_json(base.close_incident(body))

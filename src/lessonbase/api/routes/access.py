"""Who may come in, and who did what."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from lessonbase.api.auth import Door
from lessonbase.api.bodies import KeyBody
from lessonbase.api.deps import Asking, Base, Id, OwnerOnly, as_json
from lessonbase.api.errors import documented
from lessonbase.api.routes.records import Events
from lessonbase.records import Key, NewKey

router = APIRouter(tags=["access"], responses=documented())


class Keys(BaseModel):
    """Keys without their secrets, oldest first."""

    results: tuple[Key, ...]


@router.post("/keys", status_code=201, response_model=NewKey)
def create_key(body: KeyBody, base: Base) -> Response:
    """Make a key for this space; its token is shown this once."""
    made = base.create_key(body.role, agent=body.agent, teams=body.teams, note=body.note)
    return as_json(made, 201)


@router.get("/keys", response_model=Keys)
def keys(base: Base) -> Response:
    """The keys of this space."""
    return as_json(Keys(results=base.keys()))


@router.delete("/keys/{record_id}", response_model=Key, responses=documented(404))
def revoke(record_id: Id, base: Base) -> Response:
    """End a key, at once and for good."""
    return as_json(base.revoke_key(record_id))


@router.get("/audit", response_model=Events)
def audit(base: Base, limit: Annotated[int, Query(ge=1, le=1_000)] = 100) -> Response:
    """The latest writes, denials and key changes of this space, newest first."""
    return as_json(Events(results=base.audit(limit=limit)))


@router.post("/tickets", dependencies=[OwnerOnly], include_in_schema=False)
def ticket(request: Request, caller: Asking) -> Response:
    """A link that signs its first visitor in to the page as the base's own user."""
    door: Door = request.app.state.door
    return JSONResponse({"url": f"{request.base_url}login?ticket={door.ticket(caller)}"})


@router.post("/stop", dependencies=[OwnerOnly], status_code=202, include_in_schema=False)
def stop(request: Request) -> Response:
    """Finish what is under way, and end."""
    request.app.state.stop()
    return Response(status_code=202)

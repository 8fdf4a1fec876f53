"""What a route may ask for, named once; and how it answers with a wire type."""

from typing import Annotated, cast

from fastapi import Depends, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from lessonbase import ports
from lessonbase.api.auth import Caller
from lessonbase.errors import NotAllowed


def base_of(request: Request) -> ports.Base:
    """The base as the caller of *request* may see it; put there by `api.gate`."""
    return cast(ports.Base, request.state.base)


def caller_of(request: Request) -> Caller:
    """Who sent *request*."""
    return cast(Caller, request.state.caller)


def owner_only(request: Request) -> None:
    """Let only the base's own user through.

    Raises:
        NotAllowed: For everybody else: what is asked for concerns every space.
    """
    caller = caller_of(request)
    if not caller.local or not caller.scope.sees_all:
        base = request.state.base
        base.note_denial(f"what only the base's own user may: {request.scope['path']}")
        raise NotAllowed(
            f"{caller.scope.actor} may not do this",
            hint="run the command as the user who owns the base, naming no agent and no team",
        )


Base = Annotated[ports.Base, Depends(base_of)]
Asking = Annotated[Caller, Depends(caller_of)]
OwnerOnly = Depends(owner_only)
Id = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$", description="Id of the record.")
]


def as_json(model: BaseModel, status: int = 200, **headers: str) -> Response:
    """*model* as it is on every way in, without FastAPI's second look at it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(model.model_dump_json(), status, named, media_type="application/json")

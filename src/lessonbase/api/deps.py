"""What a route may ask for, named once."""

from typing import Annotated, cast

from fastapi import Depends, Request

from lessonbase import ports


def base_of(request: Request) -> ports.Base:
    """The base as the caller of *request* may see it; put there by `api.auth`."""
    return cast(ports.Base, request.state.base)


Base = Annotated[ports.Base, Depends(base_of)]

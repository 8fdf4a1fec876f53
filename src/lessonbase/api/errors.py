"""What an error becomes over HTTP: one table of statuses, one form of body (RFC 9457)."""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from lessonbase import errors
from lessonbase.errors import LessonBaseError

_LOG: Final = logging.getLogger(__name__)

# Most faults of one request that are listed; a request chooses how many it has.
_MOST_FAULTS: Final = 10
# The closest class in the tree decides.
STATUSES: Final[dict[type[LessonBaseError], int]] = {
    errors.InvalidInput: 422,
    errors.RecordNotFound: 404,
    errors.KeyNotFound: 404,
    errors.VersionConflict: 412,
    errors.NotAllowed: 403,
    errors.NotKnown: 401,
    errors.BaseNotFound: 404,
    errors.BaseBusy: 503,
    errors.OwnerUnreachable: 503,
    errors.StoreError: 503,
    errors.SchemaTooNew: 409,
    errors.ModelMismatch: 409,
    errors.ModelDamaged: 500,
    errors.MissingExtra: 501,
    LessonBaseError: 500,
}


class Problem(BaseModel):
    """What went wrong, and what to do about it (application/problem+json)."""

    type: str = Field(default="about:blank", examples=["about:blank"])
    title: str = Field(description="Sort of problem, in words.")
    status: int
    detail: str = Field(description="What went wrong this time.")
    hint: str = Field(default="", description="What to do next.")
    code: str = Field(description="Name of the error in lessonbase.errors, or `Http`.")
    request_id: str = Field(default="", description="To find it in the log.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for its documentation.

    Beside its own, those that any route may: a request that is malformed, has no key, may not, is
    too large or too slow, or comes when there is too much to do.
    """
    schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _TITLES[status], "content": schema}
        for status in sorted({*statuses, *_ANYWHERE})
    }


_TITLES: Final[Mapping[int, str]] = {
    400: "Malformed request",
    401: "No valid key",
    403: "Not allowed",
    404: "Not found",
    405: "Not a method of this address",
    408: "The request came too slowly",
    409: "In the way of something else",
    412: "Changed meanwhile",
    413: "Too large",
    421: "Not the name of this server",
    422: "A value cannot be used",
    429: "Too many requests",
    500: "A fault of ours",
    501: "Not installed",
    503: "Too much to do",
}
_ANYWHERE: Final = (400, 401, 403, 408, 413, 421, 422, 503)


def problem(
    status: int,
    detail: str,
    *,
    hint: str = "",
    code: str = "Http",
    request_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says so."""
    body = Problem(
        title=_TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        hint=hint,
        code=code,
        request_id=request_id,
    )
    # ASCII, since what is quoted may hold half a character, which no UTF-8 can.
    text = json.dumps(body.model_dump())
    return Response(text, status, {**(headers or {})}, media_type="application/problem+json")


def problem_of(error: LessonBaseError, request_id: str = "") -> Response:
    """What *error* becomes."""
    status = status_of(error)
    headers = {"Retry-After": "1"} if error.passing else {}
    if status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return problem(
        status,
        str(error),
        hint=error.hint,
        code=type(error).__name__,
        request_id=request_id,
        headers=headers,
    )


def status_of(error: LessonBaseError) -> int:
    """The status that *error* is answered with."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def add_handlers(app: FastAPI) -> None:
    """Let every error that leaves a route become a problem."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, LessonBaseError)  # noqa: S101 - registered for it
        return problem_of(error, _id_of(request))

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
        faults = error.errors()
        said = [": ".join(filter(None, (_place(one), one["msg"]))) for one in faults]
        more = [f"and {len(faults) - _MOST_FAULTS} more"] if len(faults) > _MOST_FAULTS else []
        unread = any(one["type"] == "json_invalid" for one in faults)
        return problem(
            400 if unread else 422,
            "; ".join([*said[:_MOST_FAULTS], *more]),
            hint="GET /v1/openapi.json shows every field",
            code="InvalidInput",
            request_id=_id_of(request),
        )

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
        return problem(
            error.status_code,
            str(error.detail),
            request_id=_id_of(request),
            headers=error.headers,
        )

    async def gone(request: Request, _: Exception) -> Response:
        return problem(400, "the caller went away", request_id=_id_of(request))

    async def unforeseen(request: Request, error: Exception) -> Response:
        _LOG.error("unforeseen", exc_info=error, extra={"request_id": _id_of(request)})
        return problem(
            500, "an error of ours; the log has it", request_id=_id_of(request), code="StoreError"
        )

    app.add_exception_handler(LessonBaseError, ours)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, unforeseen)


def _place(fault: Mapping[str, Any]) -> str:
    """Where a fault is, below the body, the query or the address that it is in."""
    return ".".join(map(str, fault["loc"][1:]))


def _id_of(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))

"""The application: routes, page and MCP behind one gate."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, Protocol

from anyio import to_thread
from fastapi import FastAPI, Form, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from lessonbase.api.auth import Door, same_origin
from lessonbase.api.errors import Problem, add_handlers, documented, problem
from lessonbase.api.gate import Gate, Limits
from lessonbase.api.hooks import hooks_router
from lessonbase.api.routes import access, asking, exchange, incidents, records, review, souls, study
from lessonbase.api.watch import Watch
from lessonbase.api.web.pages import STATIC, login_page, web_router
from lessonbase.base import LessonBase

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Transport(Protocol):
    """Another protocol that is spoken below an address of ours."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        ...

    def running(self) -> Any:
        """The time in which it can."""
        ...


def create_app(
    base: LessonBase,
    *,
    secret: str,
    version: str,
    hosts: frozenset[str] = LOOPBACK,
    watch: Watch | None = None,
    stop: Callable[[], None] = lambda: None,
    mcp: Transport | None = None,
    limits: Limits | None = None,
    cookie: str = "lessonbase",
) -> Gate:
    """The owner's application.

    Args:
        base: What is served, opened as the user who owns it.
        secret: What that user's own programs show.
        version: Of this release.
        hosts: Names by which it may be called.
        watch: Counts what is asked; none: a new one.
        stop: Ends the owner, once all is done that is under way.
        mcp: The MCP transport, served at /mcp.
        limits: How much it takes on; none: the usual.
        cookie: Name of the page's cookie; another for each owner of a machine.
    """
    limits = limits or Limits()
    watch = watch or Watch(version)
    door = Door(base, secret, cookie)
    app = routed(version, watch, limits=limits, mcp=mcp)
    app.state.door, app.state.stop = door, stop
    return Gate(app, door=door, watch=watch, hosts=hosts, limits=limits)


def routed(version: str, watch: Watch, *, limits: Limits, mcp: Transport | None = None) -> FastAPI:
    """All routes, with nothing behind them and no gate before them."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        # Threads for whoever is let through, and a few for what is quick.
        threads = to_thread.current_default_thread_limiter()
        threads.total_tokens = limits.asking + limits.keeping + 4
        async with AsyncExitStack() as stack:
            if mcp is not None:
                await stack.enter_async_context(mcp.running())
            yield

    app = FastAPI(
        title="LessonBase",
        version=version,
        description="A memory of operational experience for teams of AI agents.",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        lifespan=running,
    )
    app.state.watch = watch
    add_handlers(app)
    for part in (asking, incidents, records, exchange, review, souls, study, access):
        app.include_router(part.router, prefix="/v1")
    app.include_router(
        hooks_router(),
        prefix="/v1",
        tags=["asking"],
        responses=documented(),
        default_response_class=PlainTextResponse,
    )
    _add_health(app, watch)
    _add_signing_in(app)
    app.include_router(web_router(), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC))
    if mcp is not None:
        app.router.routes.append(Route("/mcp", endpoint=mcp))
    _document(app)
    return app


def _add_health(app: FastAPI, watch: Watch) -> None:
    # async, as nothing in them waits: they answer while every thread is busy.
    async def health() -> Response:
        """Whether the owner lives and its base can be used; open to all."""
        now = watch.readiness
        body = {
            "live": True,
            "version": watch.version,
            "up_s": round(watch.up_s),
            **now.model_dump(),
        }
        return JSONResponse(body, 200 if now.ready else 503)

    async def metrics() -> Response:
        """Counts for Prometheus, as text."""
        return Response(watch.exposition(), media_type="text/plain; version=0.0.4")

    said = documented() | {503: {"description": "The ledger does not answer"}}
    counts = documented() | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
    app.get("/v1/health", tags=["upkeep"], responses=said)(health)
    app.get("/v1/metrics", tags=["upkeep"], responses=counts, response_class=Response)(metrics)
    app.get("/health", include_in_schema=False)(health)
    app.get("/metrics", include_in_schema=False)(metrics)


def _add_signing_in(app: FastAPI) -> None:
    def entered(door: Door, session: str) -> Response:
        answer = RedirectResponse("/", 303)
        answer.set_cookie(door.cookie, session, httponly=True, samesite="strict", path="/")
        return answer

    @app.get("/login", include_in_schema=False)
    def enter(request: Request, ticket: str = "") -> Response:
        if not ticket:
            return login_page(request, None)
        door: Door = request.app.state.door
        session = door.redeem(ticket)
        if session is None:
            return login_page(request, "That link was used before, or is too old.")
        return entered(door, session)

    @app.post("/login", include_in_schema=False)
    def sign_in(request: Request, key: str = Form("")) -> Response:
        if not same_origin(request):
            return problem(403, "signing in is for this page's own form")
        door: Door = request.app.state.door
        session = door.sign_in(key, request)
        return (
            entered(door, session) if session else login_page(request, "That key lets nobody in.")
        )

    @app.post("/logout", include_in_schema=False)
    def sign_out(request: Request) -> Response:
        door: Door = request.app.state.door
        door.sign_out(request)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(door.cookie, path="/")
        return answer


def _document(app: FastAPI) -> None:
    """Name in the documentation what every route shares: the key, and the form of a problem."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = Problem.model_json_schema()
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"key": []}]
        return document

    app.openapi = whole  # type: ignore[method-assign]

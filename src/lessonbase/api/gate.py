"""What every request passes before a route sees it, and every answer after.

In this order: is it meant for us (Host), is there room, who is it, and then, while it is read, is
it small and quick enough. What an answer says about itself (no sniffing, no framing, no outside
requests) is added on its way out.
"""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lessonbase.api.auth import Caller, Door
from lessonbase.api.errors import problem, problem_of
from lessonbase.api.watch import Watch
from lessonbase.errors import NotAllowed, NotKnown

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_LOG: Final = logging.getLogger(__name__)

# What anybody may have: it says nothing of what the base holds.
_OPEN: Final = frozenset({"/health", "/v1/health", "/v1/openapi.json", "/login", "/favicon.ico"})
_OPEN_FOLDER: Final = "/static/"
# Ways in for programs; all others are pages, for people.
_PROGRAMS: Final = ("/v1/", "/mcp", "/metrics")
# Addresses where a body may be long: it goes to disk, or is bounded by whoever reads it.
_LONG_BODY: Final = "/v1/import"
# Long pieces of work, which wait in a line of their own (`routes.exchange`): a turn that one of
# them kept would be missing to everybody else.
_LONG: Final = frozenset({_LONG_BODY, "/v1/doctor", "/v1/reindex", "/map/data"})
# What writes, or looks through everything, and so may take a while.
_ASKING: Final = frozenset({"/v1/recall", "/v1/search", "/v1/incident", "/incident"})
_ASKING_BELOW: Final = ("/v1/hooks/", "/mcp")
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
# A name, or an IPv6 address in brackets; a port.
_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:/?#@]+)(?::[0-9]{0,5})?")
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"})
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an owner takes on.

    Attributes:
        body_bytes: Longest body of a request.
        import_bytes: Longest body of an import.
        read_s: Longest silence while a body is read, in seconds.
        asking: Questions answered at a time.
        keeping: Writes under way at a time.
        waiting: Requests that may wait for their turn.
        wait_s: Longest wait for it, in seconds.
    """

    body_bytes: int = 4 << 20
    import_bytes: int = 512 << 20
    read_s: float = 20.0
    asking: int = 8
    keeping: int = 4
    waiting: int = 128
    wait_s: float = 10.0


class Gate:
    """The middleware around the whole application."""

    def __init__(
        self, app: App, *, door: Door, watch: Watch, hosts: frozenset[str], limits: Limits
    ) -> None:
        """Guard *app*, letting in what *door* knows and *hosts* names."""
        self._app = app
        self.door = door
        self._watch = watch
        self._hosts = hosts
        self._limits = limits
        self._asking = _Turns(limits.asking, limits)
        self._keeping = _Turns(limits.keeping, limits)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request, or hand on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        passage = _Passage(request, send, self._watch, quiet=_is_open(scope["path"]))
        try:
            await self._pass(request, receive, passage)
        except HTTPException as error:
            # Of our own reading, or of an application that does not make answers of them.
            if passage.started:
                raise
            await passage.refuse(error.status_code, str(error.detail))
        except Exception:
            # Answered and logged where it happened: the connection is as good as before.
            if not passage.whole:
                raise
        finally:
            passage.end()

    async def _pass(self, request: Request, receive: Receive, passage: "_Passage") -> None:
        path = request.scope["path"]  # not of request.url, which the Host header is a part of
        if not self._is_ours(request):
            host = request.headers.get("host", "")[:100]
            await passage.refuse(
                421, f"no server named {host!r} here", hint="use the address it printed"
            )
            return
        most = self._limits.import_bytes if path == _LONG_BODY else self._limits.body_bytes
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > most:
            passage.last = True
            await passage.refuse(413, f"the body has {declared} bytes, more than {most}")
            return
        bounded = _bounded(receive, most, self._limits.read_s)
        if _is_open(path):
            await self._app(request.scope, bounded, passage.send)
            return
        if path in _LONG:
            await self._admit(request, bounded, passage)
            return
        asks = (
            request.method in {"GET", "HEAD"} or path in _ASKING or path.startswith(_ASKING_BELOW)
        )
        turns = self._asking if asks else self._keeping
        if not await turns.take():
            await passage.refuse(
                503,
                "there is more to do than this owner takes on",
                hint="try again in a second",
                code="TooBusy",
                headers={"Retry-After": "1"},
            )
            return
        passage.give_back = turns.give_back
        await self._admit(request, bounded, passage)

    async def _admit(self, request: Request, bounded: Receive, passage: "_Passage") -> None:
        """Let the application answer whoever may ask."""
        caller = await self._caller(request, passage)
        if caller is not None:
            passage.caller = caller
            request.scope["state"]["caller"] = caller
            request.scope["state"]["base"] = self.door.base_for(caller.scope)
            await self._app(request.scope, bounded, passage.send)

    async def _caller(self, request: Request, passage: "_Passage") -> Caller | None:
        """Who asks; none if they have been answered already."""
        if caller := self.door.remembered(request):
            return caller
        program = request.scope["path"].startswith(_PROGRAMS)
        try:
            return await to_thread.run_sync(lambda: self.door.caller(request, expected=program))
        except NotAllowed as error:
            await passage.answer(problem_of(error, passage.request_id))
        except NotKnown as error:
            if program:
                await passage.answer(problem_of(error, passage.request_id))
            elif request.headers.get("hx-request"):
                await passage.answer(Response(status_code=401, headers={"HX-Redirect": "/login"}))
            else:
                await passage.answer(RedirectResponse("/login", 303))
        return None

    def _is_ours(self, request: Request) -> bool:
        """Whether the Host header names us: a page of another name may be an attack by DNS."""
        host = request.headers.get("host", "").lower()
        named = _HOST.fullmatch(host)
        return named is not None and named["name"] in self._hosts


class _Passage:
    """One request's way through, and what is told of it in the end."""

    def __init__(self, request: Request, send: Send, watch: Watch, *, quiet: bool) -> None:
        shown = request.headers.get("x-request-id", "")
        self.request_id = shown if _REQUEST_ID.fullmatch(shown) else secrets.token_hex(8)
        self.caller: Caller | None = None
        self.give_back: Callable[[], None] | None = None
        self.started = self.whole = False
        self.last = False  # whether the connection ends with this answer
        self._request = request
        self._send = send
        self._watch = watch
        self._quiet = quiet
        self._began = time.perf_counter()
        self._status = 0
        request.scope.setdefault("state", {})["request_id"] = self.request_id
        if not quiet:
            watch.began()

    async def send(self, message: Message) -> None:
        """Hand an answer on, with what every answer bears."""
        if message["type"] == "http.response.start":
            self.started = True
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            if self.last:
                headers["Connection"] = "close"
            if not self._request.scope["path"].startswith(_OPEN_FOLDER):
                headers.setdefault("Cache-Control", "no-store")
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            self._tell()
            # What is left is sending, which may take as long as the reader likes.
            self._return_turn()
        await self._send(message)
        self.whole = message["type"] == "http.response.body" and not message.get("more_body")

    async def refuse(self, status: int, detail: str, **more: Any) -> None:
        """Answer with a problem of this request."""
        await self.answer(problem(status, detail, request_id=self.request_id, **more))

    async def answer(self, response: Response) -> None:
        """Answer without asking the application."""
        await response(self._request.scope, _nothing, self.send)

    def end(self) -> None:
        """The request is over, answered or not."""
        self._return_turn()
        if not self._quiet:
            self._watch.ended()

    def _return_turn(self) -> None:
        if self.give_back is not None:
            self.give_back()
            self.give_back = None

    def _tell(self) -> None:
        seconds = time.perf_counter() - self._began
        route, method = _route_of(self._request), self._request.method
        # A caller chooses the method: each that is counted is remembered for good.
        counted = method if method in _METHODS else "-"
        self._watch.answered(counted, route, self._status, seconds)
        if self._quiet:
            return
        scope = self.caller.scope if self.caller else None
        _LOG.info(
            "request",
            extra={
                "request_id": self.request_id,
                "method": method,
                "route": route,
                "status": self._status,
                "ms": round(seconds * 1_000, 1),
                "space": scope.space if scope else None,
                "actor": scope.actor if scope else None,
            },
        )


class _Turns:
    """So many at a time; a bounded number may wait for a bounded time."""

    def __init__(self, most: int, limits: Limits) -> None:
        self._free = asyncio.Semaphore(most)
        self._limits = limits
        self._waiting = 0

    async def take(self) -> bool:
        """Wait for a turn; whether there is one."""
        if not self._free.locked():
            await self._free.acquire()
            return True
        if self._waiting >= self._limits.waiting:
            return False
        self._waiting += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.wait_s):
                    await self._free.acquire()
                    return True
            return False
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        """Let the next one have it."""
        self._free.release()


def _route_of(request: Request) -> str:
    """The address that *request* was found to ask for, without the ids in it; `-`: none of ours."""
    path = request.scope["path"]
    if path == "/mcp":
        return "/mcp"
    route = getattr(request.scope.get("route"), "path", "-")
    # FastAPI names a route with the prefix of its router, or without, as its release has it.
    bare = path.startswith("/v1/") and route.startswith("/") and not route.startswith("/v1/")
    return f"/v1{route}" if bare else route


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_FOLDER)


def _bounded(receive: Receive, most: int, silence_s: float) -> Receive:
    """*receive*, which refuses a body of more than *most* bytes, or with long silences in it."""
    read = 0
    whole = False

    async def bounded() -> Message:
        nonlocal read, whole
        if whole:
            return await receive()  # waits until the caller has gone, and may
        try:
            async with asyncio.timeout(silence_s):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, f"nothing came for {silence_s:g} s") from error
        read += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if read > most:
            raise HTTPException(413, f"the body has more than {most} bytes")
        return message

    return bounded


async def _nothing() -> Message:
    return {"type": "http.disconnect"}

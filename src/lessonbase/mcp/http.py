"""The MCP server over streamable HTTP, as an ASGI application inside the owner's.

Whoever puts it there has let the caller in (key, Host, Origin, size of the body) and has left the
caller's base in the request's state. The SDK is imported at the first request.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup, TaskStatus
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from lessonbase.ports import Base


class HttpTransport:
    """The ASGI application; each request is answered from the base in `request.state.base`.

    There are no sessions to own, to count or to forget: every POST stands by itself, so a client
    goes on where it was after the owner was started anew, and a key sees its own base only,
    whatever it was told about other requests. Answers are JSON, never streams; GET and DELETE,
    which open a stream and end a session, are refused with 405 as the protocol provides.

    Add it as `Route("/mcp", endpoint=transport)`: a mount would redirect `/mcp` to `/mcp/`.
    """

    def __init__(self, *, version: str) -> None:
        self._version = version
        self._starting = anyio.Lock()
        self._tasks: TaskGroup | None = None
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve while this lasts; entered in the lifespan of the application around it."""
        async with anyio.create_task_group() as self._tasks:
            try:
                yield
            finally:
                self._tasks.cancel_scope.cancel()
                self._tasks = self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST":
            await Response(status_code=405, headers={"Allow": "POST"})(scope, receive, send)
            return
        manager = await self._started()
        await manager.handle_request(scope, receive, send)

    async def _started(self) -> "StreamableHTTPSessionManager":
        """The SDK's side of it, made by the first request; others wait for that."""
        async with self._starting:
            if self._tasks is None:
                raise RuntimeError("HttpTransport serves only while `running()` lasts")
            if self._manager is None:
                manager = await anyio.to_thread.run_sync(_made, self._version)
                await self._tasks.start(_kept_running, manager)
                self._manager = manager
            return self._manager


def _made(version: str) -> "StreamableHTTPSessionManager":
    from mcp.server.transport_security import TransportSecuritySettings

    from lessonbase.mcp.server import make_server

    server = make_server(_base_of, version=version)
    server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        # Host and Origin were checked before, against names that the SDK does not know.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return server.session_manager


async def _kept_running(
    manager: "StreamableHTTPSessionManager", *, task_status: TaskStatus[None]
) -> None:
    async with manager.run():
        task_status.started()
        await anyio.sleep_forever()


def _base_of(request: Request | None) -> "Base":
    return cast("Base", cast(Request, request).state.base)

"""MCP clients and servers for tests: in memory, over stdio, over HTTP."""

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lessonbase.base import LessonBase
from lessonbase.mcp.http import HttpTransport
from lessonbase.mcp.server import make_server
from lessonbase.records import Role
from lessonbase.records import Scope as Caller

LOCKS = {
    "kind": "lesson",
    "title": "Lock timeouts",
    "content": {
        "situation": "Changing the schema of a busy table.",
        "advice": "Set a lock timeout first.",
    },
}
TASK = "change the schema of a busy table"
SCOUT = Caller(agent="scout", role=Role.WRITER)

# Opens a base when one is needed, says so in a file, and prints where it must not.
PROGRAM = """
import os, pathlib, sys
from lessonbase.mcp import stdio

folder = pathlib.Path(sys.argv[1])

def open_base():
    from lessonbase.records import Role, Scope
    from support import base_at
    with open(folder / "opened", "a") as file:
        print("opened", file=file)
    print("a stray line")
    print("without an end", end="")
    os.write(1, b"by descriptor")
    return base_at(folder / "base", Scope(agent="scout", role=Role.WRITER))

stdio.run(open_base, version="1.2.3")
"""
TESTS = str(Path(__file__).parent)
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}


def calling(name: str, arguments: Any, request_id: int = 2) -> dict[str, Any]:
    """A `tools/call` as it goes over the wire."""
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params}


class Keyed:
    """What the owner's middleware does: the base of a request is that of its key."""

    def __init__(self, transport: ASGIApp, bases: dict[bytes, LessonBase]) -> None:
        self.transport = transport
        self.bases = bases

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = dict(scope["headers"]).get(b"x-key", b"a")
        scope.setdefault("state", {})["base"] = self.bases[key]
        await self.transport(scope, receive, send)


@contextmanager
def served(**bases: LessonBase) -> Iterator[str]:
    """The address of an HTTP server whose callers name their base by a key."""
    transport = HttpTransport(version="1.2.3")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with transport.running():
            yield

    keyed = Keyed(transport, {key.encode(): base for key, base in bases.items()})
    app = Starlette(routes=[Route("/mcp", endpoint=keyed)], lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            thread.join()


def posted(url: str, message: Any, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and JSON of the answer to a bare POST."""
    given = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    request = urllib.request.Request(url, body, given)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            text = answer.read()
            return answer.status, dict(answer.headers), json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.loads(error.read() or b"null")


@contextmanager
def program(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The stdio server as a process."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # As a client starts it: unbuffered output would hide what is printed late.
        env=os.environ | {"PYTHONPATH": TESTS, "PYTHONUNBUFFERED": ""},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def asked(process: subprocess.Popen[bytes], message: Any) -> Any:
    """The answer of the stdio server to one message."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(
        (message if isinstance(message, bytes) else json.dumps(message).encode()) + b"\n"
    )
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@contextmanager
def transport(name: str, base: LessonBase, folder: Path) -> Iterator[Callable[[], Client]]:
    """Clients of one server over the transport *name*, whose base is *base* or one like it."""
    match name.split():
        case ["memory", mode]:
            server = make_server(lambda _: base, version="1.2.3")
            yield lambda: Client(server, mode=mode)
        case ["http", mode]:
            with served(a=base) as url:
                yield lambda: Client(url, mode=mode)
        case ["stdio", mode]:
            command = StdioServerParameters(
                command=sys.executable,
                args=["-c", PROGRAM, str(folder)],
                env={"PYTHONPATH": TESTS},
            )
            yield lambda: Client(command, mode=mode)


def with_client(client: Callable[[], Client], use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What *use* returns, given a connected client."""

    async def connected() -> Any:
        async with client() as one:
            return await use(one)

    return anyio.run(connected)


def text_of(result: CallToolResult) -> str:
    """What a model reads that reads text only."""
    [block] = result.content
    assert block.type == "text"
    return block.text

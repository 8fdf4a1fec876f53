"""The MCP server over standard input and output, for a client that starts it as a process.

The client's first question is answered before anything of a base is imported or opened. While it
serves, the SDK keeps the real output to itself and points descriptor 1 at standard error, so that
nothing printed by anyone, a child process included, ends up in the protocol.
"""

import json
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

from lessonbase.mcp.server import make_server

if TYPE_CHECKING:
    from lessonbase.ports import Base

_UNREADABLE: Final = (
    "this message cannot be read: it is not JSON, or has half of a character (a lone surrogate) or "
    "a number beyond measure; repair it and send it again"
)


def run(open_base: Callable[[], "Base"], *, version: str) -> None:
    """Serve until standard input ends, then close the base if it was opened.

    For the main thread of a process of its own, which an interrupt ends at once.

    Args:
        open_base: Opens the base; called at the first use of one, in a worker thread, and again at
            the next if it failed.
        version: Of LessonBase, for the client to see.
    """
    opened = _OpenedOnce(open_base)
    stdout = sys.stdout
    # As an exception it would wait for a line of input: the thread that reads cannot be stopped.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        anyio.run(_serve, make_server(lambda _: opened.base(), version=version))
    finally:
        opened.close()
        sys.stdout = stdout


class _OpenedOnce:
    def __init__(self, open_base: Callable[[], "Base"]) -> None:
        self._open = open_base
        self._lock = threading.Lock()
        self._base: Base | None = None

    def base(self) -> "Base":
        with self._lock:
            if self._base is None:
                # What is printed without a newline waits in the buffer of `sys.stdout` and would
                # reach the client at exit, when the descriptor is the real one again.
                sys.stdout = sys.stderr
                self._base = self._open()
            return self._base

    def close(self) -> None:
        with self._lock:
            if self._base is not None:
                self._base.close()


async def _serve(server: MCPServer[Any]) -> None:
    """Serve, and answer what cannot be read: the SDK drops it, and its sender would wait."""
    told, heard = anyio.create_memory_object_stream[SessionMessage | Exception]()
    async with stdio_server() as (read, write), anyio.create_task_group() as tasks:

        async def sort() -> None:
            async with told:
                async for message in read:
                    if isinstance(message, Exception):
                        await write.send(_answer(message))
                    else:
                        await told.send(message)

        tasks.start_soon(sort)
        # The SDK has no public way to serve over streams that are not its own.
        served = server._lowlevel_server
        await served.run(heard, write, served.create_initialization_options())


def _answer(error: Exception) -> SessionMessage:
    """The answer to a line that was no message, under its id if that can be made out."""
    message_id = None
    if isinstance(error, ValidationError):
        line = error.errors(include_url=False)[0]["input"]
        with suppress(ValueError, TypeError, RecursionError):
            message_id = _id_of(json.loads(line))
    return SessionMessage(
        JSONRPCError(
            jsonrpc="2.0", id=message_id, error=ErrorData(code=PARSE_ERROR, message=_UNREADABLE)
        )
    )


def _id_of(message: Any) -> str | int | None:
    match message:
        case {"id": int() as number} if not isinstance(number, bool):
            return number
        case {"id": str() as name} if name.isascii():
            return name
        case _:
            return None

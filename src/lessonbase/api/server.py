"""Serving an application until it is told to stop, is idle for long, or has lost its base."""

import asyncio
import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from anyio import to_thread
from uvicorn.protocols.http.h11_impl import H11Protocol

from lessonbase.api.gate import App
from lessonbase.api.watch import Watch
from lessonbase.base import LessonBase
from lessonbase.base.asking import Places
from lessonbase.errors import InvalidInput
from lessonbase.stores.lock import usual_ports

_LOG: Final = logging.getLogger(__name__)

# Longest time for the head of a request to arrive, in seconds, and its longest size, in bytes.
_HEAD_S: Final = 10.0
_HEAD_BYTES: Final = 32_768
# Connections beyond which new ones are closed at once.
_MOST_CONNECTIONS: Final = 4_000
# Longest time that requests under way are waited for at the end, in seconds.
_FINISH_S: Final = 10
# Ticks of a tenth of a second between two looks at how the base is.
_LOOK_TICKS: Final = 10


def listening(directory: Path, host: str, port: int | None) -> socket.socket:
    """A socket on *host* that the owner of *directory* can be reached at.

    Args:
        directory: Of the base; without a *port*, it decides which one, so that it stays the same.
        host: Address to bind.
        port: To bind; 0: any free one.
    Raises:
        InvalidInput: If *host* is not of this machine, or *port* is taken.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise InvalidInput(f"no address {host!r}", hint="use --host 127.0.0.1") from error
    for candidate in [port] if port is not None else [*usual_ports(directory), 0]:
        listener = socket.socket(found[0], socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((found[4][0], candidate))
        except OSError as error:
            listener.close()
            if port is not None or candidate == 0:
                raise InvalidInput(
                    f"{host} port {port or ''} cannot be bound: {error.strerror}",
                    hint="choose another --port, or none",
                ) from error
            continue
        return listener
    raise AssertionError("port 0 is always free or an error")


def url_of(listener: socket.socket) -> str:
    """Where *listener* is reached from this machine."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not binding
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def name_of(listener: socket.socket) -> str:
    """The address that *listener* is bound to, as a Host header has it."""
    host = str(listener.getsockname()[0])
    return f"[{host}]" if ":" in host else host


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine reaches *listener*."""
    return ip_address(listener.getsockname()[0]).is_loopback


class Server(uvicorn.Server):
    """uvicorn, ending by itself when nobody needs it any more."""

    def __init__(
        self,
        app: App,
        base: LessonBase,
        watch: Watch,
        *,
        idle_exit_s: float | None = None,
        lost: Callable[[], bool] = lambda: False,
        ready: Callable[[], None] = lambda: None,
        leaving: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve *app*.

        Args:
            app: What is served.
            base: Looked at now and then.
            watch: Told how the base is; asked since when nobody asked for anything.
            idle_exit_s: Seconds after which an idle owner ends; none: never.
            lost: Whether the base's files are gone, so that there is nothing left to serve.
            ready: Told once, when connections are answered.
            leaving: Told once, before connections are closed.
        """
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                h11_max_incomplete_event_size=_HEAD_BYTES,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=_FINISH_S,
                backlog=2_048,
            )
        )
        self._base = base
        self._watch = watch
        self._idle_exit_s = idle_exit_s
        self._lost = lost
        self._ready = ready
        self._leaving = leaving
        self._looking: asyncio.Future[None] | None = None
        self._warming: asyncio.Future[Places] | None = None

    def stop(self) -> None:
        """End, once all is answered that is under way."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, and return: what is open still has to be closed."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals reach the main thread alone
            return

        def heard(_: int, __: FrameType | None) -> None:
            self.should_exit = True

        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {one: signal.signal(one, heard) for one in signals}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end."""
        if counter % _LOOK_TICKS == 0:
            if self._lost():
                _LOG.error("the base's files are gone")
                os._exit(1)  # closing would only fail, file by file
            if self._looking is None or self._looking.done():
                self._looking = asyncio.ensure_future(self._look())
        if self._idle_exit_s is not None and self._watch.idle_s >= self._idle_exit_s:
            _LOG.info("idle")
            self.should_exit = True
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so; then read what the first question would have to wait for."""
        await super().startup(sockets)
        self._ready()
        self._warming = asyncio.ensure_future(
            to_thread.run_sync(self._base.ranked, "what is known", 1)
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so first, so that nobody comes any more."""
        self._leaving()
        await super().shutdown(sockets)

    async def _look(self) -> None:
        self._watch.readiness = await to_thread.run_sync(self._base.readiness)


class _Protocol(H11Protocol):
    """One connection; closed if it is one too many, or the head of a request is long in coming."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > _MOST_CONNECTIONS:
            transport.close()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._cancel()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._cancel()

    def data_received(self, data: bytes) -> None:
        if self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
            self._await_head()  # the next one on a connection that was kept
        super().data_received(data)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(_HEAD_S, self.transport.close)

    def _cancel(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def allow_many_connections() -> None:
    """Raise this process's limit on open files as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * _MOST_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

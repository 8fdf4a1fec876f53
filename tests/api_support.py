"""A base behind its owner's real server, on a free port of this machine; and ways to call it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lessonbase.api.app import create_app
from lessonbase.api.server import Server, listening, url_of
from lessonbase.api.watch import Watch
from lessonbase.base import LessonBase
from lessonbase.client import RemoteBase
from lessonbase.client.transport import Transport
from lessonbase.mcp.http import HttpTransport
from lessonbase.records import Role, Scope

SECRET = "the-owners-secret"  # noqa: S105 - of nobody
VERSION = "1.2.3"
LOCKS = {
    "id": "locks",
    "kind": "lesson",
    "title": "Lock timeouts",
    "situation": "Changing the schema of a busy table.",
    "advice": "Set a lock timeout first.",
}
TASK = "change the schema of a busy table"


@dataclass
class Site:
    """A base that is served."""

    base: LessonBase
    url: str
    server: Server
    watch: Watch
    opened: list[httpx.Client | RemoteBase] = field(default_factory=list)

    def http(self, token: str | None = SECRET, **headers: str) -> httpx.Client:
        """A plain client that shows *token*, if any; underscores in names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named["Authorization"] = f"Bearer {token}"
        # Reading certificates, which nothing here needs, takes longer than most of the calls.
        client = httpx.Client(
            base_url=self.url,
            headers=named,
            trust_env=False,
            timeout=30,
            verify=False,  # noqa: S501
        )
        self.opened.append(client)
        return client

    def remote(
        self, token: str = SECRET, scope: Scope | None = None, *, timeout_s: float = 30
    ) -> RemoteBase:
        """The base as a client has it that shows *token* and acts as *scope*."""
        transport = Transport("base", lambda _: (self.url, token), scope, timeout_s=timeout_s)
        client = RemoteBase(transport, scope)
        self.opened.append(client)
        return client

    def key(
        self,
        role: Role | str,
        agent: str | None = None,
        teams: tuple[str, ...] = (),
        space: str = "default",
    ) -> str:
        """The token of a new key."""
        admin = self.base.within(Scope(space=space, role=Role.ADMIN))
        return admin.create_key(Role(role), agent=agent, teams=teams).token


@contextmanager
def serving(base: LessonBase, **given: Any) -> Iterator[Site]:
    """Serve *base*; what is *given* goes to `create_app`."""
    listener = listening(Path("base"), "127.0.0.1", 0)
    watch, ready = Watch(VERSION), threading.Event()
    app = create_app(
        base,
        secret=SECRET,
        version=VERSION,
        watch=watch,
        **{"mcp": HttpTransport(version=VERSION), "stop": lambda: server.stop(), **given},
    )
    server = Server(app, base, watch, ready=ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    site = Site(base, url_of(listener), server, watch)
    try:
        assert ready.wait(10)
        yield site
    finally:
        for client in site.opened:
            client.close()
        server.stop()
        thread.join()
        listener.close()

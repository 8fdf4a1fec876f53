"""Where an owner listens, when it ends, and what it logs."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_support import serving
from lessonbase.api.logs import configure
from lessonbase.api.server import Server, is_loopback, listening, name_of, url_of
from lessonbase.api.watch import Watch
from lessonbase.base import LessonBase
from lessonbase.errors import InvalidInput
from lessonbase.records import Readiness


def test_a_base_has_a_port_of_its_own(tmp_path: Path) -> None:
    """The same each time, another while that is taken, and below those of outgoing connections."""
    with listening(tmp_path, "127.0.0.1", None) as first:
        port = first.getsockname()[1]
        first.listen()
        with listening(tmp_path, "127.0.0.1", None) as second:
            assert second.getsockname()[1] != port
            assert second.getsockname()[1] in range(20_000, 32_000)
    with listening(tmp_path, "127.0.0.1", None) as again:
        assert again.getsockname()[1] == port
        assert url_of(again) == f"http://127.0.0.1:{port}"
        assert (name_of(again), is_loopback(again)) == ("127.0.0.1", True)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """One that was asked for is not replaced by another."""
    with listening(tmp_path, "127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(InvalidInput, match=f"127.0.0.1 port {port} cannot be bound") as caught:
            listening(tmp_path, "127.0.0.1", port)
    assert caught.value.hint == "choose another --port, or none"


@pytest.mark.parametrize("host", ["no such host!", "", "256.256.256.256"])
def test_an_address_that_is_none(tmp_path: Path, host: str) -> None:
    """It is told, with one that works."""
    with pytest.raises(InvalidInput, match="no address") as caught:
        listening(tmp_path, host, 0)
    assert caught.value.hint == "use --host 127.0.0.1"


def test_every_address_of_the_machine(tmp_path: Path) -> None:
    """It can be reached from elsewhere, and from here by a name that is ours."""
    with listening(tmp_path, "0.0.0.0", 0) as listener:  # noqa: S104 - for a moment
        assert not is_loopback(listener)
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_an_address_of_six_words() -> None:
    """IPv6 stands in brackets, in an address and in a Host header."""
    with listening(Path("base"), "::1", 0) as listener:
        assert name_of(listener) == "[::1]"
        assert url_of(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_an_idle_owner_ends(base: LessonBase) -> None:
    """After its time, says so first, and not while somebody is served."""
    said: list[str] = []
    watch, listener = Watch("1"), socket.create_server(("127.0.0.1", 0))

    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError("nobody asks")

    server = Server(
        app,
        base,
        watch,
        idle_exit_s=0.3,
        ready=lambda: said.append("ready"),
        leaving=lambda: said.append("leaving"),
    )
    server.config.lifespan = "off"
    watch.began()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    thread.join(0.8)
    assert thread.is_alive()
    watch.ended()
    thread.join(10)

    assert not thread.is_alive()
    assert said == ["ready", "leaving"]
    listener.close()


def test_how_the_base_is_is_looked_at(base: LessonBase) -> None:
    """Health answers by the last look, and looks again every second."""
    with serving(base) as site:
        http = site.http(None)
        site.watch.readiness = Readiness(ready=False, degraded=True)
        until = time.monotonic() + 10
        while not site.watch.readiness.ready and time.monotonic() < until:
            time.sleep(0.02)

        assert http.get("/health").json()["ready"]
        assert not http.get("/health").json()["degraded"]


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """The root logger, as it was before, at the end."""
    root, ours = logging.getLogger(), logging.getLogger("lessonbase")
    before = root.handlers[:], root.level, ours.level, logging.raiseExceptions
    yield root
    for handler in set(root.handlers) - set(before[0]):
        handler.close()
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    logging.raiseExceptions = before[3]


def test_logs_are_lines_of_json(root_logger: logging.Logger, tmp_path: Path) -> None:
    """Each says when, how bad, what, and whose request it was; nothing else that was handed on."""
    configure(tmp_path / "log")
    ours = logging.getLogger("lessonbase.api.gate")
    ours.info("request", extra={"request_id": "r1", "status": 200, "task": "a secret"})
    ours.debug("too small")
    logging.getLogger("another").info("not ours")
    try:
        int("no")
    except ValueError:
        ours.exception("unforeseen")

    first, second = map(json.loads, (tmp_path / "log").read_text().splitlines())

    assert set(first) == {"at", "level", "event", "request_id", "status"}
    assert (first["level"], first["event"], first["status"]) == ("info", "request", 200)
    assert second["traceback"].endswith("with base 10: 'no'")


def test_a_log_stays_small(root_logger: logging.Logger, tmp_path: Path) -> None:
    """A file of a megabyte is put aside, and three of those are kept."""
    configure(tmp_path / "log")
    ours = logging.getLogger("lessonbase")
    for _ in range(600):
        ours.info("x" * 10_000)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1", "log.2", "log.3"]
    assert all(path.stat().st_size <= 1 << 20 for path in tmp_path.iterdir())


def test_a_log_without_a_file(
    root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes where errors go."""
    configure(None)
    logging.getLogger("lessonbase").info("here")

    assert json.loads(capsys.readouterr().err)["event"] == "here"

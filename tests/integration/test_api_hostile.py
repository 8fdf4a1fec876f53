"""What a hostile or broken caller can send: the owner goes on answering, and stays small.

The owner is a process of its own, as `lessonbase serve` starts it; callers speak to it through bare
sockets. After each attack somebody else asks for its health, and its memory is looked at.
"""

import json
import random
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api_support import LOCKS
from lessonbase.stores.lock import holder
from owners import environment, served

# `make check` runs them; `make test` is to be done in three minutes, with all that it installs.
pytestmark = pytest.mark.slow
# Seconds for the head of a request to come, instead of ten: the only thing that is not as it is.
HEAD_S = 1.0
PROGRAM = f"""
import sys
from lessonbase.api import server
from lessonbase.cli import main
server._HEAD_S = {HEAD_S}
sys.argv = ["lessonbase", *sys.argv[1:]]
main()
"""
# Most that the owner may grow by under one attack, in bytes.
MOST = 150 << 20


@dataclass
class Owner:
    """A process that serves a base."""

    pid: int
    url: str
    secret: str

    @property
    def memory(self) -> int:
        """What it has in memory, in bytes."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        assert found is not None
        return int(found[1]) << 10

    def head(self, request_line: str = "POST /v1/recall HTTP/1.1", *more: str) -> bytes:
        """The head of a request that is let in."""
        lines = [
            request_line,
            "Host: localhost",
            f"Authorization: Bearer {self.secret}",
            "Content-Type: application/json",
            *more,
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def connected(self) -> socket.socket:
        """A connection."""
        parts = urlsplit(self.url)
        return socket.create_connection((parts.hostname, parts.port), timeout=20)

    def told(self, sent: bytes, *, end: bool = False) -> bytes:
        """All that is answered to *sent*, until the connection ends or is silent.

        Args:
            sent: What is sent; what cannot be sent any more is not.
            end: Whether we say that nothing more comes.
        """
        with self.connected() as connection:
            with suppress(OSError):
                connection.sendall(sent)
                if end:
                    connection.shutdown(socket.SHUT_WR)
            return heard(connection)


def heard(connection: socket.socket, silence_s: float = 3.0) -> bytes:
    """What comes, until the end or a silence."""
    connection.settimeout(silence_s)
    found = b""
    with suppress(ConnectionError, TimeoutError):
        while piece := connection.recv(65_536):
            found += piece
    return found


def statuses(answers: bytes) -> list[int]:
    """The status of each answer."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def records() -> bytes:
    """Eight megabytes of records, as lines."""
    rows = [{**LOCKS, "id": f"r{n}", "advice": f"thing{n} meets {n}"} for n in range(1_000)]
    lines = [LOCKS, *(row | {"extra": {"x": "y" * 8_000}} for row in rows)]
    return "\n".join(map(json.dumps, lines)).encode()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """An owner, ended at last."""
    home = tmp_path_factory.mktemp("hostile") / "base"
    with (
        (home.parent / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "serve", "--create", "--port", "0"],
            env=environment(home),
            stdout=log,
            stderr=log,
        ) as child,
    ):
        try:
            pid = served(home)
            found = holder(home)
            assert found is not None
            assert found.url is not None
            assert found.secret is not None
            owner = Owner(pid, found.url, found.secret)
            head = {"Authorization": f"Bearer {owner.secret}"}
            httpx.post(
                f"{owner.url}/v1/import", content=records(), headers=head, timeout=60
            ).raise_for_status()
            yield owner
            assert child.poll() is None
        finally:
            child.terminate()
            assert child.wait(20) == 0
    assert "unforeseen" not in (home.parent / "log").read_text()
    assert "Traceback" not in (home.parent / "log").read_text()


@pytest.fixture
def owner(process: Owner) -> Iterator[Owner]:
    """The owner before an attack; after it, it is well."""
    before = process.memory
    yield process
    answer = httpx.get(f"{process.url}/health", timeout=5, trust_env=False)
    assert answer.json()["ready"]
    assert process.memory - before < MOST


def test_a_body_that_is_announced(owner: Owner) -> None:
    """A hundred megabytes are refused before they are sent, to whomever; an import may try."""
    announced = f"Content-Length: {100 << 20}"

    refused = owner.told(owner.head("POST /v1/recall HTTP/1.1", announced))
    asked = owner.told(owner.head("POST /v1/recall HTTP/1.1", announced, "Expect: 100-continue"))
    unknown = owner.told(
        f"POST /v1/import HTTP/1.1\r\nHost: localhost\r\n{announced}\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    larger = owner.told(owner.head("POST /v1/import HTTP/1.1", f"Content-Length: {1 << 30}"))

    assert b"\r\nconnection: close\r\n" in refused.lower()
    assert [statuses(one) for one in (refused, asked, unknown, larger)] == [
        [413],
        [413],
        [401],
        [413],
    ]


@pytest.mark.parametrize("path", ["/v1/recall", "/v1/hooks/prompt", "/mcp", "/login", "/v1/import"])
def test_a_body_that_is_not_announced(owner: Owner, path: str) -> None:
    """A hundred megabytes in chunks are cut at the limit; those of an import go to disk."""
    chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    head = owner.head(f"POST {path} HTTP/1.1", "Transfer-Encoding: chunked")
    with owner.connected() as connection:
        with suppress(ConnectionError):
            connection.sendall(head)
            for _ in range(100):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
        answer = heard(connection)

    # What is refused early may be lost to a caller that goes on sending and never listens.
    known = {"/v1/import": [[422]], "/login": [[403], []]}
    assert statuses(answer) in known.get(path, [[413], []])


def test_requests_that_are_cut_off(owner: Owner) -> None:
    """At whatever byte a caller goes, with or without a word."""
    body = json.dumps({"task": "x"}).encode()
    whole = owner.head("POST /v1/recall HTTP/1.1", f"Content-Length: {len(body)}") + body
    chunked = owner.head("POST /v1/import HTTP/1.1", "Transfer-Encoding: chunked") + b"5\r\nhe"

    for cut in range(1, len(whole), 5):
        with owner.connected() as connection:
            connection.sendall(whole[:cut])
    for cut in range(len(chunked) - 8, len(chunked)):
        with owner.connected() as connection:
            connection.sendall(chunked[:cut])
    assert statuses(owner.told(chunked, end=True)) in ([400], [])


def test_heads_that_come_slowly(owner: Owner) -> None:
    """Who sends a byte at a time is cut off when the time for a head is over, on each request."""
    with ExitStack() as stack:
        slow = [stack.enter_context(owner.connected()) for _ in range(20)]
        kept = stack.enter_context(owner.connected())
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 200"
        kept.sendall(b"GET")
        started = time.monotonic()
        open_still = len(slow)
        while open_still and time.monotonic() < started + 10:
            open_still = 0
            for connection in slow:
                with suppress(OSError):
                    connection.sendall(b"x")
                    open_still += 1
            time.sleep(0.1)

        assert open_still == 0
        assert heard(kept, 10).endswith(b"}")


def test_a_body_that_goes_on_after_the_answer(owner: Owner) -> None:
    """Who was refused and sends on, a byte at a time, is cut off as well."""
    with owner.connected() as connection:
        connection.sendall(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 401"
        started = time.monotonic()
        with suppress(OSError):
            while time.monotonic() < started + 10:
                connection.sendall(b"x")
                time.sleep(0.1)

        assert time.monotonic() < started + 8


def test_idle_connections(owner: Owner) -> None:
    """A thousand that say nothing keep nobody out, and are closed after a while."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4_096)), hard))
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        idle = [stack.enter_context(owner.connected()) for _ in range(1_000)]

        answer = httpx.get(f"{owner.url}/health", timeout=5, trust_env=False)

        assert answer.status_code == 200
        assert [heard(connection, 10) for connection in idle[:5] + idle[-5:]] == [b""] * 10


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"GET /v1/records/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", [[400], [401]]),
        (b"GET /v1/records/%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", [[401]]),
        (b"GET /health?\xff=\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", [[400], [200]]),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Odd: \xff\xfe\r\n\r\n", [[200]]),
        (b"GET /health HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n", [[421], [400]]),
        (b"GET /health HTTP/1.1\r\n\r\n", [[400], [421], []]),
        (b"GET /health HTTP/1.0\r\nX: y\r\n\r\n", [[421]]),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", [[400]]),
        (b"GET //evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n", [[303], [401]]),
        (b"GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n", [[303], [401]]),
        (b"GET /static/../v1/stats HTTP/1.1\r\nHost: localhost\r\n\r\n", [[404], [401]]),
        (b"GET /static/%2e%2e/pages.py HTTP/1.1\r\nHost: localhost\r\n\r\n", [[404]]),
        (b"GET /static/..%2f..%2fapp.py HTTP/1.1\r\nHost: localhost\r\n\r\n", [[404]]),
        (b"GET /static/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", [[404]]),
        (b"GET /static/" + b"x" * 5_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", [[404]]),
        (b"GET /\r\n", [[400], []]),
        (b"GET\r\n\r\n", [[400]]),
        (b"\r\n\r\n\r\n", [[400], []]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [[400], []]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [[400], [421], [421, 400]]),
        (b"SSH-2.0-OpenSSH_9.2\r\n", [[400], []]),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", [[303], [401], [404]]),
        (b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n", [[303], [401], [400]]),
        (b"BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n", [[303], [401]]),
        (b"get /health HTTP/1.1\r\nHost: localhost\r\n\r\n", [[405], [200]]),
        (b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", [[200], [400]]),
        (
            b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
            [[200], [426]],
        ),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 10_000, [[400], [431]]),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 1_000_000, [[400], [431]]),
        (b"GET /" + b"x" * 1_000_000, [[400], [414]]),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", [[200], [400]]),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n", [[400]]),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", [[400]]),
    ],
)
def test_heads_that_are_none(owner: Owner, sent: bytes, answered: list[list[int]]) -> None:
    """Each is refused, or read for what it is; none is understood to be more."""
    whole = sent.endswith(b"\r\n\r\n") and sent.count(b"\r\n") > 2
    last = sent.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n" if whole else sent

    assert statuses(owner.told(last, end=not whole)) in answered


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: -1"],
        ["Content-Length: 1e3"],
        ["Content-Length: +5"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: \xb2"],
        [f"Content-Length: {'9' * 5_000}"],
        ["Transfer-Encoding: gzip"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: x, chunked"],
    ],
)
def test_lengths_that_are_none(owner: Owner, lines: list[str]) -> None:
    """A body whose length cannot be told is refused, and ends its connection."""
    head = owner.head("POST /v1/recall HTTP/1.1", *lines)

    assert statuses(owner.told(head + b"GET /v1/keys HTTP/1.1\r\n\r\n")) in ([400], [501], [413])


def test_a_length_and_chunks(owner: Owner) -> None:
    """Who says both smuggles no second request in."""
    head = owner.head("POST /v1/recall HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked")

    last = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = owner.told(head + b"0\r\n\r\n" + last)

    assert statuses(answer)[0] in (400, 422)


@pytest.mark.parametrize("chunk", [b"ffffffffffffffffff\r\n", b"-1\r\n", b"zz\r\n", b"5;" * 40_000])
def test_chunks_that_are_none(owner: Owner, chunk: bytes) -> None:
    """The request ends there."""
    head = owner.head("POST /v1/recall HTTP/1.1", "Transfer-Encoding: chunked")

    assert statuses(owner.told(head + chunk, end=True)) in ([400], [413], [])


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/recall", "/v1/search", "/v1/records", "/v1/outcomes", "/v1/import", "/v1/keys"),
        *("/v1/hooks/prompt", "/mcp"),
    ],
)
@pytest.mark.parametrize("depth", [90, 300, 600, 1_500, 100_000])
def test_bodies_that_are_deep(owner: Owner, path: str, depth: int) -> None:
    """However deep a body is nested, it is refused; or is too shallow for that to matter."""
    lists, maps = b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth
    fields = json.dumps({**LOCKS, "task": "x", "query": "x"}).encode()[:-1]
    for deep in (lists, maps):
        for body in (deep, fields + b', "id": "deep", "extra": {"a": ' + deep + b"}}"):
            head = owner.head(
                f"POST {path} HTTP/1.1", f"Content-Length: {len(body)}", "Connection: close"
            )
            [status] = statuses(owner.told(head + body))
            assert status in (200, 201, 400, 406, 422)
    head = owner.head("DELETE /v1/records/deep HTTP/1.1", "Connection: close")
    assert statuses(owner.told(head)) in ([204], [404])


@pytest.mark.parametrize(
    "body",
    [
        b'{"task": "\xff"}',
        b'{"task": "\\ud800"}',
        b'{"task": "\\u0000"}',
        b'\xef\xbb\xbf{"task": "x"}',
        '{"task": "é"}'.encode("utf-16"),
        b'{"task": "x", "k": 1e400}',
        b'{"task": "x", "k": %s}' % (b"9" * 5_000),
        b'{"task": "x", "k": NaN}',
        b'{"task": "x", "budget": 1180591620717411303424}',
        b'{"task": "x", "task": "y"}',
        b"nul",
        b"\0" * 1_000,
    ],
)
def test_bodies_that_are_odd(owner: Owner, body: bytes) -> None:
    """Each is read, or refused as a fault of the caller's."""
    head = owner.head(
        "POST /v1/recall HTTP/1.1", f"Content-Length: {len(body)}", "Connection: close"
    )

    [status] = statuses(owner.told(head + body))

    assert status in (200, 400, 422)


def test_requests_that_come_at_once(owner: Owner) -> None:
    """Each of two hundred in one piece is answered, in order."""
    one = b"GET /v1/records/locks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%s\r\n"
    secret = owner.secret.encode()
    many = b"".join(one % (secret, b"X-Request-Id: r%d\r\n" % number) for number in range(199))

    answers = owner.told(many + one % (secret, b"X-Request-Id: r199\r\nConnection: close\r\n"))

    assert statuses(answers) == [200] * 200
    assert re.findall(rb"x-request-id: r(\d+)", answers) == [b"%d" % n for n in range(200)]


def test_words_that_mean_nothing(owner: Owner) -> None:
    """Noise, and requests with bytes changed, do no harm."""
    noise = random.Random(7)
    request = owner.head("POST /v1/recall HTTP/1.1", "Content-Length: 13") + b'{"task": "x"}'
    for _ in range(150):
        changed = bytearray(request)
        for _ in range(noise.randint(1, 6)):
            changed[noise.randrange(len(changed))] = noise.randrange(256)
        with owner.connected() as connection, suppress(OSError):
            connection.sendall(bytes(changed))
            connection.sendall(noise.randbytes(noise.randint(0, 300)))
            connection.shutdown(socket.SHUT_WR)
            for status in statuses(heard(connection)):
                assert status < 500


def test_methods_without_number(owner: Owner) -> None:
    """What is counted by method does not grow with the callers' fancy."""
    for number in range(300):
        sent = f"M{number} /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert statuses(owner.told(sent.encode())) == [405]
    head = owner.head("GET /metrics HTTP/1.1", "Connection: close")

    assert owner.told(head).count(b"lessonbase_requests_total{") < 100


def test_exports_that_nobody_reads(owner: Owner) -> None:
    """Readers that never read, of eight megabytes each, keep neither memory nor a turn."""
    with ExitStack() as stack:
        for _ in range(6):
            reader = stack.enter_context(owner.connected())
            reader.sendall(owner.head("GET /v1/export HTTP/1.1"))
            assert reader.recv(12) == b"HTTP/1.1 200"
        answer = httpx.post(
            f"{owner.url}/v1/recall",
            json={"task": "a busy table"},
            headers={"Authorization": f"Bearer {owner.secret}"},
            timeout=20,
            trust_env=False,
        )

        assert answer.status_code == 200

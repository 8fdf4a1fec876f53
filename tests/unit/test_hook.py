"""The hook against real sockets and locks: what it sends, and all that must not break a turn."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest
from platformdirs import user_data_path

from lessonbase.hook import REPLY_LIMIT, default_base

RUN = "import sys; from lessonbase.hook import main; sys.exit(main(sys.argv[1:]))"
SECRET = "s3cret"  # noqa: S105 - no secret of anybody's
PROMPT = b'{"prompt": "change the schema", "session_id": "one"}'


def answer(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + body


class Server:
    """Answers each connection with the same bytes, and keeps what it was sent."""

    def __init__(self) -> None:
        self.reply = answer(b"what is known\n")
        self.pause_s = 0.0  # before each byte
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if self._ended.is_set():
                    return
                data = b""
                while not data.endswith(b"}") and (part := connection.recv(65_536)):
                    data += part
                self.requests.append(data)
                with suppress(ConnectionError):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        if not self.pause_s:
            connection.sendall(self.reply)
        for byte in self.reply if self.pause_s else b"":
            if self._ended.wait(self.pause_s):
                return
            connection.sendall(bytes([byte]))

    def close(self) -> None:
        self._ended.set()
        with suppress(OSError):
            socket.create_connection(self._socket.getsockname()).close()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that stands for the owner."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
def base(tmp_path: Path, server: Server) -> Path:
    """A directory with the note of an owner, whose lock is free."""
    (tmp_path / "base.lock").touch()
    note = {"pid": 1, "version": "0", "url": server.url, "secret": SECRET}
    (tmp_path / "owner.json").write_text(json.dumps(note))
    return tmp_path


@contextmanager
def held(base: Path) -> Iterator[None]:
    """Hold the lock as the owner does."""
    with (base / "base.lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(
    *arguments: str, given: bytes = PROMPT, code: str = RUN, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the hook as a coding agent does."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LESSONBASE")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=given,
        capture_output=True,
        env={**bare, **variables},
        timeout=30,
    )
    assert done.returncode == 0
    return done


def printed(*arguments: str, given: bytes = PROMPT, **variables: str) -> bytes:
    """What the hook prints; on stderr nothing."""
    done = run(*arguments, given=given, **variables)
    assert done.stderr == b""
    return done.stdout


def test_an_event_goes_to_the_owner(base: Path, server: Server) -> None:
    """The agent's JSON, for whom, and the secret; the answer is printed as it is."""
    server.reply = answer("‹é›\n\n".encode())

    with held(base):
        shown = printed(
            *("prompt", f"--base={base}", "--agent", "scout", "--space", "s"),
            *("--team", "t", "--for", "codex"),
        )

    assert shown == "‹é›\n\n".encode()
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /v1/hooks/prompt HTTP/1.1"
    assert dict(line.split(": ", 1) for line in lines) == {
        "Host": server.url.removeprefix("http://"),
        "Authorization": f"Bearer {SECRET}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "X-LessonBase-Space": "s",
        "X-LessonBase-Agent": "scout",
        "X-LessonBase-Team": "t",
    }
    sent = json.loads(body)
    assert 0 < sent.pop("within_s") <= 1.5
    assert sent == {"host": "codex", "input": json.loads(PROMPT)}


def test_the_environment_says_the_rest(base: Path, server: Server) -> None:
    """Base and scope come from LESSONBASE_ variables; an option comes before them."""
    with held(base):
        shown = printed(
            *("post-tool", "--agent=bo"),
            LESSONBASE_HOME=str(base),
            LESSONBASE_AGENT="scout",
            LESSONBASE_SPACE="s",
        )

    assert shown == b"what is known\n"
    head = server.requests[0].split(b"\r\n\r\n")[0]
    assert head.startswith(b"POST /v1/hooks/post-tool ")
    assert head.endswith(b"X-LessonBase-Space: s\r\nX-LessonBase-Agent: bo")


@pytest.mark.parametrize("data", ["/data", "data", "", None])
def test_the_default_base(monkeypatch: pytest.MonkeyPatch, data: str | None) -> None:
    """It is where platformdirs has it, which the rest of the program asks."""
    if data is None:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", data)

    assert default_base() == str(user_data_path("lessonbase"))


@pytest.mark.parametrize("event", ["session-start", "prompt", "post-tool"])
def test_a_killed_owner_is_sent_nothing(base: Path, server: Server, event: str) -> None:
    """Its port may be anybody's by now: with the lock free, the secret stays here."""
    assert printed(event, "--base", str(base)) == b""
    assert server.requests == []


def test_a_lock_let_go_by_a_killed_process_is_free(base: Path, server: Server) -> None:
    """The kernel frees it, whatever the owner's note says."""
    code = (
        "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_EX); "
        "print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(base / "base.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        assert printed("prompt", "--base", str(base)) == b"what is known\n"
        owner.kill()

    assert printed("prompt", "--base", str(base)) == b""
    assert len(server.requests) == 1


def test_looking_for_an_owner_leaves_the_lock_free(base: Path) -> None:
    """Whoever comes next can hold the base."""
    printed("prompt", "--base", str(base))

    with (base / "base.lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(
    "note",
    [
        '{"pid": 1, "version": "0"}',
        '{"url": "http://127.0.0.1:1", "secret": "x"}',
        '{"url": "https://127.0.0.1:1", "secret": "x"}',
        '{"url": "http://nowhere.invalid", "secret": "x"}',
        '{"url": "http://127.0.0.1:1", "secret": "x\\r\\nX-LessonBase-Space: other"}',
        "[]",
        "{",
        "",
    ],
)
def test_an_owner_that_cannot_be_asked(base: Path, note: str) -> None:
    """One that serves nobody, has gone, or left a note that cannot be read is not asked."""
    (base / "owner.json").write_text(note)

    with held(base):
        assert printed("prompt", "--base", str(base)) == b""
        assert printed("session-start", "--base", str(base)) == b""


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\0\xff" * 1_000,
        b"HTTP/1.1 200 OK\r\n\r\nno length",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut off",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2 * REPLY_LIMIT,
        b"SMTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
        answer(b"x" * (REPLY_LIMIT + 1)),
        answer(b'{"detail": "no"}', "422 Unprocessable Content"),
        answer(b"busy", "503 Service Unavailable"),
        answer(b""),
    ],
)
def test_an_answer_that_is_none(base: Path, server: Server, reply: bytes) -> None:
    """Garbage, an error, half an answer, or far too much of one: nothing is printed."""
    server.reply = reply

    with held(base):
        assert printed("prompt", "--base", str(base)) == b""
    assert len(server.requests) == 1


def test_a_long_answer_is_printed_whole(base: Path, server: Server) -> None:
    """Up to 256 KB, which is more than a pipe holds."""
    server.reply = answer(b"x" * REPLY_LIMIT)

    with held(base):
        assert printed("prompt", "--base", str(base)) == b"x" * REPLY_LIMIT


@pytest.mark.parametrize("pause_s", [0.05, 60])
def test_a_late_answer_is_not_waited_for(base: Path, server: Server, pause_s: float) -> None:
    """The deadline is one for all: bytes that trickle in do not move it."""
    server.pause_s = pause_s
    started = time.monotonic()

    with held(base):
        assert printed("prompt", "--base", str(base), LESSONBASE_HOOK_TIMEOUT_S="0.3") == b""
    assert len(server.requests) == 1
    assert time.monotonic() - started < 10


def test_input_that_does_not_end_is_not_waited_for(base: Path, server: Server) -> None:
    """An agent that leaves standard input open is not kept waiting."""
    given, agent = os.pipe()
    os.write(agent, PROMPT)
    with held(base):
        done = subprocess.run(
            [sys.executable, "-c", RUN, "prompt", "--base", str(base)],
            stdin=given,
            capture_output=True,
            env={**os.environ, "LESSONBASE_HOOK_TIMEOUT_S": "0.3"},
            timeout=30,
        )
    os.close(given)
    os.close(agent)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert server.requests == []


@pytest.mark.parametrize(
    "given", [b"", b"{", b"\xff", b"[" * 100_000, b'"' + b"x" * 3_000_000 + b'"']
)
def test_input_that_cannot_be_read(base: Path, server: Server, given: bytes) -> None:
    """What is no JSON, or more than 1 MB of it, is not handed on."""
    with held(base), suppress(BrokenPipeError):
        assert printed("prompt", "--base", str(base), given=given) == b""
    assert server.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("stop",),
        ("../records",),
        ("prompt", "--colour", "x"),
        ("prompt", "x"),
        ("prompt", "--space"),
    ],
)
def test_a_wrong_call(base: Path, server: Server, arguments: tuple[str, ...]) -> None:
    """A hook that was set up wrongly does nothing, quietly."""
    with held(base):
        assert printed(*arguments, LESSONBASE_HOME=str(base)) == b""
        assert printed("prompt", "--space", "a\r\nb", LESSONBASE_HOME=str(base)) == b""
    assert server.requests == []


def test_a_wrong_timeout_is_the_usual_one(base: Path) -> None:
    """A variable that holds no number does not switch the hook off."""
    with held(base):
        assert printed("prompt", "--base", str(base), LESSONBASE_HOOK_TIMEOUT_S="soon")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "| true"])
def test_closed_ends(base: Path, closed: str) -> None:
    """Whichever of its three streams is closed, it ends well and says nothing."""
    script = f'set -o pipefail; "$0" -c "$1" prompt --base "$2" {closed}'
    with held(base):
        done = subprocess.run(
            ["bash", "-c", script, sys.executable, RUN, str(base)],
            input=PROMPT,
            capture_output=True,
            timeout=30,
        )

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (b"what is known\n" if closed == "2>&-" else b"")


def test_debugging_says_why(base: Path) -> None:
    """With LESSONBASE_HOOK_DEBUG set, the error is on stderr; the exit code is the same."""
    done = run("stop", "--base", str(base), LESSONBASE_HOOK_DEBUG="1")

    assert done.stdout == b""
    assert b"ValueError: no event 'stop'; there are session-start, prompt, post-tool" in done.stderr


def test_what_it_imports(base: Path) -> None:
    """Nothing outside the standard library, and of that nothing that takes long."""
    listing = "import sys; print(*sorted(sys.modules))"
    code = f"from lessonbase.hook import main; main(['prompt', '--base', {str(base)!r}]); {listing}"
    bare = set(run(code=listing).stdout.decode().split())
    with held(base):
        shown, modules = run(code=code).stdout.decode().split("\n", 1)

    assert shown == "what is known"
    more = set(modules.split()) - bare
    assert {name for name in more if name.split(".")[0] not in sys.stdlib_module_names} == {
        "lessonbase",
        "lessonbase.hook",
    }
    slow = {"argparse", "asyncio", "dataclasses", "email", "http", "inspect", "pathlib", "ssl"}
    assert not more & (slow | {"subprocess", "tempfile", "traceback", "urllib"})


@pytest.fixture
def recorder(tmp_path: Path) -> Callable[[], list[str]]:
    """A program in place of Python, that notes how it was started; what it noted."""
    program, note = tmp_path / "recorder", tmp_path / "started"
    program.write_text(
        f"#!{sys.executable}\nimport os, sys, time\ntime.sleep(0.2)\n"
        f"with open('{note}.part', 'w') as file:\n"
        "    print(os.getcwd(), os.getsid(0), *sys.argv[1:], file=file)\n"
        f"os.rename('{note}.part', '{note}')\n"
    )
    program.chmod(0o700)

    def started() -> list[str]:
        until = time.monotonic() + 10
        while not note.exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        return note.read_text().split()

    return started


def test_a_session_starts_an_owner(base: Path, recorder: Callable[[], list[str]]) -> None:
    """It is detached, nobody waits for it, and it does not run in the project."""
    (base / "ledger.sqlite3").touch()
    code = f"import sys; sys.executable = {str(base / 'recorder')!r}; {RUN}"

    done = run("session-start", "--base", str(base), code=code)

    assert (done.stdout, done.stderr) == (b"", b"")
    assert not (base / "started").exists()
    directory, session, *arguments = recorder()
    assert directory == str(base)
    assert int(session) != os.getsid(0)
    assert arguments == [
        *("-m", "lessonbase", "--base", str(base)),
        *("serve", "--idle-exit", "1800"),
    ]


@pytest.mark.parametrize(
    ("event", "ledger", "lock"),
    [
        ("prompt", True, False),
        ("post-tool", True, False),
        ("session-start", False, False),
        ("session-start", True, True),
    ],
)
def test_nothing_else_starts_an_owner(
    base: Path, recorder: Callable[[], list[str]], event: str, ledger: bool, lock: bool
) -> None:
    """Not a prompt, not without a base, and not while a process holds it that serves nobody."""
    (base / "owner.json").write_text("{}")
    if ledger:
        (base / "ledger.sqlite3").touch()
    code = f"import sys; sys.executable = {str(base / 'recorder')!r}; {RUN}"

    with held(base) if lock else nullcontext():
        run(event, "--base", str(base), code=code)
    time.sleep(0.3)

    assert not (base / "started").exists()

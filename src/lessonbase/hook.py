"""What a coding agent runs in front of every prompt: `lessonbase hook EVENT`.

Hands the event to the process that owns the base, and prints what that answers. It decides nothing,
and it never breaks a turn: late, without an owner, or after any error it prints nothing and the
exit code is 0. Standard library only, and little of it, since the person waits for it each time:
`http.client` alone takes longer to import than all of this takes to run.
"""

# pathlib takes 2 ms to import.
# ruff: noqa: PTH100, PTH110, PTH111, PTH117, PTH118, PTH123

import fcntl
import json
import os
import select
import socket
import sys
import time

EVENTS = ("session-start", "prompt", "post-tool")
# Seconds from the start to the last moment at which something is printed.
TIMEOUT_S = 1.5
# Idle time after which an owner that we started ends, in seconds: an agent's pause for lunch.
IDLE_EXIT_S = 1_800
# Most bytes of an event, and of an answer.
INPUT_LIMIT = 1_000_000
REPLY_LIMIT = 256 * 1024
# Options, with the environment variable that each falls back to, and the header it is sent as.
OPTIONS = {
    "base": ("LESSONBASE_HOME", ""),
    "space": ("LESSONBASE_SPACE", "X-LessonBase-Space"),
    "agent": ("LESSONBASE_AGENT", "X-LessonBase-Agent"),
    "team": ("LESSONBASE_TEAM", "X-LessonBase-Team"),
    "for": ("", ""),
}


def main(arguments: list[str]) -> int:
    """Tell the owner of the base of an event and print its answer; always 0.

    Args:
        arguments: The event (session-start, prompt or post-tool) and any of --base, --space,
            --agent, --team and --for HOST. The event's own JSON comes on standard input.
    """
    try:
        _run(arguments, time.monotonic() + _timeout_s())
    except SystemExit:
        raise
    # Whatever it is, the turn goes on without us.
    except BaseException:
        if os.environ.get("LESSONBASE_HOOK_DEBUG"):
            import traceback

            traceback.print_exc()
    return 0


def default_base() -> str:
    """The platform's user data directory, as platformdirs has it (its import takes too long)."""
    data = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        mac = sys.platform == "darwin"
        data = os.path.expanduser("~/Library/Application Support" if mac else "~/.local/share")
    return os.path.join(data, "lessonbase")


def _run(arguments: list[str], deadline: float) -> None:
    event, options = _parsed(arguments)
    # With standard output closed, the next file to be opened would take its number.
    os.fstat(1)
    given = json.loads(_read_input(deadline))
    base = os.path.abspath(options["base"] or default_base())
    if not _is_held(base):
        if event == "session-start":
            _start_owner(base)
        return
    owner = _owner(base)
    if owner is None:
        return
    body = {
        "host": options["for"] or "claude-code",
        "input": given,
        "within_s": round(deadline - time.monotonic(), 3),
    }
    scope = {header: options[name] for name, (_, header) in OPTIONS.items() if header}
    reply = _post(owner, f"/v1/hooks/{event}", scope, json.dumps(body).encode(), deadline)
    while reply:
        reply = reply[os.write(1, reply) :]


def _parsed(arguments: list[str]) -> tuple[str, dict[str, str]]:
    """The event, and every option with its value; by hand, as argparse takes long to import."""
    event, *rest = arguments
    if event not in EVENTS:
        raise ValueError(f"no event {event!r}; there are {', '.join(EVENTS)}")
    options = {name: os.environ.get(variable, "") for name, (variable, _) in OPTIONS.items()}
    words = iter(rest)
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in OPTIONS:
            raise ValueError(f"no option {word!r}")
        options[name] = value if equals else next(words)
    return event, options


def _timeout_s() -> float:
    try:
        return float(os.environ["LESSONBASE_HOOK_TIMEOUT_S"])
    except (KeyError, ValueError):
        return TIMEOUT_S


def _left(deadline: float) -> float:
    """Seconds until *deadline*."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("out of time")
    return left


def _read_input(deadline: float) -> bytes:
    """All of standard input."""
    parts: list[bytes] = []
    size = 0
    while select.select([0], [], [], _left(deadline))[0]:
        part = os.read(0, 65_536)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > INPUT_LIMIT:
            raise ValueError(f"more than {INPUT_LIMIT} bytes of input")
    raise TimeoutError("standard input did not end")


def _is_held(base: str) -> bool:
    """Whether a process holds the base: the kernel's lock is the only truth about that."""
    try:
        handle = os.open(os.path.join(base, "base.lock"), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)  # which lets go of it
    return False


def _owner(base: str) -> tuple[str, int, str] | None:
    """Host, port and secret of the owner; none if the process that holds the base serves nobody."""
    with open(os.path.join(base, "owner.json"), "rb") as file:
        note = json.loads(file.read(65_536))
    if not note.get("url") or not note.get("secret"):
        return None
    scheme, _, address = note["url"].partition("://")
    host, _, port = address.rstrip("/").rpartition(":")
    if scheme != "http":
        raise ValueError(f"cannot reach {note['url']}")
    return host.strip("[]"), int(port), note["secret"]


def _post(
    owner: tuple[str, int, str], path: str, scope: dict[str, str], body: bytes, deadline: float
) -> bytes:
    """The owner's answer to *body*; empty unless it is a 200.

    HTTP by hand: one request to a server of our own, which closes the connection afterwards and
    always says how long its answer is. Any other answer is an error.
    """
    host, port, secret = owner
    fields = {
        "Host": f"{host}:{port}",
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **{name: value for name, value in scope.items() if value},
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    if not all(line.isprintable() for line in lines):
        raise ValueError("a line end in a header")
    head = "\r\n".join([*lines, "", ""]).encode("ascii")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(_left(deadline))
        connection.connect((host, port))
        connection.settimeout(_left(deadline))
        connection.sendall(head + body)
        return _reply(connection, deadline)


def _reply(connection: socket.socket, deadline: float) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection, deadline)
        if len(data) > REPLY_LIMIT:
            raise ValueError("no end of the answer's head")
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    protocol, code, *_ = status.split(" ")
    if not protocol.startswith("HTTP/1."):
        raise ValueError(f"not HTTP: {status[:80]!r}")
    if code != "200":
        raise ValueError(f"the owner answered {status[:80]!r}")
    fields = (line.partition(":") for line in lines)
    size = int(next(value for name, _, value in fields if name.lower() == "content-length"))
    if not 0 <= size <= REPLY_LIMIT:
        raise ValueError(f"an answer of {size} bytes")
    while len(body) < size:
        body += _received(connection, deadline)
    return body[:size]


def _received(connection: socket.socket, deadline: float) -> bytes:
    connection.settimeout(_left(deadline))
    part = connection.recv(65_536)
    if not part:
        raise ValueError("the answer broke off")
    return part


def _start_owner(base: str) -> None:
    """Start a process that owns the base, so that the next prompt is served; do not wait for it."""
    if not os.path.exists(os.path.join(base, "ledger.sqlite3")):
        return
    import subprocess

    command = [sys.executable, "-m", "lessonbase", "--base", base, "serve"]
    nowhere = subprocess.DEVNULL
    owner = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--idle-exit", str(IDLE_EXIT_S)],
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        start_new_session=True,
        # Not in the project: a module or a lessonbase.env that lies there is not ours to read.
        cwd=base,
    )
    # It outlives us, which Popen would warn of.
    owner.returncode = 0

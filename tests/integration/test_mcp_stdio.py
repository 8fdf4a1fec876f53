"""The MCP server as a process: what it opens when, what it prints where, how it ends."""

import json
import signal
from pathlib import Path

import pytest

from mcp_support import INITIALIZE, SCOUT, asked, calling, program
from support import base_at


@pytest.mark.slow
def test_over_stdio_a_base_is_opened_at_its_first_use_and_closed_at_the_end(
    tmp_path: Path,
) -> None:
    """Questions about the server open no base; calls at once open one; the end of input ends it."""
    with program(tmp_path) as process:
        told = asked(process, INITIALIZE)
        asked(process, {"jsonrpc": "2.0", "id": 2, "method": "tools/list"})
        early = (tmp_path / "opened").exists()
        assert process.stdin is not None
        assert process.stdout is not None
        for number in (3, 4):
            line = json.dumps(calling("recall", {"task": "a"}, number))
            process.stdin.write(line.encode() + b"\n")
        process.stdin.flush()
        answers = sorted(json.loads(process.stdout.readline())["id"] for _ in range(2))
        rest, talk = process.communicate(timeout=10)

    assert told["result"]["serverInfo"]["version"] == "1.2.3"
    assert not early
    assert (tmp_path / "opened").read_text() == "opened\n"
    assert answers == [3, 4]
    # What was printed went to standard error, whole, and nothing else did.
    assert sorted(talk.decode().splitlines()) == ["a stray line", "by descriptorwithout an end"]
    assert (process.returncode, rest) == (0, b"")
    base_at(tmp_path / "base", SCOUT).close()


def test_over_stdio_an_unreadable_message_is_answered(tmp_path: Path) -> None:
    """A line that is no JSON gets an error under its id, so that nobody waits for an answer."""
    half = rb'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"\ud800"}}'
    with program(tmp_path) as process:
        asked(process, INITIALIZE)
        answers = [asked(process, line) for line in (half, b"hello", b"[]")]

    assert [(answer["id"], answer["error"]["code"]) for answer in answers] == [
        (7, -32700),
        (None, -32700),
        (None, -32700),
    ]


def test_an_interrupt_ends_the_stdio_server(tmp_path: Path) -> None:
    """Ctrl-C does not wait for a line of input."""
    with program(tmp_path) as process:
        asked(process, INITIALIZE)
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=10) == -signal.SIGINT

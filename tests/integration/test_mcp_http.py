"""The MCP server inside the owner: whose base a request sees, and what is refused."""

import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from lessonbase.base import LessonBase
from lessonbase.mcp.http import HttpTransport
from mcp_support import INITIALIZE, LOCKS, SCOUT, TASK, calling, posted, served


@pytest.fixture
def scouts(open_at: Callable[..., LessonBase], tmp_path: Path) -> LessonBase:
    """An empty base as the agent scout sees it, who may write."""
    return open_at(tmp_path / "base", SCOUT)


def test_over_http_each_request_sees_the_base_of_its_own_key(
    open_at: Callable[..., LessonBase], tmp_path: Path
) -> None:
    """Whatever session a request claims to be of, only its own key decides what it sees."""
    ours, theirs = open_at(tmp_path / "ours"), open_at(tmp_path / "theirs")
    with served(a=ours, b=theirs) as url:
        status, headers, told = posted(url, INITIALIZE, X_Key="a")
        posted(url, calling("record", LOCKS), X_Key="a")
        session = headers.get("mcp-session-id", "0" * 32)
        answers = [
            posted(url, calling("recall", {"task": TASK}), X_Key=key, Mcp_Session_Id=session)
            for key in ("a", "b", "a")
        ]

    assert (status, told["result"]["serverInfo"]["name"]) == (200, "lessonbase")
    assert "mcp-session-id" not in headers
    assert [answer[2]["result"]["structuredContent"]["verdict"] for answer in answers] == [
        "apply",
        "nothing_relevant",
        "apply",
    ]


def test_over_http_a_client_with_a_key_of_its_own(
    open_at: Callable[..., LessonBase], tmp_path: Path
) -> None:
    """The SDK's client sends its key with every request, and sees what that key may see."""
    ours, theirs = open_at(tmp_path / "ours"), open_at(tmp_path / "theirs")

    async def recalled(url: str, key: str) -> str:
        async with (
            create_mcp_http_client({"X-Key": key}) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            result = await client.call_tool("recall", {"task": TASK})
            return str(result.structured_content["verdict"])

    with served(a=ours, b=theirs) as url:
        posted(url, calling("record", LOCKS), X_Key="b")
        verdicts = [anyio.run(recalled, url, key) for key in ("a", "b")]

    assert verdicts == ["nothing_relevant", "apply"]


def test_over_http_the_first_requests_may_come_at_once(scouts: LessonBase) -> None:
    """The SDK's side is made once, while other requests wait for it."""
    with served(a=scouts) as url, ThreadPoolExecutor(6) as pool:
        messages = [calling("recall", {"task": "a"}, number) for number in range(6)]
        answers = list(pool.map(lambda message: posted(url, message), messages))

    assert [(status, answer["id"]) for status, _, answer in answers] == [
        (200, number) for number in range(6)
    ]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_over_http_only_post_is_answered(scouts: LessonBase, method: str) -> None:
    """There is no stream to open and no session to end, and the answer says so."""
    with served(a=scouts) as url:
        request = urllib.request.Request(url, method=method)  # noqa: S310
        with pytest.raises(urllib.error.HTTPError, match="405") as caught:
            urllib.request.urlopen(request)  # noqa: S310
        allowed = caught.value.headers["Allow"]
        caught.value.close()

    assert allowed == "POST"


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        (b"{", 400, -32700),
        (
            rb'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud800"}}',
            400,
            -32700,
        ),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/erase"}, 200, -32601),
        (calling("recall", [1]), 200, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {}}, 200, -32602),
    ],
)
def test_over_http_a_malformed_message_is_an_error(
    scouts: LessonBase, message: Any, status: int, code: int
) -> None:
    """What is no message, or none of ours, is answered with the protocol's own error."""
    with served(a=scouts) as url:
        answered, _, answer = posted(url, message)

    assert (answered, answer["error"]["code"]) == (status, code)


def test_over_http_nothing_is_served_outside_its_lifetime() -> None:
    """A transport that nobody has started says so, instead of hanging."""
    scope = {"type": "http", "method": "POST", "headers": []}

    async def use() -> None:
        await HttpTransport(version="1.2.3")(scope, anyio.sleep_forever, anyio.sleep)

    with pytest.raises(RuntimeError, match="serves only while"):
        anyio.run(use)

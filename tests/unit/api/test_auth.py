"""The door: who is let in from where, and for how long."""

from typing import Any

import pytest
from starlette.requests import Request

from api_support import SECRET
from lessonbase.api import auth
from lessonbase.api.auth import Caller, Door, same_origin
from lessonbase.base import LessonBase
from lessonbase.errors import NotKnown
from lessonbase.records import Role, Scope


def request(host: str | None = "127.0.0.1", method: str = "GET", **headers: str) -> Request:
    """A request from *host*; underscores in names of headers stand for hyphens."""
    scope: dict[str, Any] = {
        "type": "http",
        "scheme": "http",
        "method": method,
        "path": "/v1/stats",
        "query_string": b"",
        "client": (host, 1) if host else None,
        "headers": [
            (name.replace("_", "-").lower().encode(), value.encode())
            for name, value in {"host": "localhost:1", **headers}.items()
        ],
    }
    return Request(scope)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1"])
def test_the_owners_secret_on_this_machine(base: LessonBase, host: str) -> None:
    """It is the owner's user, in whichever scope is named; and quickly the second time."""
    door = Door(base, SECRET, "c")
    asked = request(host, authorization=f"bearer {SECRET} ", x_lessonbase_agent="bo")

    assert door.remembered(asked) is None
    caller = door.caller(asked)
    assert caller == Caller(Scope(agent="bo", role=Role.CURATOR))
    assert caller.local
    assert door.remembered(asked) == caller
    assert door.remembered(request(host, authorization="Bearer wrong")) is None
    assert door.remembered(request(host)) is None


@pytest.mark.parametrize("host", ["10.0.0.7", "203.0.113.9", "::ffff:10.0.0.7", "testclient", None])
def test_the_owners_secret_from_elsewhere(base: LessonBase, host: str | None) -> None:
    """It lets nobody in who is not on the owner's machine, not after its user was, not as a key."""
    door = Door(base, SECRET, "c")
    door.caller(request(authorization=f"Bearer {SECRET}"))
    asked = request(host, authorization=f"Bearer {SECRET}")

    assert door.remembered(asked) is None
    with pytest.raises(NotKnown, match="no valid key was given"):
        door.caller(asked)
    assert door.sign_in(SECRET, asked) is None
    key = base.create_key(Role.READER).token
    assert not door.caller(request(host, authorization=f"Bearer {key}")).local


def test_links_and_sessions_end(base: LessonBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link after ten minutes, a session after a working day."""
    now = [1_000.0]
    monkeypatch.setattr(auth.time, "monotonic", lambda: now[0])
    door = Door(base, SECRET, "c")
    owner = door.caller(request(authorization=f"Bearer {SECRET}"))
    early, late = door.ticket(owner), door.ticket(owner)

    now[0] += 599
    session = door.redeem(early)
    now[0] += 2
    assert door.redeem(late) is None
    assert session is not None
    asked = request(cookie=f"c={session}")
    now[0] += 12 * 3600 - 3
    assert door.caller(asked) == owner
    now[0] += 2
    with pytest.raises(NotKnown, match="no valid key"):
        door.caller(asked)


def test_links_without_number(base: LessonBase) -> None:
    """Of a thousand and one that nobody used the oldest is forgotten."""
    door = Door(base, SECRET, "c")
    owner = door.caller(request(authorization=f"Bearer {SECRET}"))
    tickets = [door.ticket(owner) for _ in range(1_001)]

    assert len(set(tickets)) == 1_001
    assert door.redeem(tickets[0]) is None
    assert door.redeem(tickets[1]) is not None


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({"origin": "http://localhost:1"}, True),
        ({"origin": "https://localhost:1"}, False),
        ({"origin": "http://localhost:2"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://evil.example", "sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, False),
        ({}, False),
    ],
)
def test_the_page_that_asks(headers: dict[str, str], same: bool) -> None:
    """Only what a browser says of our own page counts as ours."""
    assert same_origin(request(**headers)) is same

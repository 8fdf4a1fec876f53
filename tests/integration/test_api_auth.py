"""Who is let in, as whom, and how far: the owner's user, keys, headers, the page's cookie."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api_support import LOCKS, SECRET, TASK, Site, serving
from lessonbase.base import LessonBase
from lessonbase.records import Role, Scope

ACTIONS: dict[str, tuple[str, str, Any]] = {
    "read": ("GET", "/v1/records/locks", None),
    "recall": ("POST", "/v1/recall", {"task": TASK}),
    "add": ("POST", "/v1/records", {**LOCKS, "id": "new"}),
    "add quarantined": ("POST", "/v1/records", {**LOCKS, "id": "q", "status": "quarantined"}),
    "edit": ("PATCH", "/v1/records/locks", {"title": "x"}),
    "outcome": ("POST", "/v1/outcomes", {"record_id": "locks", "outcome": "helped"}),
    "edit status": ("PATCH", "/v1/records/locks", {"status": "proposed"}),
    "retire": ("POST", "/v1/records/locks/retire", {"note": ""}),
    "import": ("POST", "/v1/import", {**LOCKS, "id": "new"}),
    "audit": ("GET", "/v1/audit", None),
    "keys": ("GET", "/v1/keys", None),
    "make a key": ("POST", "/v1/keys", {"role": "reader"}),
    "erase": ("DELETE", "/v1/records/locks", None),
    "doctor": ("POST", "/v1/doctor", None),
    "reindex": ("POST", "/v1/reindex", None),
    "link": ("POST", "/v1/tickets", None),
    "stop": ("POST", "/v1/stop", None),
}
READER = {"read", "recall"}
WRITER = READER | {"add", "edit", "outcome"}
CURATOR = WRITER | {"add quarantined", "edit status", "retire", "import"}
ADMIN = CURATOR | {"audit", "keys", "make a key", "erase"}


@pytest.fixture
def site(base: LessonBase) -> Iterator[Site]:
    """A base with one record in it."""
    base.add(LOCKS)
    with serving(base) as served:
        yield served


def denials(base: LessonBase, space: str = "default") -> list[tuple[str, str]]:
    """Who asked for what they may not have, newest first."""
    admin = base.within(Scope(space=space, role=Role.ADMIN))
    return [
        (event.actor, str(event.detail["what"]))
        for event in admin.audit()
        if event.action == "denied"
    ]


@pytest.mark.parametrize(
    ("role", "agent", "allowed"),
    [
        ("reader", None, READER),
        ("writer", None, WRITER),
        ("curator", "scout", CURATOR),
        ("admin", None, ADMIN),
        ("admin", "scout", CURATOR | {"erase"}),
    ],
)
def test_what_a_key_may_do(site: Site, role: str, agent: str | None, allowed: set[str]) -> None:
    """A role may do what those before it may; tending the base is for no key; denials are kept."""
    http = site.http(site.key(role, agent))
    found = set()
    for name, (method, path, body) in ACTIONS.items():
        answer = http.request(method, path, json=body)
        if answer.is_success:
            found.add(name)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "NotAllowed"), name
            assert answer.json()["hint"]

    assert found == allowed
    assert len(denials(site.base)) == len(ACTIONS) - len(allowed)
    assert {actor for actor, _ in denials(site.base)} == {f"agent:{agent}" if agent else role}


def test_the_owners_user_may_do_all(base: LessonBase) -> None:
    """Until it names an agent: then it is that agent, who erases nothing and tends nothing."""
    base.add(LOCKS)
    with serving(base, stop=lambda: None) as site:
        http, scout = site.http(), site.http(X_LessonBase_Agent="scout")
        for name, (method, path, body) in ACTIONS.items():
            allowed = scout.request(method, path, json=body).is_success
            assert allowed == (name in CURATOR), name
        assert scout.get("/v1/scope").json() == {
            "space": "default",
            "agent": "scout",
            "teams": [],
            "role": "curator",
        }
        base.edit("locks", {"status": "active"})
        assert [
            name
            for name, (method, path, body) in ACTIONS.items()
            if not http.request(method, path, json=body).is_success
        ] == []


def test_the_owners_user_stops_the_owner(base: LessonBase) -> None:
    """What is under way is answered, then it ends."""
    with serving(base) as site:
        ended = threading.Event()
        site.server._leaving = ended.set

        assert site.http().post("/v1/stop").status_code == 202
        assert ended.wait(10)


def test_a_key_that_was_revoked(site: Site) -> None:
    """It lets nobody in any more, from the next request on, with no other key touched."""
    first, second = site.key("reader"), site.key("reader")
    http = site.http(first)
    assert http.get("/v1/stats").status_code == 200

    key_id = first.split("_")[1]
    assert site.http().delete(f"/v1/keys/{key_id}").json()["revoked_at"] is not None

    assert http.get("/v1/stats").status_code == 401
    assert site.http(second).get("/v1/stats").status_code == 200
    assert denials(site.base) == [("admin", "no valid key: /v1/stats")]


def test_tokens_that_are_none(site: Site) -> None:
    """Neither another key's secret, nor a hash, nor a part, nor the owner's secret with more."""
    first, second = site.key("admin"), site.key("reader")
    _, key_id, secret = first.split("_", 2)
    digest = site.base._parts.ledger.key(key_id)
    assert digest is not None
    tokens = [
        f"lb_{second.split('_')[1]}_{secret}",
        f"lb_{key_id}_{digest[1]}",
        f"lb_{key_id}_",
        f"lb_{key_id}",
        f"lb__{secret}",
        f"xx_{key_id}_{secret}",
        first[:-1],
        f"{first}x",
        f"{SECRET}x",
        SECRET[:-1],
        "lb_' OR 1=1 --_x",
        "_",
        "x" * 20_000,
    ]

    statuses = [site.http(token).get("/v1/stats").status_code for token in tokens]
    odd = [site.http(None).get("/v1/stats", headers=[(b"Authorization", b"Bearer \xff\xfe")])]

    assert statuses == [401] * len(tokens)
    assert odd[0].status_code == 401
    assert site.http(first).get("/v1/stats").status_code == 200
    assert httpx.get(f"{site.url}/v1/stats", auth=("user", SECRET)).status_code == 401


def test_unknown_keys_fill_no_audit(site: Site) -> None:
    """Of denials that anybody can cause, the first thirty of a minute are kept."""
    http = site.http("wrong")
    for number in range(35):
        assert http.get(f"/v1/records/r{number}").status_code == 401

    assert [what for _, what in denials(site.base)] == [
        f"no valid key: /v1/records/r{number}" for number in reversed(range(30))
    ]


def test_headers_narrow(site: Site) -> None:
    """A key acts as less than it may, never as more; what a header names is what is seen."""
    base = site.base
    base.add({**LOCKS, "id": "red", "visibility": "team:red"})
    base.add({**LOCKS, "id": "blue", "visibility": "team:blue"})
    base.add({**LOCKS, "id": "mine", "visibility": "agent:scout"})
    token = site.key("writer", "scout", ("red", "blue"))

    def seen(**headers: str) -> list[str]:
        rows = site.http(token, **headers).get("/v1/records").json()["results"]
        return sorted(row["id"] for row in rows)

    assert seen() == ["blue", "locks", "mine", "red"]
    assert seen(X_LessonBase_Team="red") == ["locks", "mine", "red"]
    assert seen(X_LessonBase_Team="red , blue,") == ["blue", "locks", "mine", "red"]
    assert seen(X_LessonBase_Agent="scout", X_LessonBase_Space="default") == seen()
    http = site.http(token, X_LessonBase_Team="red")
    assert http.get("/v1/records/blue").status_code == 404
    assert http.post("/v1/records", json={**LOCKS, "id": "x", "visibility": "team:blue"}).json()[
        "detail"
    ] == ("agent:scout may not write for team:blue")
    assert denials(base) == [("agent:scout", "agent:scout may not write for team:blue")]


@pytest.mark.parametrize("bound", [True, False], ids=["bound", "free"])
def test_headers_never_widen(site: Site, bound: bool) -> None:
    """What would be more than the key gives is refused, and kept as a denial."""
    token = site.key("curator", "scout" if bound else None, ("red",) if bound else ())
    actor = "agent:scout" if bound else "curator"
    wider = [
        {"X_LessonBase_Space": "other"},
        {"X_LessonBase_Space": "no name!"},
        {"X_LessonBase_Space": "../default"},
        {"X_LessonBase_Agent": "bo"},
        {"X_LessonBase_Team": "green"},
        {"X_LessonBase_Team": "red,green"},
        {"X_LessonBase_Agent": "scout", "X_LessonBase_Team": "green"},
    ]
    asked = [", ".join(one for part in each.values() for one in part.split(",")) for each in wider]

    answers = [site.http(token, **headers).get("/v1/records") for headers in wider]

    assert [answer.status_code for answer in answers] == [403] * len(wider)
    assert [answer.json()["detail"] for answer in answers] == [
        f"{actor} asked for a scope beyond its own: {one}" for one in asked
    ]
    assert denials(site.base) == [
        (actor, f"a scope beyond its own: {one}") for one in reversed(asked)
    ]


def test_the_owners_user_names_any_space(site: Site) -> None:
    """Spaces are its own; a name that is none is refused."""
    other = site.http(X_LessonBase_Space="other")
    assert other.post("/v1/records", json={**LOCKS, "title": "x"}).status_code == 201
    assert other.get("/v1/records/locks").json()["space"] == "other"
    assert site.http().get("/v1/records/locks").json()["title"] == "Lock timeouts"
    for space in ("no name!", "x" * 200, "a/b"):
        assert site.http(X_LessonBase_Space=space).get("/v1/stats").status_code == 403
    assert site.http().get("/v1/stats").json()["spaces"] == 2
    assert site.http(site.key("admin")).get("/v1/stats").json()["spaces"] == 1


def test_a_key_of_a_space_is_blind_to_others(site: Site) -> None:
    """Neither records, nor keys, nor the audit trail of another space are there for its admin."""
    token = site.key("admin", space="other")
    http = site.http(token)

    assert http.get("/v1/records").json()["results"] == []
    assert http.get("/v1/records/locks").status_code == 404
    assert http.get("/v1/records/locks/history").status_code == 404
    assert http.delete("/v1/records/locks").status_code == 404
    assert [event["space"] for event in http.get("/v1/audit").json()["results"]] == ["other"]
    ours = site.key("reader").split("_")[1]
    assert http.delete(f"/v1/keys/{ours}").status_code == 404
    assert [key["id"] for key in http.get("/v1/keys").json()["results"]] == [token.split("_")[1]]
    made = http.post("/v1/keys", json={"role": "reader"}).json()["key"]
    assert made["space"] == "other"


def test_secrets_of_keys_are_shown_once(site: Site, tmp_path: Path) -> None:
    """No list has them, no event, no page, and no file of the base."""
    http = site.http()
    token = http.post("/v1/keys", json={"role": "admin", "note": "x"}).json()["token"]
    assert site.http(token).get("/v1/stats").status_code == 200
    secret = token.split("_", 2)[2]

    shown = [http.get(path).text for path in ("/v1/keys", "/v1/audit", "/v1/export", "/metrics")]
    site.base._parts.ledger.flush()

    assert [text for text in shown if secret in text] == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []
    assert len(files) > 1


def test_when_a_key_was_last_used(site: Site) -> None:
    """It is kept, to the minute, without a write for every call."""
    token = site.key("reader")

    def used() -> str | None:
        [key] = site.http().get("/v1/keys").json()["results"]
        return key["last_used_at"]

    assert used() is None
    http = site.http(token)
    http.get("/v1/scope")
    first = used()
    assert first is not None
    http.get("/v1/scope")
    assert used() == first
    for _ in range(61):  # the clock of a test goes on by a second each time it is read
        site.base._parts.clock.now()
    http.get("/v1/scope")
    assert used() is not None
    assert used() > first


def test_keys_that_cannot_be_made(site: Site) -> None:
    """Each is refused with what is wrong, and no key is made."""
    bodies: list[dict[str, Any]] = [
        {"role": "king"},
        {"role": "reader", "agent": "no name!"},
        {"role": "reader", "teams": ["a b"]},
        {"role": "reader", "teams": ["t"] * 65},
        {"role": "reader", "note": "x" * 70_000},
        {"role": "reader", "space": "other"},
        {},
    ]

    answers = [site.http().post("/v1/keys", json=body) for body in bodies]

    assert [answer.status_code for answer in answers] == [422] * len(bodies)
    assert site.base.keys() == ()


def page_of(site: Site, **headers: str) -> httpx.Client:
    """A browser at the page, signed in by a link."""
    browser = site.http(None, **headers)
    link = site.http().post("/v1/tickets").json()["url"]
    assert link.startswith(f"{site.url}/login?ticket=")
    answer = browser.get(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return browser


def test_a_link_signs_in_once(site: Site) -> None:
    """Its first visitor has a session, that scripts cannot read and no other site can use."""
    link = site.http().post("/v1/tickets").json()["url"]
    browser, late = site.http(None), site.http(None)

    cookie = browser.get(link).headers["set-cookie"]

    assert re.fullmatch(
        r"lessonbase=[\w-]{43}; HttpOnly; Path=/; SameSite=strict", cookie, re.IGNORECASE
    )
    assert browser.get("/").status_code == 200
    assert browser.get("/v1/scope").json()["role"] == "admin"
    again = late.get(link)
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)
    assert "That link was used before, or is too old." in again.text
    assert late.get("/").headers["location"] == "/login"
    assert late.get("/login", params={"ticket": "x"}).status_code == 401


def test_a_change_takes_the_pages_own_form(site: Site) -> None:
    """With the cookie alone another site's page changes nothing, and the attempt is kept."""
    browser = page_of(site)
    calls = [
        ("POST", "/v1/records/locks/retire", {"json": {"note": ""}}),
        ("PATCH", "/v1/records/locks", {"json": {"title": "x"}}),
        ("DELETE", "/v1/records/locks", {}),
        ("POST", "/records/locks/retire", {"data": {"note": ""}}),
        ("POST", "/logout", {}),
        ("POST", "/mcp", {"json": {}}),
        ("BREW", "/v1/records/locks", {}),
    ]
    strangers: list[dict[str, str]] = [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": site.url.replace("http:", "https:")},
        {"Origin": f"{site.url}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ]
    for headers in strangers:
        for method, path, given in calls:
            answer = browser.request(method, path, headers=headers, **given)
            assert answer.status_code == 403, (method, path, headers)

    assert site.base.get("locks").version == 1
    assert set(denials(site.base)) == {("admin", "a change asked for by another site's page")}
    assert browser.get("/", headers=strangers[1]).status_code == 200
    own = {"Origin": site.url}
    assert browser.patch("/v1/records/locks", json={"title": "x"}, headers=own).is_success
    own = {"Sec-Fetch-Site": "same-origin"}
    assert browser.patch("/v1/records/locks", json={"title": "y"}, headers=own).is_success


def test_signing_out(site: Site) -> None:
    """The session is over, also for who kept the cookie."""
    browser = page_of(site)
    kept = dict(browser.cookies)

    answer = browser.post("/logout", headers={"Origin": site.url})

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert dict(browser.cookies) == {}
    http = site.http(None)
    http.cookies.update(kept)
    assert http.get("/v1/scope").status_code == 401


def test_signing_in_with_a_key(site: Site) -> None:
    """The page is that of the key's bearer, until the key is revoked."""
    token = site.key("writer", "scout")
    browser = site.http(None, Origin=site.url)

    answer = browser.post("/login", data={"key": f" {token} "})

    assert answer.status_code == 303
    assert token not in answer.headers["set-cookie"]
    assert browser.get("/v1/scope").json()["agent"] == "scout"
    assert browser.get("/v1/audit").status_code == 403
    site.base.revoke_key(token.split("_")[1])
    assert browser.get("/v1/scope").status_code == 401
    assert browser.get("/").headers["location"] == "/login"


def test_signing_in_with_the_owners_secret(site: Site) -> None:
    """It is the owner's user, who may name a space and an agent."""
    browser = site.http(None, Origin=site.url)
    browser.post("/login", data={"key": SECRET})

    assert browser.get("/v1/scope").json()["role"] == "admin"
    assert browser.get("/v1/scope", headers={"X-LessonBase-Agent": "bo"}).json()["agent"] == "bo"


def test_signing_in_that_fails(site: Site) -> None:
    """A key that is none, a form of another site, a form that is none."""
    own = {"Origin": site.url}
    http = site.http(None)

    wrong = http.post("/login", data={"key": "wrong"}, headers=own)
    assert (wrong.status_code, "That key lets nobody in." in wrong.text) == (401, True)
    foreign = http.post("/login", data={"key": SECRET}, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["detail"]) == (
        403,
        "signing in is for this page's own form",
    )
    odd = http.post(
        "/login",
        content=b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nlb_+2AA-_x\r\n--x--\r\n',
        headers={**own, "Content-Type": "multipart/form-data; boundary=x; charset=utf-7"},
    )
    assert odd.status_code == 401
    assert http.post("/login", data={"key": "\0"}, headers=own).status_code == 401
    assert http.post("/login", content=b"\xff", headers=own).status_code == 401
    assert dict(http.cookies) == {}


def test_a_wrong_key_is_not_made_good_by_a_cookie(site: Site) -> None:
    """Who shows a key is who that key says, or nobody."""
    browser = page_of(site)

    assert browser.get("/v1/scope", headers={"Authorization": "Bearer x"}).status_code == 401
    assert browser.get("/v1/scope", headers={"Cookie": "lessonbase=x"}).status_code == 401
    assert browser.get("/v1/scope", headers=[(b"Cookie", b";;=;\xff")]).status_code == 401


def test_mcp_sees_what_the_key_sees(site: Site) -> None:
    """The three tools act for the bearer: nothing is written by a reader, and it is kept."""
    mine = {
        **LOCKS,
        "id": "mine",
        "advice": "Ask the owner of the table before the schema changes.",
    }
    site.base.add({**mine, "visibility": "agent:scout"})

    def called(token: str, name: str, arguments: Any) -> Any:
        params = {"name": name, "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        answer = site.http(token, Accept="application/json, text/event-stream").post(
            "/mcp", json=message, headers={"MCP-Protocol-Version": "2025-06-18"}
        )
        assert answer.status_code == 200
        return answer.json()["result"]

    scout, bo = site.key("writer", "scout"), site.key("reader", "bo")
    for token, ids in ((scout, {"locks", "mine"}), (bo, {"locks"})):
        result = called(token, "recall", {"task": TASK})
        hits = result["structuredContent"]["hits"]
        assert {hit["record"]["id"] for hit in hits} == ids
    content = {"situation": "x", "advice": "y"}
    refused = called(bo, "record", {"kind": "lesson", "title": "x", "content": content})
    assert refused["isError"]
    assert denials(site.base) == [("agent:bo", "a reader may not do this")]

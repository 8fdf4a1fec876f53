"""The map on the page of a served base: what the caller may see, worked out by another process."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from api_support import LOCKS, Site, serving
from lessonbase.api.web import map_pages
from lessonbase.base import LessonBase
from lessonbase.records import Role
from support import base_at

CHROMIUM = Path("/usr/bin/chromium")
SIGN_IN = {"Accept": "text/html"}

# Slow: it starts processes that draw, and a browser.
pytestmark = pytest.mark.slow


@pytest.fixture
def base(tmp_path: Path) -> Iterator[LessonBase]:
    """Three records for everybody, one for an agent alone, and one that is retired."""
    with base_at(tmp_path / "base") as opened:
        for number, visibility in enumerate(("space", "space", "agent:ann")):
            fields = {"id": f"r{number}", "title": f"Rule {number}", "visibility": visibility}
            opened.add({"kind": "heuristic", "rule": f"Do {number}.", **fields})
        opened.add({**LOCKS, "title": "</script><b>Locks</b>"})
        opened.add({"id": "old", "kind": "heuristic", "title": "Old", "rule": "Gone."})
        opened.retire("old")
        yield opened


@pytest.fixture
def site(base: LessonBase) -> Iterator[Site]:
    with serving(base) as site:
        yield site


def points(client: httpx.Client) -> dict[str, Any]:
    answer = client.get("/map/data")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["points"])


def test_everybody_gets_the_map_of_what_they_may_see(site: Site) -> None:
    """Active records alone; an agent's own beside everybody's."""
    assert sorted(points(site.http())["id"]) == ["locks", "r0", "r1", "r2"]
    ann, bo = (site.http(site.key(Role.READER, agent=agent)) for agent in ("ann", "bo"))
    assert sorted(points(ann)["id"]) == ["locks", "r0", "r1", "r2"]
    assert sorted(points(bo)["id"]) == ["locks", "r0", "r1"]
    assert site.http(None).get("/map/data", headers=SIGN_IN).status_code in (303, 401)


def test_it_is_worked_out_once_for_the_same_records(
    site: Site, base: LessonBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And again when one has changed; four layouts are kept."""
    worked_out = map_pages._worked_out
    streams: list[bytes] = []

    async def counted(stream: bytes) -> bytes:
        streams.append(stream)
        return await worked_out(stream)

    monkeypatch.setattr(map_pages, "_worked_out", counted)
    client = site.http()

    points(client)
    points(client)
    assert len(streams) == 1
    base.edit("r0", {"title": "Another"})
    assert "Another" in points(client)["title"]
    assert len(streams) == 2


def test_a_process_that_fails_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an error with the next thing to do; the owner goes on."""
    monkeypatch.setattr("lessonbase.analysis.mapped.packed", lambda _: b"no stream")

    answer = site.http().get("/map/data")

    assert answer.status_code == 503
    assert "not a stream of records" in answer.json()["detail"]
    assert answer.json()["hint"] == "try `lessonbase map`"
    assert site.http().get("/health").status_code == 200


def test_parts_that_are_not_there(site: Site) -> None:
    """Script and style are; nothing else is."""
    client = site.http()

    assert client.get("/map/map.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/map/map.css").headers["content-type"].startswith("text/css")
    assert client.get("/map/other").status_code == 404


def test_the_page_draws_it_under_the_owners_policy(site: Site) -> None:
    """Titles are text, cards lead to records, nobody else is asked for anything."""
    asked: list[str] = []
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        headers = {"Authorization": f"Bearer {site.key(Role.READER)}"}
        page = browser.new_context(extra_http_headers=headers).new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda told: errors.append(told.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{site.url}/map")
        expect(page.locator("#map-count")).to_have_text("3 records", timeout=60_000)
        expect(page.get_by_role("link", name="Map")).to_have_attribute("aria-current", "page")
        page.keyboard.press("/")
        page.keyboard.type("locks")
        expect(page.locator("#map-count")).to_have_text("1 of 3 records matches")
        expect(page.locator("#map-hits")).to_contain_text("</script><b>Locks</b>")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#map-card a").first).to_have_attribute("href", "/records/locks")
        browser.close()
    assert errors == []
    assert {url.split("/")[2] for url in asked} == {site.url.split("/")[2]}
    assert json.dumps(asked).count("/map/data") == 1


def test_without_its_extra_the_page_says_what_to_install(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The menu leads there all the same: who reads it can tell whoever runs the base."""
    for name in [name for name in sys.modules if name.startswith("lessonbase.analysis")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pandas", None)

    page, data = site.http().get("/map"), site.http().get("/map/data")

    assert (page.status_code, data.status_code) == (501, 501)
    assert "pip install" in page.text
    assert "lessonbase[analysis]" in page.text
    assert data.json()["code"] == "MissingExtra"

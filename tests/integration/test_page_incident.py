"""The incident view on the page, behind the owner's real gate: over HTTP, and in Chromium.

Whatever a test in the browser does, the page must ask no other server for anything, run into no
error, and obey the content security policy that the gate sends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    FilePayload,
    Page,
    expect,
    sync_playwright,
)

from api_support import Site, serving
from lessonbase.base import LessonBase
from lessonbase.records import FailureMode, Role
from support import DAY

CHROMIUM = Path("/usr/bin/chromium")
POOL: dict[str, Any] = {
    "id": "pool",
    "kind": "failure_mode",
    "title": "Orders API out of database connections",
    "symptom": "FATAL: remaining connection slots are reserved for superusers",
    "cause": "A deploy doubled the workers.",
    "recovery": "Scale the workers back.",
    "prevention": "Alert at 80 % of max_connections.",
    "checks": ["connection count against max_connections", "recent deploys of the service"],
    "severity": "critical",
    "resolved_by": "Ada",
    "occurred_at": "2024-05-05T10:00:00Z",
    "seen_at": ["2026-01-05T09:00:00Z", "2026-02-10T03:00:00Z"],
}
RECORDS: list[dict[str, Any]] = [
    POOL,
    {
        "id": "disk",
        "kind": "failure_mode",
        "title": "Disk of a broker full",
        "symptom": "Kafka broker stops with No space left on device ENOSPC",
        "recovery": "Shorten retention.",
        "checks": ["free disk space"],
    },
    {
        "id": "slots",
        "kind": "lesson",
        "title": "Connection slots are reserved for superusers",
        "situation": "Remaining connection slots run out.",
        "advice": "Count workers times pool size.",
    },
]
LOG = "2026-03-02 11:12:44 FATAL: remaining connection slots are reserved for superusers"
DISK = "Kafka broker stops with No space left on device ENOSPC"
UNKNOWN = "quilting for zebras"
OVERRIDE = "\u202e"
HOSTILE = (
    f"<script>document.title='taken'</script>\" onmouseover=\"document.title='taken' {OVERRIDE}x"
)

# Slow: many questions, and a browser that `make test` does not bring.
pytestmark = pytest.mark.slow


def browsed(test: Any) -> Any:
    """Mark *test* as one that takes a browser."""
    return pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")(test)


@pytest.fixture
def site(base: LessonBase) -> Iterator[Site]:
    """The owner's server over two failure modes and a lesson."""
    base.add_all([{**record, "created_at": DAY} for record in RECORDS])
    with serving(base) as served:
        yield served


def client(site: Site, role: Role = Role.CURATOR) -> httpx.Client:
    return site.http(site.key(role, agent="ada"))


def post(
    caller: httpx.Client, path: str = "/incident", *, file: bytes = b"", **fields: Any
) -> httpx.Response:
    """Send the form as a browser does, its line ends too."""
    plain = {
        name: re.sub("\n", "\r\n", text) if isinstance(text, str) else text
        for name, text in fields.items()
    }
    name = "app.log" if file else ""
    return caller.post(path, data=plain, files={"file": (name, file)})


def boxes(page: str) -> list[tuple[str, bool]]:
    """The checks that can be ticked, each with whether it is."""
    found = re.findall(r'name="tick" value="([^"]*)"( checked)?', page)
    return [(unescape(text), bool(checked)) for text, checked in found]


def text_of(page: str, name: str) -> str:
    """What stands in a text area."""
    found = re.search(rf'<textarea [^>]*name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def incident_of(page: str) -> str:
    found = re.search(r'name="incident_id" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def record_at(site: Site, closed: httpx.Response) -> FailureMode:
    """The record whose page a closing led to."""
    found = re.fullmatch(r"/incident/closed/([\w-]+)\?was=\w+", closed.headers["location"])
    assert found is not None
    record = site.base.get(found[1])
    assert isinstance(record, FailureMode)
    return record


def words_of(page: str) -> str:
    """What a reader reads of *page*."""
    return re.sub(" (?=[,:.”])", "", " ".join(unescape(re.sub("<[^>]*>", " ", page)).split()))


def test_the_form_is_there_before_anything_is_asked(site: Site) -> None:
    """It is one of the site's pages, in its menu, and says nothing of an answer."""
    page = client(site).get("/incident").text

    assert '<a href="/incident" aria-current="page">Incident</a>' in page
    assert 'class="state' not in page
    assert 'id="close"' not in page


def test_the_way_out_comes_first(site: Site) -> None:
    """How often it came, then recovery before prevention, cause and the rest; the text is kept."""
    answer = post(client(site), text=LOG)

    words = words_of(answer.text)
    assert answer.status_code == 200
    assert text_of(answer.text, "text") == LOG
    assert "Frequent It came 3 times, last 2026-02-10 (20 days ago)" in words
    places = [
        words.index(part)
        for part in (
            "Orders API out of database connections",
            "Recovery Scale the workers back.",
            "Prevention Alert at 80 %",
            "Cause A deploy doubled",
            "Resolved by Ada, 2024-05-05",
            "Came 3 times: 2024-05-05, 2026-01-05, 2026-02-10",
        )
    ]
    assert places == sorted(places)
    assert 'href="/records/pool?recall=' in answer.text
    assert 'aria-label="By month: Jan 2026 1, Feb 2026 1, none in the others' in answer.text


def test_what_both_have_and_other_experience_is_shown(site: Site) -> None:
    """The marks of the text, those of them that the precedent has, and lessons beside it."""
    site.base.add({**RECORDS[1], "id": "disk2", "signature": {"codes": ["ENOSPC"]}})
    words = words_of(post(client(site), text=f"{DISK}\nConnection slots are reserved").text)

    assert "Both have ENOSPC" in words
    assert "Marks found in the text Codes ENOSPC" in words


def test_the_view_can_be_taken_to_the_channel(site: Site) -> None:
    """As the Markdown that the command line prints."""
    page = post(client(site), text=LOG).text

    shown = unescape(re.findall(r'<pre id="channel"[^>]*>(.*?)</pre>', page, re.DOTALL)[0])
    assert "### Orders API out of database connections" in shown.splitlines()
    assert "- **Recovery:** Scale the workers back." in shown


def test_a_check_that_was_made_is_struck_through(site: Site) -> None:
    """In the reader's own words: it says what covers it, and no box asks for it."""
    done = "connection count compared against max_connections"
    page = post(client(site), text=LOG, done=done).text

    assert boxes(page) == [("recent deploys of the service", False)]
    assert f"covered by “ {done}”" in words_of(page)
    assert '<s dir="auto">connection count against max_connections</s>' in page
    assert text_of(page, "done") == done


def test_a_ticked_check_stays_ticked(site: Site) -> None:
    """It goes down the list, is kept with the incident, and outlives a question that ends it."""
    caller = client(site)
    tick = POOL["checks"][0]
    page = post(caller, text=LOG, tick=tick).text
    assert boxes(page) == [("recent deploys of the service", False), (tick, True)]

    page = post(caller, text=DISK, tick=tick, done="asked the team").text
    assert boxes(page) == [("free disk space", False), (tick, True)]
    answer = post(caller, "/incident/close", incident_id=incident_of(page))
    assert record_at(site, answer).checks == ("asked the team", tick)


def test_what_is_new_is_said_plainly(site: Site) -> None:
    """With the nearest record, and what to do when it is over."""
    page = post(client(site), text=UNKNOWN).text

    words = words_of(page)
    assert "New Nothing like it is known here." in words
    assert re.search(r'Nearest: <a href="/records/(pool|disk)">', page)
    assert "write down what ended it" in words
    assert boxes(page) == []


def test_an_incident_is_closed_as_a_draft(site: Site) -> None:
    """What is known is filled in, what was learned is kept, what is missing is named."""
    caller = client(site)
    page = post(caller, text=UNKNOWN, done="looked at the quilt").text
    answer = post(
        caller,
        "/incident/close",
        text=UNKNOWN,
        done="looked at the quilt\nasked a zebra",
        incident_id=incident_of(page),
        title="Zebras quilt",
        recovery="Send\nthem home.",
        severity="low",
        occurred_at="2026-03-01T04:05",
        same_as="",
    )

    assert answer.status_code == 303
    record = record_at(site, answer)
    assert record.model_dump(
        mode="json",
        include={
            *("title", "recovery", "symptom", "checks", "severity", "status", "occurred_at"),
            *("resolved_by",),
        },
    ) == {
        "title": "Zebras quilt",
        "recovery": "Send\nthem home.",
        "symptom": UNKNOWN,
        "checks": ["looked at the quilt", "asked a zebra"],
        "severity": "low",
        "status": "proposed",
        "occurred_at": "2026-03-01T04:05:00Z",
        "resolved_by": "ada",
    }
    page = caller.get(answer.headers["location"]).text
    assert "A failure mode is drafted from the incident." in page
    assert re.findall(rf'href="/records/{record.id}/edit#(\w+)"', page) == [
        *("prevention", "cause", "impact", "detection")
    ]
    assert '<a class="button" href="/review">' in page


def test_an_incident_is_closed_as_one_that_came_again(site: Site) -> None:
    """No other record: the known one is seen once more, at the time that the text names."""
    caller = client(site)
    page = post(caller, text=LOG).text
    answer = post(
        caller,
        "/incident/close",
        text=LOG,
        incident_id=incident_of(page),
        same_as="pool",
        impact="An hour.",
    )

    assert answer.headers["location"] == "/incident/closed/pool?was=again"
    record = record_at(site, answer)
    assert [f"{moment:%m-%d %H:%M}" for moment in record.seen_at] == [
        *("01-05 09:00", "02-10 03:00", "03-02 11:12")
    ]
    assert (record.impact, site.base.stats().records) == ("An hour.", len(RECORDS))
    words = words_of(caller.get(answer.headers["location"]).text)
    assert "seen once more: it is known to have come 4 times." in words
    assert "Not known yet The next one on call will look for it. Detection" in words


def test_a_reader_sees_the_view_and_no_closing_form(site: Site) -> None:
    """Who may not write is offered none, and is refused with the view still there."""
    caller = client(site, Role.READER)
    page = post(caller, text=LOG).text
    assert "Scale the workers back." in page
    assert 'id="close"' not in page
    assert "let somebody who writes here" in words_of(post(caller, text=UNKNOWN).text)

    answer = post(caller, "/incident/close", text=LOG, incident_id="x", recovery="Hope.")
    assert answer.status_code == 403
    assert "a reader may not do this" in answer.text
    assert "Scale the workers back." in answer.text
    assert site.base.stats().records == len(RECORDS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the incident is empty"),
        (" \n\x00\n", "the incident is empty"),
        ("y" * 500_001, "the text has 500,001 characters, more than 500,000"),
    ],
)
def test_a_question_that_is_refused_loses_nothing(site: Site, text: str, reason: str) -> None:
    """The reason stands at the form, in which all that was typed still is."""
    answer = post(client(site), text=text, done="one\ntwo", recovery="Turn\nit off.")

    assert answer.status_code == 422
    assert reason in words_of(answer.text)
    assert text_of(answer.text, "text") in {"", text}
    assert text_of(answer.text, "text").strip("\x00\n ") == text.strip("\x00\n ")
    assert text_of(answer.text, "done") == "one\ntwo"
    assert text_of(answer.text, "recovery") == "Turn\nit off."


@pytest.mark.parametrize(
    ("wrong", "status", "reason"),
    [
        ({"title": "t" * 301}, 422, "title"),
        ({"cause": "c" * 70_000}, 422, "cause"),
        ({"severity": "awful"}, 422, "severity"),
        ({"occurred_at": "yesterday"}, 422, "occurred_at"),
        ({"same_as": "slots"}, 422, "no failure mode"),
        ({"same_as": "nowhere"}, 404, "nowhere"),
        ({"incident_id": "nowhere"}, 404, "nowhere"),
        ({"done": "d" * 70_000}, 422, "a check has more than 65,536 characters"),
    ],
)
def test_a_closing_that_is_refused_loses_nothing(
    site: Site, wrong: dict[str, str], status: int, reason: str
) -> None:
    """The view, what was learned, and the choice come back, the wrong input marked."""
    caller = client(site)
    page = post(caller, text=LOG).text
    given: dict[str, Any] = {
        "incident_id": incident_of(page),
        "done": "one",
        "recovery": "Hope.",
        **wrong,
    }
    answer = post(caller, "/incident/close", text=LOG, **given)

    assert answer.status_code == status
    alert = re.search(r'id="close".*?role="alert">(.*?)</div>', answer.text, re.DOTALL)
    assert alert is not None
    assert reason in alert[1]
    assert len(alert[1]) < 1_000
    assert text_of(answer.text, "text") == LOG
    assert text_of(answer.text, "recovery") == "Hope."
    marked = re.findall(r'name="(\w+)"[^>]*aria-invalid="true"', answer.text)
    assert marked == [name for name in wrong if name in {*FailureMode.model_fields}]
    if "same_as" in wrong:
        assert re.search(rf'name="same_as" value="{wrong["same_as"]}" checked', answer.text)
    assert [site.base.get(record["id"]).version for record in RECORDS] == [1, 1, 1]


def test_nothing_is_closed_that_was_not_asked_about(site: Site) -> None:
    """Without an incident its text is closed; without a text, nothing: not the caller's latest."""
    caller = client(site)
    post(caller, text=LOG)
    answer = post(caller, "/incident/close", text="", recovery="Hope.")
    assert answer.status_code == 422
    assert "no incident was asked about" in answer.text

    answer = post(caller, "/incident/close", text=UNKNOWN, recovery="Hope.")
    assert record_at(site, answer).symptom == UNKNOWN


def test_a_choice_does_not_outlive_its_question(site: Site) -> None:
    """What may have come again is of this answer; an earlier one's choice is not carried over."""
    caller = client(site)
    page = post(caller, text=LOG, same_as="pool").text
    assert 'name="same_as" value="pool" checked' in page

    page = post(caller, text=UNKNOWN, same_as="pool").text
    assert 'name="same_as" value="" checked' in page
    assert 'value="pool"' not in page


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read(site: Site, encoding: str) -> None:
    """After what stands in the box, whatever it is written in; then it stands there too."""
    file = f"INFO a\r\n{LOG}\r\n\x00".encode(encoding)
    page = post(client(site), text="since the deploy", file=file).text

    assert "Scale the workers back." in page
    assert text_of(page, "text") == f"since the deploy\nINFO a\n{LOG}\n"


def test_of_a_long_file_the_telling_lines_are_read(site: Site) -> None:
    """It says so; what is no text in it is no obstacle."""
    noise = "".join(f"INFO served request {n} of zone {n * 7} quickly\n" for n in range(30_000))
    page = post(client(site), file=f"{noise}{LOG}\n".encode() + b"\xff\xfe\x00\x80").text

    assert "Scale the workers back." in page
    assert re.search(r"<bdi>app\.log</bdi> is long", page)
    assert len(text_of(page, "text")) <= 400_000


def test_a_full_text_in_any_script_is_read(site: Site) -> None:
    """500,000 characters of four bytes each, and not one is lost."""
    text = f"{LOG}\n".ljust(500_000, "𒀀")
    answer = post(client(site), text=text)

    assert answer.status_code == 200
    assert text_of(answer.text, "text") == text


def test_what_is_hostile_is_only_text(site: Site) -> None:
    """In the question, in what was learned, in checks, in a file's name, and in records."""
    given = {**POOL, "title": HOSTILE, "recovery": HOSTILE, "cause": HOSTILE, "checks": [HOSTILE]}
    site.base.add({**given, "id": "hostile", "symptom": DISK * 2, "resolved_by": HOSTILE})
    site.base.retire("disk")
    caller = client(site)
    fields: dict[str, Any] = dict.fromkeys(
        ("done", "title", "recovery", "resolved_by", "severity"), HOSTILE
    )
    page = post(caller, text=f"{DISK}\n{HOSTILE}\x00", tick=["<b>", HOSTILE], **fields).text
    refused = post(
        caller,
        "/incident/close",
        text=DISK,
        incident_id=HOSTILE,
        same_as=HOSTILE,
        tick=HOSTILE,
        **fields,
    )

    assert refused.status_code == 422
    assert HOSTILE.replace(OVERRIDE, "[U+202E]") in unescape(page)
    for shown in (page, refused.text):
        assert "<script>document" not in shown
        assert '" onmouseover="' not in shown
        assert "\x00" not in shown


def test_another_sites_page_asks_and_closes_nothing(site: Site) -> None:
    """With the cookie alone it is refused, and each attempt is kept."""
    browser = site.http(None)
    browser.get(site.http().post("/v1/tickets").json()["url"])
    for path in ("/incident", "/incident/close"):
        for origin in ("https://evil.example", "null", None):
            browser.headers.pop("origin", None)
            if origin:
                browser.headers["origin"] = origin
            assert post(browser, path, text=LOG).status_code == 403

    browser.headers["origin"] = site.url
    assert post(browser, text=LOG).status_code == 200
    assert [event.action for event in site.base.audit(limit=1_000)].count("denied") == 6


def test_the_page_of_what_was_closed_is_of_failure_modes(site: Site) -> None:
    """A lesson's id in the address leads to the lesson, an unknown one to none."""
    caller = client(site)
    assert caller.get("/incident/closed/slots").headers["location"] == "/records/slots"
    assert caller.get("/incident/closed/nowhere").status_code == 404
    page = site.http(site.key(Role.READER)).get("/incident/closed/disk").text
    assert "/edit" not in page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
                *("--disable-background-networking", "--disable-component-update"),
            ],
        )
        yield launched
        launched.close()


@dataclass
class Desk:
    """Opens the page as somebody signed in, and keeps what must not happen on it."""

    browser: Browser
    site: Site
    wrong: list[str] = field(default_factory=list)

    def open(self, role: Role = Role.CURATOR, **context: Any) -> Page:
        """The incident page, of its own context."""
        context.setdefault("viewport", {"width": 1200, "height": 900})
        page = self.browser.new_context(**context).new_page()
        page.set_default_timeout(5_000)
        page.request.post(
            f"{self.site.url}/login",
            form={"key": self.site.key(role, agent="ada")},
            headers={"Origin": self.site.url},
        )
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self._listen)
        page.on("request", lambda request: self._follow(request.url))
        page.goto(f"{self.site.url}/incident")
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        refused = re.match("Failed to load resource.* status of 4", message.text)
        logged = message.text.startswith("Response Status Error Code 4")
        if message.type in {"error", "warning"} and not refused and not logged:
            self.wrong.append(message.text)

    def _follow(self, url: str) -> None:
        if not url.startswith((self.site.url, "data:")):
            self.wrong.append(f"asked for {url}")


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Desk]:
    opened = Desk(browser, site)
    yield opened
    for context in list(browser.contexts):
        context.close()
    assert opened.wrong == []


@browsed
def test_an_incident_by_keyboard(desk: Desk) -> None:
    """Type, ask, tick, write down, close: the focus and all that was typed stay where they are."""
    page = desk.open()
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text(LOG)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".state h2")).to_have_text("Frequent")
    expect(page.locator("#count")).to_have_text("1 earlier failure like it, 2 open checks")

    page.locator("#learned-recovery").fill("Scaled back\nby half.")
    page.evaluate("() => scrollTo(0, 300)")
    before = page.evaluate("() => scrollY")
    check = page.get_by_label("recent deploys of the service")
    check.focus()
    page.keyboard.press("Space")
    expect(page.locator("#count")).to_have_text("1 earlier failure like it, 1 open check")
    expect(page.locator(".checks li").last).to_have_text("recent deploys of the service")
    expect(check).to_be_checked()
    expect(check).to_be_focused()
    assert page.evaluate("() => scrollY") == before
    expect(page.locator("#learned-recovery")).to_have_value("Scaled back\nby half.")

    page.get_by_label("Something of its own").check()
    page.get_by_role("button", name="Close the incident").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("A failure mode is drafted from the incident.")
    assert page.locator(".closed .text li, .closed .text dd").all_inner_texts()[-2:] == [
        *("recent deploys of the service", "ada")
    ]
    page.get_by_role("link", name="Prevention").click()
    expect(page).to_have_url(re.compile(r"/edit#prevention$"))


@browsed
def test_a_tick_is_taken_back(desk: Desk) -> None:
    """Unticked, the check is open again."""
    page = desk.open()
    page.locator("#text").fill(LOG)
    page.get_by_role("button", name="How did it end before?").click()
    check = page.get_by_label("recent deploys of the service")
    check.check()
    expect(page.locator(".checks .covered")).to_have_count(1)
    check.uncheck()

    expect(page.locator(".checks .covered")).to_have_count(0)


@browsed
def test_it_works_without_scripts(desk: Desk) -> None:
    """The same form: ask, tick and ask again, close as one that came again."""
    page = desk.open(java_script_enabled=False)
    page.locator("#text").fill(LOG)
    page.locator("#done").fill("asked the team")
    page.get_by_role("button", name="How did it end before?").click()
    page.get_by_label("recent deploys of the service").check()
    page.locator("#learned-impact").fill("An hour.")
    page.get_by_role("button", name="Ask again with these ticked").click()
    expect(page.get_by_label("recent deploys of the service")).to_be_checked()
    expect(page.locator("#learned-impact")).to_have_value("An hour.")
    page.get_by_label("Once more: Orders API").check()
    page.get_by_role("button", name="Close the incident").click()

    expect(page.get_by_role("status")).to_contain_text("known to have come 4 times")
    record = desk.site.base.get("pool")
    assert isinstance(record, FailureMode)
    assert record.checks == (*POOL["checks"], "asked the team")
    assert record.impact == "An hour."


@browsed
def test_what_goes_wrong_is_said_where_it_was_typed(desk: Desk) -> None:
    """An empty question, one too long to be sent, and a closing that is refused."""
    page = desk.open()
    ask = page.get_by_role("button", name="How did it end before?")
    ask.click()
    expect(page.get_by_role("alert")).to_contain_text("the incident is empty")

    page.locator("#text").fill(LOG)
    big = FilePayload(name="big.log", mimeType="text/plain", buffer=b"y" * (5 << 20))
    page.locator("#file").set_input_files(big)
    ask.click()
    expect(page.locator("#count")).to_have_text(
        "That is too long to be sent. Take the part that matters."
    )
    expect(page.locator("#text")).to_have_value(LOG)

    page.locator("#file").set_input_files([])
    ask.click()
    page.get_by_label("Once more: Orders API").check()
    page.locator("#learned-detection").fill("A page.")
    desk.site.base.edit("pool", {"visibility": "agent:bo"})
    page.get_by_role("button", name="Close the incident").click()
    expect(page.locator("#close").get_by_role("alert")).to_be_in_viewport()
    expect(page.locator("#learned-detection")).to_have_value("A page.")


@browsed
def test_hostile_text_does_nothing_in_a_browser(desk: Desk) -> None:
    """Markup, handlers, overrides of direction and NULs are shown, and sent again as they are."""
    given = {**POOL, "id": "hostile", "title": HOSTILE, "recovery": HOSTILE, "checks": [HOSTILE]}
    desk.site.base.add({**given, "symptom": DISK, "resolved_by": HOSTILE})
    page = desk.open()
    page.evaluate(
        "text => { document.getElementById('text').value = text + '\\0'; }", f"{DISK}\n{HOSTILE}"
    )
    page.locator("#done").fill(HOSTILE)
    page.get_by_role("button", name="How did it end before?").click()
    expect(page.locator(".state")).to_be_visible()

    assert page.locator("[onmouseover], main script, main img").count() == 0
    assert page.title() == "Incident – LessonBase"
    assert OVERRIDE not in page.locator("#results").inner_text()
    page.locator("#learned-title").fill(HOSTILE)
    page.get_by_role("button", name="Close the incident").click()
    expect(page.locator("h1")).to_contain_text("<script>document.title='taken'</script>")
    assert page.locator("[onmouseover], main script, main img").count() == 0


@browsed
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_view_is_for_everyone(desk: Desk, scheme: str) -> None:
    """On a phone nothing is cut off; everything has a name, and ids have one owner."""
    long = "x" * 250
    more = {"recovery": long, "cause": long, "checks": [long], "resolved_by": long}
    desk.site.base.add({**POOL, **more, "id": "v" * 100, "title": long, "symptom": DISK + long})
    page = desk.open(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page.locator("#text").fill(f"{DISK + long}\nE{long}")
    page.locator("#done").fill(long)
    page.get_by_role("button", name="How did it end before?").click()
    expect(page.locator(".state")).to_be_visible()
    for details in page.locator("details > summary").all():
        details.click()

    nameless = page.evaluate(
        "() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
        ".filter(e => !e.labels.length).map(e => e.name)"
    )
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert nameless == []
    assert len(ids) == len(set(ids))
    assert page.locator("main").count() == page.locator("h1").count() == 1
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    page.get_by_role("button", name="Close the incident").click()
    expect(page.locator(".closed")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360

"""The map as a person uses it: in Chromium, opened from disk and from a server's page.

Whatever a test does, the browser must ask for nothing but the file itself (or the server's own
addresses), run into no error, and obey the policy that the page has.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from lessonbase.analysis.map import (
    ClusterName,
    Point,
    body,
    contents,
    render,
    script,
    style,
)

CHROMIUM = Path("/usr/bin/chromium")
ARGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
SITE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MADE = datetime(2026, 6, 1, tzinfo=UTC)
EDGE = 58  # Free pixels around the points: `view.js`.

# Not `wait_for_function`: it evaluates a string in the page, which the policy forbids.
DRAWN = """() => new Promise(done => {
    const look = () =>
        performance.getEntriesByName('map-drawn').length ? done() : requestAnimationFrame(look);
    look();
})"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


def point(id_: str, x: float, y: float, month: int = 1, **fields: Any) -> Point:
    plain: dict[str, Any] = {"title": f"Title of {id_}", "kind": "lesson", "text": "Plain."}
    return Point(id=id_, x=x, y=y, at=datetime(2026, month, 15, tzinfo=UTC), **{**plain, **fields})


# Four corners, and one in the middle.
POINTS = [
    point(
        *("lock", 0, 10, 1),
        title="Migrations take locks",
        text="Adding a column.\nSet lock_timeout.",
        tags=("postgres",),
        services=("orders",),
        author="scout",
        label=0,
    ),
    point("reset", 10, 10, 2, kind="failure_mode", text="ECONNRESET", severity="high", label=0),
    point("café", 0, 0, 4, kind="heuristic", title="Café über Straße", text="", label=1),
    point("page", 10, 0, 5, kind="rumour", status="retired", text="Wake the lock owner.", label=1),
    point("mid", 5, 5, 3, title="In between"),
]
NAMES = [
    ClusterName(0, "schema · lock", ("schema", "lock"), 2, "Take locks"),
    ClusterName(1, "people · night"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGS))
        yield launched
        launched.close()


Open = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a map from disk; fails afterwards if anything went wrong on it."""
    wrong: list[str] = []

    def opened(points: list[Point] = POINTS, *, link: str | None = None, **context: Any) -> Page:
        file = tmp_path / "map.html"
        file.write_text(
            render(points, NAMES, title="Our lessons", made_at=MADE, link=link), encoding="utf-8"
        )
        context.setdefault("viewport", {"width": 1280, "height": 800})
        page = browser.new_context(reduced_motion="reduce", **context).new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("data:", file.as_uri()))
                else wrong.append(f"asked for {request.url}")
            ),
        )
        page.goto(file.as_uri())
        page.evaluate(DRAWN)
        return page

    yield opened
    for context in list(browser.contexts):
        context.close()
    assert wrong == []


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point lies in the window, while the whole map is shown; x and y as in POINTS."""
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    side = min(box["width"], box["height"]) - 2 * EDGE
    left = box["x"] + box["width"] / 2 + (x / 10 - 0.5) * side
    return left, box["y"] + box["height"] / 2 + (0.5 - y / 10) * side


def colour_at(page: Page, x: float, y: float) -> str:
    """The colour of the map where a point lies: #rrggbb."""
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    left, top = place(page, x, y)
    red, green, blue, _ = page.evaluate(
        "([x, y]) => [...document.getElementById('map-canvas').getContext('2d')"
        ".getImageData(x, y, 1, 1).data]",
        [round(left - box["x"]), round(top - box["y"])],
    )
    return f"#{red:02x}{green:02x}{blue:02x}"


def variable(page: Page, name: str) -> str:
    value: str = page.evaluate(
        "name => getComputedStyle(document.getElementById('map')).getPropertyValue(name)", name
    )
    return value


def titles(page: Page) -> list[str]:
    return page.locator("#map-hits .map-title").all_inner_texts()


def settle(page: Page) -> None:
    """Two pictures later, and past the pause of the list."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 120)))")


def test_every_point_is_drawn_in_its_place_and_colour(show: Open) -> None:
    """By cluster first; by kind or severity if one asks for it; none is grey."""
    page = show()
    drawn = {each.id: colour_at(page, each.x, each.y) for each in POINTS[:2] + POINTS[4:]}
    assert drawn == {
        "lock": variable(page, "--map-0"),
        "reset": variable(page, "--map-0"),
        "mid": variable(page, "--map-noise"),
    }

    page.get_by_label("Kind", exact=True).check()
    settle(page)
    assert colour_at(page, 0, 10) == variable(page, "--lesson")
    assert colour_at(page, 10, 10) == variable(page, "--failure_mode")
    page.get_by_label("Severity", exact=True).check()
    settle(page)
    assert colour_at(page, 10, 10) == variable(page, "--map-high")
    assert colour_at(page, 0, 10) == variable(page, "--map-noise")
    expect(page.get_by_label("High 1")).to_be_visible()


def test_a_dark_room_has_a_dark_map(show: Open) -> None:
    """The picture follows the scheme, also when it changes."""
    page = show(color_scheme="dark")
    assert colour_at(page, 0, 10) == variable(page, "--map-0") == "#4e9bfa"
    assert colour_at(page, 2, 5) == "#14181a"

    page.emulate_media(color_scheme="light")
    settle(page)
    assert colour_at(page, 0, 10) == variable(page, "--map-0") == "#1456e1"
    assert colour_at(page, 2, 5) == "#faf9f6"


def test_the_lesson_under_the_pointer_is_shown(show: Open) -> None:
    """Its title, kind, time, author, words, labels and cluster; away from it, nothing."""
    page = show()
    card = page.locator("#map-card")
    expect(card).to_be_hidden()
    page.mouse.move(*place(page, 0, 10))

    expect(card.locator("h3")).to_have_text("Migrations take locks")
    assert card.locator(".map-kind").inner_text() == "Lesson"
    assert card.locator(".map-facts").inner_text() == "2026-01-15 · scout"
    assert card.locator(".map-text").inner_text() == "Adding a column.\nSet lock_timeout."
    assert card.locator(".labels li").all_inner_texts() == ["postgres", "orders"]
    assert card.locator(".map-group").inner_text() == "schema · lock"
    page.mouse.move(*place(page, 10, 0))
    expect(card.locator("h3")).to_have_text("Title of page")
    assert card.locator(".status").inner_text() == "Retired"
    page.mouse.move(*place(page, 2, 5))
    expect(card).to_be_hidden()


@pytest.mark.parametrize("x", [0, 10])
@pytest.mark.parametrize("y", [0, 10])
def test_a_card_stays_on_the_map(show: Open, x: int, y: int) -> None:
    """At every corner it is whole, and not over its point."""
    page = show()
    left, top = place(page, x, y)
    page.mouse.move(left, top)
    box, sheet = (page.locator(name).bounding_box() for name in ("#map-card", "#map-canvas"))
    assert box is not None
    assert sheet is not None

    assert box["x"] >= sheet["x"]
    assert box["y"] >= sheet["y"]
    assert box["x"] + box["width"] <= sheet["x"] + sheet["width"]
    assert box["y"] + box["height"] <= sheet["y"] + sheet["height"]
    assert not box["x"] <= left <= box["x"] + box["width"]


def test_a_click_pins_the_card(show: Open) -> None:
    """Then it has the id to copy and the way to the record, until it is closed."""
    page = show(link="http://localhost:8765/records/{id}")
    card = page.locator("#map-card")
    page.mouse.click(*place(page, 0, 0))
    page.mouse.move(*place(page, 10, 10))

    expect(card.locator("h3")).to_have_text("Café über Straße")
    assert card.locator("code").inner_text() == "café"
    assert card.get_by_role("link", name="Open").get_attribute("href") == (
        "http://localhost:8765/records/caf%C3%A9"
    )
    card.get_by_role("button", name="Copy id").click()
    expect(card.locator(".map-copy")).to_have_text(re.compile("Copied|Selected"))
    card.get_by_role("button", name="Close").click()
    expect(card).to_be_hidden()


def test_search_lights_up_the_hits_and_dims_the_rest(show: Open) -> None:
    """All words must start a word of title, text, labels, author or id; titles come first."""
    page = show()
    page.locator("#map-q").fill("lock")
    settle(page)

    assert page.locator("#map-count").inner_text() == "2 of 5 records match"
    assert titles(page) == ["Migrations take locks", "Title of page"]
    assert colour_at(page, 0, 10) == variable(page, "--map-0")
    assert colour_at(page, 10, 0) == variable(page, "--map-1")
    for x, y in [(10, 10), (5, 5)]:
        assert colour_at(page, x, y) == variable(page, "--map-dim")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("LOCK timeout", ["Migrations take locks"]),
        ("strasse CAFE", ["Café über Straße"]),
        ("orders postgres scout", ["Migrations take locks"]),
        ("econnreset", ["Title of reset"]),
        ("lock ECONNRESET", []),
        ("ocks", []),
        ("  ?! ", None),
        ("mid", ["In between"]),
    ],
)
def test_what_a_search_finds(show: Open, query: str, found: list[str] | None) -> None:
    """Without regard to case, accents and punctuation; no words are no search."""
    page = show()
    page.locator("#map-q").fill(query)
    settle(page)

    assert titles(page) == (
        found
        if found is not None
        else [
            *("Title of page", "Café über Straße", "In between", "Title of reset"),
            "Migrations take locks",
        ]
    )


def test_a_search_goes_through_all_of_many_records(show: Open) -> None:
    """The list grows by steps, the count is of all, and the arrows reach every hit."""
    many = [point(f"p{n}", n % 10, n // 10, text="even" if n % 2 else "odd") for n in range(300)]
    page = show(many)
    page.locator("#map-q").fill("even")
    settle(page)
    assert page.locator("#map-count").inner_text() == "150 of 300 records match"
    assert len(titles(page)) == 60
    page.locator("#map-q").focus()
    for _ in range(61):
        page.keyboard.press("ArrowDown")

    expect(page.locator("#map-hits button").nth(60)).to_be_focused()
    assert len(titles(page)) == 120
    page.get_by_role("button", name="30 more").click()
    assert len(titles(page)) == 150


def test_the_keyboard_is_enough(show: Open) -> None:
    """/ searches, arrows go from hit to hit with their cards, Escape clears, typing is typing."""
    page = show()
    heading = page.locator("#map-card h3")
    page.keyboard.press("/")
    expect(page.locator("#map-q")).to_be_focused()
    page.keyboard.type("lock")
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text("Migrations take locks")
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text("Title of page")
    expect(page.locator("#map-hits [aria-current]")).to_have_text(re.compile("Title of page"))
    page.keyboard.press("ArrowUp")
    expect(heading).to_have_text("Migrations take locks")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#map-q")).to_be_focused()
    page.keyboard.type("/s")
    assert page.locator("#map-q").input_value() == "lock/s"

    page.keyboard.press("Escape")
    expect(page.locator("#map-q")).to_have_value("")
    expect(page.locator("#map-count")).to_have_text("5 records")
    page.keyboard.press("Escape")
    expect(page.locator("#map-card")).to_be_hidden()


def test_the_map_moves_by_keyboard_wheel_and_drag(show: Open) -> None:
    """Closer around the pointer; a drag is no click; 0 shows all again."""
    page = show()
    corner = place(page, 0, 10)
    page.mouse.move(*corner)
    page.mouse.wheel(0, -400)
    settle(page)
    # What is under the pointer stays there; the middle is pushed away from it.
    assert colour_at(page, 0, 10) == variable(page, "--map-0")
    assert colour_at(page, 5, 5) == variable(page, "--ground")
    page.mouse.down()
    page.mouse.move(corner[0] + 100, corner[1] + 100)
    page.mouse.up()
    settle(page)
    assert colour_at(page, 0, 10) == variable(page, "--ground")
    expect(page.locator("#map-card .map-close")).to_have_count(0)

    page.locator("#map-canvas").focus()
    page.keyboard.press("0")
    settle(page)
    assert colour_at(page, 5, 5) == variable(page, "--map-noise")
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert colour_at(page, 5, 5) == variable(page, "--ground")


def test_time_hides_what_is_outside(show: Open) -> None:
    """Two handles by month, which stop at one another; a search looks between them only."""
    page = show()
    first, last = page.locator("#map-from"), page.locator("#map-to")
    assert page.locator("#map-span").inner_text() == "Jan 2026 – May 2026"
    first.focus()
    page.keyboard.press("ArrowRight")
    last.focus()
    page.keyboard.press("ArrowLeft")
    settle(page)

    assert page.locator("#map-span").inner_text() == "Feb 2026 – Apr 2026"
    assert page.locator("#map-count").inner_text() == "3 of 5 records shown"
    assert titles(page) == ["Café über Straße", "In between", "Title of reset"]
    assert colour_at(page, 0, 10) == variable(page, "--ground")
    assert colour_at(page, 5, 5) == variable(page, "--map-noise")
    page.locator("#map-q").fill("lock")
    expect(page.locator("#map-count")).to_have_text("0 of 5 records match")

    page.locator("#map-q").fill("")
    last.focus()
    page.keyboard.press("Home")
    settle(page)
    assert page.locator("#map-span").inner_text() == "Feb 2026"
    assert last.get_attribute("aria-valuetext") == "Feb 2026"
    assert titles(page) == ["Title of reset"]


def test_time_runs(show: Open) -> None:
    """Play begins with the first month and ends with all; records stay once they have come."""
    page = show()
    page.evaluate(
        """() => {
            window.told = [];
            const span = document.getElementById('map-span');
            new MutationObserver(() => told.push(span.textContent))
                .observe(span, { childList: true });
        }"""
    )
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()

    assert page.evaluate("told") == [
        "Jan 2026",
        *(f"Jan 2026 – {month} 2026" for month in ("Feb", "Mar", "Apr", "May")),
    ]
    expect(page.locator("#map-count")).to_have_text("5 records")


def test_the_legend_counts_and_switches(show: Open) -> None:
    """Kinds and clusters can be taken off, chosen alone, and come back together."""
    page = show()
    legend = page.locator("#map-legend")
    assert [
        " ".join(text.split()) for text in legend.locator(".map-of-cluster label").all_inner_texts()
    ] == ["schema · lock 2", "people · night 2", "In no cluster 1"]
    explained = legend.locator(".map-row", has_text="schema").get_attribute("title")
    assert explained == "schema, lock\nIn the middle: Take locks"
    page.get_by_label("Lesson 2").uncheck()
    settle(page)
    assert titles(page) == ["Title of page", "Café über Straße", "Title of reset"]
    assert colour_at(page, 0, 10) == variable(page, "--ground")
    assert "schema · lock 1" in " ".join(legend.inner_text().split())

    legend.locator(".map-row", has_text="people").hover()
    legend.get_by_role("button", name="Only people · night").click()
    settle(page)
    assert titles(page) == ["Title of page", "Café über Straße"]
    legend.get_by_role("button", name="All clusters").click()
    page.get_by_label(re.compile("^Lesson")).check()
    expect(page.locator("#map-count")).to_have_text("5 records")
    legend.get_by_role("button", name="No clusters").click()
    expect(page.locator("#map-count")).to_have_text("0 of 5 records shown")


HOSTILE = "</script><img src=x onerror=alert(1)><script>alert(1)</script>{{ script }}"


def test_hostile_texts_are_texts(show: Open) -> None:
    """Markup is shown as it is, what would not be seen is named, and a book is cut."""
    points = [
        point(
            HOSTILE, 0, 10, title=HOSTILE, text=HOSTILE, tags=(HOSTILE,), author=HOSTILE, label=0
        ),
        point("turned", 10, 10, title="rm\u202e -rf \u2028", text="שלום עולם 👩‍👩‍👧 \x07"),
        point("long", 0, 0, title="x" * 300, text="word " * 13_107),
        point("emoji", 10, 0, title="🔥 fire", text="\U0001f525" * 5_000),
    ]
    page = show(points)
    page.mouse.move(*place(page, 0, 10))
    expect(page.locator("#map-card h3")).to_have_text(HOSTILE)
    assert page.locator("#map img, #map script").count() == 0
    page.mouse.move(*place(page, 10, 10))
    expect(page.locator("#map-card h3")).to_have_text("rm[U+202E] -rf [U+2028]")
    assert page.locator(".map-text").text_content() == "שלום עולם 👩‍👩‍👧 [U+0007]"
    page.mouse.move(*place(page, 0, 0))
    expect(page.locator("#map-card h3")).to_have_text("x" * 179 + " …")
    assert len(page.locator(".map-text").text_content() or "") < 430
    page.mouse.move(*place(page, 10, 0))
    expect(page.locator("#map-card h3")).to_have_text("🔥 fire")
    assert "\ufffd" not in (page.locator(".map-text").text_content() or "")

    page.locator("#map-q").fill("🔥")
    expect(page.locator("#map-count")).to_have_text("1 of 4 records matches")
    page.locator("#map-q").fill("עולם")
    expect(page.locator("#map-count")).to_have_text("1 of 4 records matches")
    page.locator("#map-q").fill("x" * 60_000)
    expect(page.locator("#map-count")).to_have_text("0 of 4 records match")
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


def test_an_empty_map_says_so(show: Open, browser: Browser, tmp_path: Path) -> None:
    """There is nothing to search, and the page says what will be there."""
    file = tmp_path / "empty.html"
    file.write_text(render([], title="Our lessons", made_at=MADE), encoding="utf-8")
    page = browser.new_context().new_page()
    page.goto(file.as_uri())

    expect(page.locator("#map-empty")).to_have_text(re.compile("^No lessons yet"))
    expect(page.locator("#map-q")).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Our lessons")


def test_a_single_point_is_a_map(show: Open) -> None:
    """It lies in the middle, and there is no time to choose."""
    page = show([point("a", 3, 3)])
    page.mouse.move(*place(page, 5, 5))

    expect(page.locator("#map-card h3")).to_have_text("Title of a")
    assert page.locator("#map-count").inner_text() == "1 record"
    expect(page.locator("#map-times")).to_be_hidden()


def test_records_in_one_place_are_all_reached(show: Open) -> None:
    """The card says how many there are, and each click shows the next."""
    page = show([point(f"p{n}", 5, 5) for n in range(40)] + [POINTS[0], POINTS[3]])
    page.mouse.move(*place(page, 5, 5))
    expect(page.locator("#map-card")).to_contain_text("40 records in this place; click for each")
    seen = set()
    for _ in range(40):
        page.mouse.click(*place(page, 5, 5))
        seen.add(page.locator("#map-card code").inner_text())
    assert seen == {f"p{n}" for n in range(40)}

    page.get_by_role("button", name="Next in this place").press("Enter")
    expect(page.locator("#map-card")).to_contain_text("1 of 40 here")


def test_far_years_do_not_break_time(show: Open) -> None:
    """From year 1 to 9999 the slider still works by month."""
    first = Point("old", "Old", "lesson", "", datetime(1, 1, 1), 0, 0)
    page = show([first, Point("new", "New", "lesson", "", datetime(9999, 12, 1), 1, 1)])

    assert page.locator("#map-span").inner_text() == "Jan 1 – Dec 9999"
    page.locator("#map-to").press("ArrowLeft")
    settle(page)
    assert titles(page) == ["Old"]


def test_a_phone_shows_it_too(show: Open) -> None:
    """No sideways scroll; a touch pins the card, in the half where its point is not."""
    page = show(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    side = box["width"] - 2 * box["width"] / 8
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("document.documentElement.scrollWidth") == 360

    for id_, sign in (("Migrations take locks", -1), ("Café über Straße", 1)):
        tapped = middle[1] + sign * side / 2
        page.touchscreen.tap(middle[0] - side / 2, tapped)
        expect(page.locator("#map-card h3")).to_have_text(id_)
        card = page.locator("#map-card").bounding_box()
        assert card is not None
        assert tapped < card["y"] if sign < 0 else card["y"] + card["height"] < tapped
        page.locator("#map-card .map-close").click()


def test_everything_has_a_name(show: Open) -> None:
    """Controls have labels, ids have one owner."""
    page = show()
    nameless = page.evaluate(
        "() => [...document.querySelectorAll('input')].filter(e => !e.labels.length).length"
    )
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    buttons = page.evaluate(
        "() => [...document.querySelectorAll('button')]"
        ".filter(e => !e.textContent.trim() && !e.ariaLabel).length"
    )

    assert nameless == buttons == 0
    assert len(ids) == len(set(ids))
    assert page.locator("main").count() == page.locator("h1").count() == 1


def test_a_server_serves_it_under_its_own_policy(browser: Browser) -> None:
    """Style and script as files, the document as JSON: the site's policy allows nothing else."""
    answers = {
        "/map": ("text/html", f"<link rel=stylesheet href=/map.css>{body('/map.json')}"),
        "/map.css": ("text/css", style()),
        "/map.js": ("text/javascript", script()),
        "/map.json": ("application/json", json.dumps(contents(POINTS, NAMES, made_at=MADE))),
    }
    answers["/map"] = ("text/html", answers["/map"][1] + "<script src=/map.js></script>")
    wrong: list[str] = []

    def answer(route: Route) -> None:
        kind, text = answers[urlsplit(route.request.url).path]
        headers = {"content-type": f"{kind}; charset=utf-8", "content-security-policy": SITE_POLICY}
        route.fulfill(body=text, headers=headers)

    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.route("http://site.test/**", answer)
        page.goto("http://site.test/map")
        expect(page.locator("#map-count")).to_have_text("5 records")
        page.locator("#map-q").fill("lock")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#map-card h3")).to_have_text("Migrations take locks")
        assert wrong == []

        answers["/map.json"] = ("text/html", "<p>Sign in</p>")
        page.reload()
        expect(page.locator("#map-empty")).to_have_text(re.compile("^The map could not be read"))

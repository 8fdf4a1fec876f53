"""How fluent the map is: frames while one pans, zooms and searches, in Chromium.

    python benchmarks/map.py --sizes 1000 10000

Points are generated: real texts, repeated with a number after each title, in 30 round groups of
unequal size. The browser has no graphics card: it draws in software, so that a reader's own
machine is faster. Frames are the times between two calls of `requestAnimationFrame`, which cannot
be shorter than 1000 / 60 ms.
"""

import argparse
import json
import os
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from measuring import write
from playwright.sync_api import Page, sync_playwright

from lessonbase.analysis.map import ClusterName, Point, render
from lessonbase.records import KINDS

TEXTS: Final = Path(__file__).parents[2] / "shared" / "bench" / "scale" / "wild.jsonl"
CHROMIUM: Final = "/usr/bin/chromium"
ARGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
DAY: Final = datetime(2026, 11, 1, tzinfo=UTC)
GROUPS: Final = 30
FRAMES: Final = 180
WORDS: Final = "deploy rollback before the weekend"
# What happens before each frame, in the page: the n-th of FRAMES.
ACTS: Final = {
    "still": "() => {}",
    "pan": """n => {
        const at = { clientX: 700 + 200 * Math.sin(n / 15), clientY: 400, pointerId: 1 };
        if (n === 0) canvas.dispatchEvent(new PointerEvent('pointerdown', at));
        canvas.dispatchEvent(new PointerEvent('pointermove', at));
        if (n === FRAMES - 1) canvas.dispatchEvent(new PointerEvent('pointerup', at));
    }""",
    "zoom": """n => canvas.dispatchEvent(new WheelEvent('wheel', {
        deltaY: n % 60 < 30 ? -25 : 25, clientX: 800, clientY: 350, cancelable: true }))""",
    "hover": """n => canvas.dispatchEvent(new PointerEvent('pointermove', {
        clientX: 500 + 3 * n, clientY: 380, pointerId: 1, pointerType: 'mouse' }))""",
    "search": """n => {
        if (n % 6) return;
        field.value = n / 6 < WORDS.length ? WORDS.slice(0, n / 6 + 1) : '';
        field.dispatchEvent(new Event('input', { bubbles: true }));
    }""",
    "time": """n => {
        const from = document.getElementById('map-to');
        from.value = (n * 7) % (Number(from.max) + 1);
        from.dispatchEvent(new Event('input', { bubbles: true }));
    }""",
}
MEASURE: Final = """([act, FRAMES, WORDS]) => new Promise((done) => {
    const canvas = document.getElementById('map-canvas');
    const field = document.getElementById('map-q');
    canvas.setPointerCapture = () => {};
    const step = eval(act);
    const times = [];
    let before = null, n = 0;
    const frame = (now) => {
        if (before !== null) times.push(now - before);
        before = now;
        if (n === FRAMES) return done(times);
        step(n++);
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})"""


def main() -> None:
    """Measure each size in a fresh page, light and at one dot a pixel; the largest at two, too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--texts", type=Path, default=TEXTS)
    options = parser.parse_args()
    rows = []
    for size, dots in [*((size, 1) for size in options.sizes), (max(options.sizes), 2)]:
        rows.append(_measure(size, dots, options.texts))
    write(
        "map",
        rows,
        drawn_by="software, no graphics card",
        frames=FRAMES,
        window="1280x800",
        load_average=os.getloadavg()[0],  # other work on the machine shows in the longest frames
    )


def points(size: int, texts: Path) -> tuple[list[Point], list[ClusterName]]:
    """*size* points in groups, and the groups' names; the same ones each time."""
    rows = [json.loads(line) for line in texts.read_text(encoding="utf-8").splitlines()]
    rng, chance = np.random.default_rng(13), random.Random(13)
    centres = rng.uniform(0, 10, (GROUPS, 2))
    shares = rng.dirichlet(np.full(GROUPS, 2.0))
    made = []
    for number in range(size):
        row = rows[number % len(rows)]
        group = int(rng.choice(GROUPS, p=shares))
        x, y = rng.normal(centres[group], 0.45)
        made.append(
            Point(
                id=f"{row['_id']}-{number}",
                title=f"{row['title'] or 'Untitled'} ({number})",
                kind=chance.choice(list(KINDS)),
                text=row["text"],
                at=DAY - timedelta(days=chance.randrange(1_500)),
                x=float(x),
                y=float(y),
                label=group if chance.random() > 0.2 else -1,
                tags=(row["metadata"]["kind"],),
                author=row["metadata"]["repo"],
            )
        )
    names = [ClusterName(group, f"group {group} · some words") for group in range(GROUPS)]
    return made, names


def _measure(size: int, dots: int, texts: Path) -> dict[str, Any]:
    made, names = points(size, texts)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        file = Path(directory) / "map.html"
        file.write_text(render(made, names, title="Map", made_at=DAY), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        page = browser.new_page(
            viewport={"width": 1280, "height": 800}, device_scale_factor=dots, bypass_csp=True
        )
        page.goto(file.as_uri())
        page.wait_for_timeout(2_500)
        row = {
            "points": size,
            "dots_per_pixel": dots,
            "file_mb": round(file.stat().st_size / 1e6, 2),
            **_starts(page),
            "frames_ms": {name: _frames(page, act) for name, act in ACTS.items()},
        }
        browser.close()
    return row


def _starts(page: Page) -> dict[str, int]:
    """When something, and when the points were there, in milliseconds after opening the file."""
    first, drawn = page.evaluate(
        "() => ['first-contentful-paint', 'map-drawn']"
        ".map(name => performance.getEntriesByName(name)[0].startTime)"
    )
    return {"first_paint_ms": round(first), "points_drawn_ms": round(drawn)}


def _frames(page: Page, act: str) -> dict[str, float]:
    page.locator("#map-canvas").press("0")  # each starts from the whole map
    page.wait_for_timeout(400)
    times = page.evaluate(MEASURE, [act, FRAMES, WORDS])
    page.wait_for_timeout(300)
    return {
        "median": round(float(np.percentile(times, 50)), 1),
        "p95": round(float(np.percentile(times, 95)), 1),
        "longest": round(float(max(times)), 1),
    }


if __name__ == "__main__":
    main()

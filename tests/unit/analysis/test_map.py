"""The document and the file of the map, without a browser (see tests/integration/test_map.py)."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from lessonbase.analysis.map import ClusterName, Point, body, contents, render, script, style
from lessonbase.analysis.map.colouring import COLOURS, colours
from lessonbase.analysis.map.contents import SEARCHED
from lessonbase.errors import InvalidInput

DAY = datetime(2026, 3, 1, tzinfo=UTC)
# Machado, Oliveira & Fernandes, IEEE TVCG 15(6), 2009: complete protanopia, deuteranopia and
# tritanopia, on linear RGB; before them, eyes without one.
SIGHTS = {
    "common": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def point(id_: str = "a", x: float = 0, y: float = 0, **fields: Any) -> Point:
    plain = {"title": f"Title {id_}", "kind": "lesson", "text": f"Text {id_}", "at": DAY}
    return Point(id=id_, x=x, y=y, **{**plain, **fields})


class Elements(HTMLParser):
    """Elements of a page by name, with attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - whichever ends
        self.found.append(("", {}, ""))  # what follows belongs to no element

    def texts(self, name: str) -> list[str]:
        return [text for tag, _, text in self.found if tag == name]


def test_places_keep_their_proportions_and_up_is_up() -> None:
    """The longer side spans the map; y grows upwards where points come from, downwards on it."""
    made = contents([point("a", -10, 0), point("b", 10, 5)], made_at=DAY)

    assert made["points"]["x"] == [0.0, 1.0]
    assert made["points"]["y"] == [0.625, 0.375]


def test_points_in_one_place_lie_in_the_middle() -> None:
    """A map without extent divides by nothing."""
    made = contents([point("a", 7, 7), point("b", 7, 7)], made_at=DAY)

    assert made["points"]["x"] == made["points"]["y"] == [0.5, 0.5]


def test_no_points_are_a_document_too() -> None:
    """An empty base has an empty map."""
    made = contents([], [ClusterName(0, "gone")], made_at=DAY)

    assert made["clusters"] == made["kinds"] == made["points"]["id"] == []


def test_values_are_told_once_and_numbered() -> None:
    """Kinds come in the order of the records room; what it does not know comes last."""
    points = [
        point("a", kind="rumour", severity="high", tags=("x", "y"), services=("y",), author="kim"),
        point("b", kind="failure_mode", severity="dire", status="retired", tags=("y",)),
    ]
    made = contents(points, made_at=DAY)

    assert made["kinds"] == ["failure_mode", "rumour"]
    assert made["points"]["kind"] == [1, 0]
    assert made["severities"] == ["critical", "high", "medium", "low"]
    assert made["points"]["severity"] == [1, -1]
    assert made["statuses"] == ["active", "retired"]
    assert made["labels"] == ["x", "y"]
    assert made["points"]["labels"] == [[0, 1], [1]]
    assert made["authors"] == ["", "kim"]
    assert made["points"]["author"] == [1, 0]


def test_groups_are_told_largest_first() -> None:
    """A group without a name has its number; a name without points is left out; noise is none."""
    labels = [5, 5, 2, 2, 2, -1]
    points = [point(str(n), n, 0, label=label) for n, label in enumerate(labels)]
    made = contents(points, [ClusterName(5, "locks", ("lock",)), ClusterName(9, "x")], made_at=DAY)

    assert [(group["name"], group["terms"]) for group in made["clusters"]] == [
        ("Group 3", []),
        ("locks", ["lock"]),
    ]
    assert made["points"]["cluster"] == [1, 1, 0, 0, 0, -1]
    assert [group["at"] for group in made["clusters"]] == [[0.6, 0.5], [0.1, 0.5]]


def test_times_are_seconds_and_without_a_zone_utc() -> None:
    """A moment is the same moment in every zone."""
    east = datetime(2026, 3, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    moments = [DAY, DAY.replace(tzinfo=None), east, datetime(1, 1, 1), datetime(9999, 12, 31)]
    made = contents([point(str(n), at=moment) for n, moment in enumerate(moments)], made_at=DAY)

    assert made["points"]["at"] == [*[1772323200] * 3, -62135596800, 253402214400]


def test_a_long_text_is_cut() -> None:
    """Ten pages of one record do not make the file ten pages longer."""
    made = contents([point(text="x" * 65_536), point("b")], made_at=DAY)

    assert [len(text) for text in made["points"]["text"]] == [SEARCHED, 6]


@pytest.mark.parametrize("x", [float("nan"), float("inf")])
def test_a_point_without_a_place_is_refused(x: float) -> None:
    """A record whose vector is missing is left out by whoever has the vectors."""
    with pytest.raises(InvalidInput, match="'a' lies at"):
        point("a", x, 0)


def test_a_label_below_noise_is_refused() -> None:
    """Only -1 means that a point is in no group."""
    with pytest.raises(InvalidInput, match="'a' has the label -2"):
        point("a", label=-2)


def test_one_colour_is_not_used_twice_in_one_place() -> None:
    """Of many groups, the nearest neighbour has another colour, and all colours are used."""
    rng = np.random.default_rng(5)
    centres = rng.uniform(size=(40, 2))
    given = colours([(float(x), float(y)) for x, y in centres])
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.argmin(1)

    assert [n for n in range(40) if given[n] == given[nearest[n]]] == []
    assert set(given) == set(range(COLOURS))
    assert max(map(given.count, range(COLOURS))) <= 7


HOSTILE = "</script><script>alert(1)</script><!-- <script> {{ data }} \u2028 \u2029 &lt; \\u003c"


def test_hostile_texts_stay_data() -> None:
    """No text ends its element, is filled in as part of the page, or comes back changed."""
    points = [point("a", title=HOSTILE, text=HOSTILE, tags=(HOSTILE,), author=HOSTILE, label=0)]
    page = render(points, [ClusterName(0, HOSTILE)], title=HOSTILE, made_at=DAY)
    read = Elements(page)
    data, code = read.texts("script")
    told = json.loads(data)

    assert code == script()
    assert told == contents(points, [ClusterName(0, HOSTILE)], made_at=DAY)
    assert told["points"]["title"] == [HOSTILE]
    assert read.texts("title") == [HOSTILE]
    assert "\u2028" not in data


def test_the_file_allows_its_own_script_and_style_only() -> None:
    """The policy names both by their digest, and nothing may be asked for."""
    read = Elements(render([point()], title="Map", made_at=DAY))
    [policy] = [
        attributes["content"] or ""
        for tag, attributes, _ in read.found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    texts = {"script": read.texts("script")[1], "style": read.texts("style")[0]}

    for name, text in texts.items():
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy


def test_the_file_names_no_other_place() -> None:
    """What is not there cannot be asked for: no address in script, style or page."""
    page = render([point()], title="Map", made_at=DAY).replace("http://www.w3.org/2000/svg", "")

    assert re.findall(r"https?:|//\w|url\(|@import|src=", page) == []


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert('{id}')",
        "//evil.example/{id}",
        "/records/",
        "http://a/{id}\n",
        "/\\e/{id}",
    ],
)
def test_a_link_that_is_no_address_is_refused(link: str) -> None:
    """Only http(s) and paths of the same server lead from a card to its record."""
    with pytest.raises(InvalidInput, match="is no address of records"):
        render([], title="Map", made_at=DAY, link=link)


@pytest.mark.parametrize("link", ["http://localhost:8765/records/{id}", "/records/{id}"])
def test_a_link_to_records_is_kept(link: str) -> None:
    """The page puts each id in."""
    page = render([], title="Map", made_at=DAY, link=link)

    assert json.loads(Elements(page).texts("script")[0])["link"] == link


def test_a_server_can_name_where_the_document_is() -> None:
    """Its page holds the elements, and the script fetches the rest."""
    assert 'id="map" data-source="/map.json?a=1&amp;b=2">' in body("/map.json?a=1&b=2")
    assert "data-source" not in body()
    assert "{{" not in body()


def _names(text: str) -> list[dict[str, str]]:
    """Custom properties of a sheet, light and dark."""
    parts = text.split("prefers-color-scheme: dark")
    return [dict(re.findall(r"(--(?!map-h)[\w-]+): ([^;]+);", part)) for part in parts[:2]]


def test_a_file_has_the_colours_of_the_site() -> None:
    """Who knows the page knows the map."""
    site = (files("lessonbase.api.web") / "static" / "page.css").read_text(encoding="utf-8")
    own = (files("lessonbase.analysis.map") / "styles" / "frame.css").read_text(encoding="utf-8")

    assert _names(own) == _names(site)
    assert len(_names(own)[0]) > len(_names(own)[1]) > 20


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_of_groups_can_be_told_apart(scheme: int) -> None:
    """3:1 on the ground, and apart in Oklab for eyes with each common colour blindness."""
    names = _names(style())[scheme]
    own = (files("lessonbase.analysis.map") / "styles" / "frame.css").read_text(encoding="utf-8")
    palette = np.array([_linear(names[f"--map-{colour}"]) for colour in range(COLOURS)])
    ground = _linear(_names(own)[scheme]["--ground"])
    light = [float(colour @ [0.2126, 0.7152, 0.0722]) for colour in (*palette, ground)]
    contrasts = [(max(one, light[-1]) + 0.05) / (min(one, light[-1]) + 0.05) for one in light[:-1]]

    assert min(contrasts) >= 3
    for sight in SIGHTS.values():
        seen = _oklab(np.clip(palette @ np.array(sight).T, 0, 1))
        apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1) + np.eye(COLOURS)
        assert apart.min() > 0.09


def _linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _oklab(linear: np.ndarray) -> np.ndarray:
    """Björn Ottosson's perceptual space, from linear sRGB."""
    cones = linear @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    return np.cbrt(cones) @ np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ]
    )

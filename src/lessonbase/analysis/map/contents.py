"""The points as the page reads them: one JSON document, a column per field.

Columns, and numbers in place of words that come again: 10,000 points take half of what a list of
objects would, and a browser reads them at once.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from lessonbase.analysis.map.colouring import colours
from lessonbase.analysis.map.points import NOISE, ClusterName, Point
from lessonbase.records import KINDS, Severity

# Characters of a record's text that search looks through; the card shows the first 420 of them.
# A record of ten pages would be a page of its own: at 10,000 records this bounds the file to 20 MB.
SEARCHED: Final = 1_500
# Most tags and services of a point that are told.
_MOST_TAGS: Final = 12
# Digits kept of a coordinate: a ten-thousandth of the map is less than a pixel of it.
_DIGITS: Final = 4
_UNIX: Final = datetime(1970, 1, 1, tzinfo=UTC)


def contents(
    points: Sequence[Point],
    names: Iterable[ClusterName] = (),
    *,
    made_at: datetime,
    link: str | None = None,
) -> dict[str, Any]:
    """What the page draws, of JSON types only.

    Args:
        points: In any order. None is fine: the page says so.
        names: Of the groups, in any order. A group without one is called by its number; a name
            without points is left out.
        made_at: When the map was made.
        link: Address of a record's page with ``{id}`` where its id goes; see `page.render`.

    Returns:
        ``points``: columns of equal length; ``clusters``: largest first, with ``at`` (centre) and
        ``colour``; ``kinds``, ``severities``, ``statuses``, ``authors``, ``labels``: what the
        numbers in the columns stand for. Coordinates are in [0, 1], y downwards, with the
        proportions that they had.

    >>> from datetime import datetime
    >>> day = datetime(2026, 1, 1)
    >>> made = contents([Point("a", "Tea", "lesson", "Pour.", day, 3, 4)], made_at=day)
    >>> made["points"]["id"], made["points"]["at"], made["kinds"]
    (['a'], [1767225600], ['lesson'])
    """
    places = _places([(point.x, point.y) for point in points])
    groups = _groups(points, places, {name.label: name for name in names})
    group_of = {group["label"]: number for number, group in enumerate(groups)}
    kinds = _ordered({point.kind for point in points}, KINDS)
    severities = [str(severity) for severity in Severity]
    statuses = sorted({point.status for point in points})
    authors = sorted({point.author for point in points})
    labels = sorted({label for point in points for label in _labels_of(point)})
    numbers = {label: number for number, label in enumerate(labels)}
    columns = {
        "id": [point.id for point in points],
        "title": [point.title for point in points],
        "text": [point.text[:SEARCHED] for point in points],
        "kind": [kinds.index(point.kind) for point in points],
        "severity": [_place(point.severity, severities) for point in points],
        "status": [statuses.index(point.status) for point in points],
        "author": _numbered([point.author for point in points], authors),
        "labels": [[numbers[label] for label in _labels_of(point)] for point in points],
        "at": [_seconds(point.at) for point in points],
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "cluster": [group_of.get(point.label, NOISE) for point in points],
    }
    return {
        "made_at": _seconds(made_at),
        "link": link,
        "kinds": kinds,
        "severities": severities,
        "statuses": statuses,
        "authors": authors,
        "labels": labels,
        "clusters": groups,
        "points": columns,
    }


def _places(raw: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same places on a map of side 1, its y downwards; the middle if all are one."""
    if not raw:
        return []
    left, right = min(x for x, _ in raw), max(x for x, _ in raw)
    low, high = min(y for _, y in raw), max(y for _, y in raw)
    side = max(right - left, high - low) or 1.0
    middle_x, middle_y = (left + right) / 2, (low + high) / 2
    return [
        (
            round(0.5 + (x - middle_x) / side, _DIGITS),
            round(0.5 - (y - middle_y) / side, _DIGITS),
        )
        for x, y in raw
    ]


def _groups(
    points: Sequence[Point],
    places: Sequence[tuple[float, float]],
    names: dict[int, ClusterName],
) -> list[dict[str, Any]]:
    """The groups that have points, largest first."""
    members: dict[int, list[int]] = {}
    for number, point in enumerate(points):
        if point.label != NOISE:
            members.setdefault(point.label, []).append(number)
    order = sorted(members, key=lambda label: (-len(members[label]), label))
    # Medians: a group of two islands is named on one of them, not in the sea between.
    centres = [
        (
            round(median(places[number][0] for number in members[label]), _DIGITS),
            round(median(places[number][1] for number in members[label]), _DIGITS),
        )
        for label in order
    ]
    return [
        _told(names.get(label) or ClusterName(label, f"Group {label + 1}"))
        | {"at": list(centre), "colour": colour}
        for label, centre, colour in zip(order, centres, colours(centres), strict=True)
    ]


def _told(name: ClusterName) -> dict[str, Any]:
    return {
        "label": name.label,
        "name": name.name or f"Group {name.label + 1}",
        "terms": list(name.terms),
        "central": name.central,
    }


def _labels_of(point: Point) -> tuple[str, ...]:
    """Tags and services, as search and card show them."""
    return tuple(dict.fromkeys((*point.tags, *point.services)))[:_MOST_TAGS]


def _ordered(found: set[str], order: Iterable[str]) -> list[str]:
    """*found* in the given order, then what is not in it."""
    known = [name for name in order if name in found]
    return known + sorted(found.difference(known))


def _place(value: str | None, order: list[str]) -> int:
    return order.index(value) if value in order else NOISE


def _numbered(values: list[str], order: list[str]) -> list[int]:
    place = {value: number for number, value in enumerate(order)}
    return [place[value] for value in values]


def _seconds(moment: datetime) -> int:
    """Whole seconds since 1970; one without a zone is taken to be UTC."""
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int((known - _UNIX).total_seconds())

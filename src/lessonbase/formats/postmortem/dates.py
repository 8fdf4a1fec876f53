"""Dates as reports and trackers write them: ISO, and the common English forms.

A date whose day and month cannot be told apart (``03/04/2024``) is no date: a wrong one would be
believed. A time without a zone is taken to be UTC.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
# Hours from UTC of the zones that are named in reports and mean one thing there.
_ZONES: Final = {
    **dict.fromkeys(("z", "utc", "gmt"), 0),
    **{"pst": -8, "pdt": -7, "mst": -7, "mdt": -6, "cst": -6, "cdt": -5, "est": -5, "edt": -4},
    **{"cet": 1, "cest": 2},
}
_MONTH: Final = r"(?P<month>[A-Za-z]{3,9})\.?"
_ORDINAL: Final = r"(?:st|nd|rd|th)?"
_TIME: Final = (
    r"(?:(?:\s*,?\s*at\s+|[T,\s]\s{0,3}|\s-\s)(?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?:\s?(?P<offset>[+-]\d\d:?\d\d)|\s?\(?(?P<zone>[A-Za-z]{1,4})\b)?)?"
)
_SHAPES: Final = tuple(
    re.compile(shape + _TIME)
    for shape in (
        r"(?<![\w.])(?P<year>\d{4})(?P<mark>[-/.])(?P<number>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        rf"(?<![A-Za-z]){_MONTH}\s(?P<day>\d{{1,2}}){_ORDINAL},?\s(?P<year>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}}){_ORDINAL}[\s/-](?:of\s)?{_MONTH},?[\s/-](?P<year>\d{{4}}|\d\d)(?!\d)",
        r"(?<![\d./])(?P<first>\d{1,2})[/.](?P<other>\d{1,2})[/.](?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<number>[01]\d)(?P<day>[0-3]\d)(?!\d)",
    )
)
# Where a date is looked for: the head of a text.
_LOOK: Final = 400
# Most of a number of seconds since 1970 that is meant as such; beyond, milliseconds.
_SECONDS: Final = 10**11


def moment_in(text: str) -> datetime | None:
    """The first moment named near the beginning of *text*, in UTC; none if there is none.

    >>> str(moment_in("Fri, Jan 5th, 2024 at 2:07 PM UTC"))
    '2024-01-05 14:07:00+00:00'
    >>> str(moment_in("2024-01-05T14:07+02:00")), moment_in("03/04/2024")
    ('2024-01-05 12:07:00+00:00', None)
    """
    found = [
        (match.start(), moment)
        for shape in _SHAPES
        for match, moment in _moments(shape, text[:_LOOK])
    ]
    return min(found)[1] if found else None


def epoch(number: float) -> datetime | None:
    """The moment *number* seconds, or milliseconds, after the beginning of 1970.

    >>> str(epoch(1704463620)), str(epoch(1704463620000))
    ('2024-01-05 14:07:00+00:00', '2024-01-05 14:07:00+00:00')
    """
    try:
        seconds = number / 1000 if abs(number) > _SECONDS else number
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def _moments(shape: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], datetime]]:
    """The first match of *shape* that is a moment."""
    for match in shape.finditer(text):
        moment = _moment(match)
        if moment is not None:
            yield match, moment
            return


def _moment(match: re.Match[str]) -> datetime | None:
    found = match.groupdict()
    day_and_month = _day_and_month(found)
    if day_and_month is None:
        return None
    day, month = day_and_month
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    hour = _hour(int(found["hour"] or 0), found["half"])
    try:
        local = datetime(
            year,
            month,
            day,
            hour,
            int(found["minute"] or 0),
            int(found["second"] or 0),
            tzinfo=_zone(found),
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day_and_month(found: dict[str, str | None]) -> tuple[int, int] | None:
    """Day and month, in that order; none where they cannot be told apart."""
    if found.get("number"):
        return int(found["day"] or 0), int(found["number"] or 0)
    if found.get("month"):
        name = (found["month"] or "").lower()
        months = [month for month, full in enumerate(_MONTHS, 1) if full.startswith(name)]
        return (int(found["day"] or 0), months[0]) if months else None
    first, other = int(found["first"] or 0), int(found["other"] or 0)
    if first == other or first > 12:
        return first, other
    return (other, first) if other > 12 else None


def _hour(hour: int, half: str | None) -> int:
    if half is None or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if half in "pP" else 0)


def _zone(found: dict[str, str | None]) -> timezone:
    offset = found["offset"]
    if offset:
        minutes = int(offset[1:3]) * 60 + int(offset[-2:])
        return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    return timezone(timedelta(hours=_ZONES.get((found["zone"] or "").lower(), 0)))

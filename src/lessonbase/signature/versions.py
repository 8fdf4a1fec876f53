"""Versions together with what they are versions of; without a name only where a ``v`` says so."""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.signature.vocabulary import PRODUCTS, SERVICES, WHOLE_PRODUCTS

_NUMBER: Final = re.compile(
    r"\d{1,4}(?:\.\d{1,5}){0,2}(?:[-.]?(?:rc|alpha|beta|dev|post|pre|a|b)[-.]?\d{1,4})?"
    r"(?!\w|\.\d|,\d|%)",
    re.IGNORECASE,
)
# A number that goes on before this one, an amount of money, a sign.
_NOT_BEFORE: Final = frozenset("0123456789.,$€£#+_")
# The name before a version, and what ties them.
_NAME: Final = re.compile(
    r"(?<![\w.-])([A-Za-z][A-Za-z0-9_.+-]{0,48}?)"
    r"(\s{1,2}(?:version |release |ver\. )?v?|\s?[=~<>!]=\s?|\[[a-z,]{1,20}\]=="
    r"|@[\^~]?v?|[/:-]v?|)$",
    re.IGNORECASE,
)
# What ties a name that we do not know: "the broken release 1.2.3" and "docs/1.2.3" have none.
_TIE: Final = re.compile(
    r"\s{1,2}v?|\s?[=~<>!]=\s?|\[[a-z,]{1,20}\]==|[@:-][\^~]?v?", re.IGNORECASE
)
_CUE: Final = re.compile(r"(?:(?<![A-Za-z0-9/])v|\b(?:version|release|ver\.|tag)[ :]{1,2})$", re.I)
# A length, an amount or a time: no version.
_UNIT: Final = re.compile(
    r"\s?(?:%|x\b|×|[kmgt]i?b\b|ms\b|s\b|sec|min|h\b|hour|day|week|month|year|mile|km\b|m\b|cm\b"
    r"|percent|times|million|billion|points?\b|stars?\b|usd|eur|euro|dollar|per\b|cores?\b|cpus?\b)",
    re.IGNORECASE,
)
# What follows a whole number that is a version, and no count.
_WHOLE_END: Final = re.compile(r"\s*$|[.,;:)\]\"'`](?!\d)| (?:to|and|or|on|with|from)\b|\n")
_WHOLE_NAME: Final = re.compile(r"(?<![\w./-])([A-Za-z]{2,12})([ :]v?)$")
# Words that stand before a number with dots for another reason.
_NO_NAME: Final = frozenset(
    {"a", "about", "above", "after", "and", "approximately", "are", "article", "around", "as"}
    | {"at", "be", "before", "below", "between", "by", "chapter", "clause", "currently", "eq"}
    | {"equation", "fig", "figure", "for", "from", "had", "has", "http", "https", "in", "into"}
    | {"is", "item", "its", "least", "level", "line", "mean", "median", "most", "near", "no"}
    | {"not", "of", "on", "only", "or", "over", "page", "paragraph", "part", "phase", "pin"}
    | {"release", "rfc", "rule", "running", "score", "section", "since", "stage", "step", "table"}
    | {"tag", "than", "that", "the", "then", "this", "to", "under", "until", "up", "upgraded"}
    | {"upgrade", "use", "using", "v", "ver", "version", "versions", "via", "was", "were"}
    | {"with", "within"}
)
_LOOK_BACK: Final = 56


def versions(text: str) -> Iterator[tuple[int, str]]:
    """Versions in *text* as ``name number``, or ``v`` and the number, with their positions.

    >>> [found for _, found in versions("PostgreSQL 16.2, chroma==1.5.9, v2.3.1, 3.5 GB, 10.0.0.1")]
    ['postgres 16.2', 'chroma 1.5.9', 'v2.3.1']
    """
    for match in _NUMBER.finditer(text):
        start = match.start()
        if start and text[start - 1] not in _NOT_BEFORE:
            label = _labelled(text, match) if "." in match[0] else _whole(text, match)
            if label:
                yield start, label


def _labelled(text: str, match: re.Match[str]) -> str | None:
    start, number = match.start(), match[0]
    before = text[max(0, start - _LOOK_BACK) : start]
    named = _NAME.search(before)
    name = named[1].lower().rstrip("._+-") if named else ""
    dots = number.count(".")
    if named and name not in _NO_NAME:
        if name in SERVICES or name in PRODUCTS:
            if dots > 1 or not _UNIT.match(text, match.end()):
                return f"{SERVICES.get(name, name)} {number}"
        elif dots > 1 and len(name) > 1 and _TIE.fullmatch(named[2]) and not _is_date(number):
            return f"{name} {number}"
    return f"v{number}" if _CUE.search(before) and not _is_date(number) else None


def _whole(text: str, match: re.Match[str]) -> str | None:
    start = match.start()
    if text[start - 1] not in " :v" or len(match[0]) > 2 or not match[0].isdigit():
        return None
    named = _WHOLE_NAME.search(text[max(0, start - 15) : start])
    if not named or named[1].lower() not in WHOLE_PRODUCTS:
        return None
    if ":" not in named[2] and not _WHOLE_END.match(text, match.end()):
        return None
    name = named[1].lower()
    return f"{SERVICES.get(name, name)} {match[0]}"


def _is_date(number: str) -> bool:
    """Whether three numbers may be a day: 24.12.2025 or 2025.12.24."""
    parts = number.split(".")
    return any(len(part) == 4 and part[:2] in ("19", "20") for part in (parts[0], parts[-1]))

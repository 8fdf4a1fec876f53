"""Two things of one sort, of which the one is to stand for the other (MINJA, 2025).

"Patient 4471 … patient 9920", in a record that speaks of requests and of giving: experience of a
team has no reason to send questions on the one to the other.
"""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.guard.screening.found import ENOUGH, Found, excerpt

_PERSON: Final = (
    "patient|customer|client|employee|student|member|supplier|vendor|payee|person|citizen|store|"
    "beneficiary|doctor|brand|product|teacher|tenant"
)
_THING: Final = (
    "account|order|item|policy|flight|case|invoice|gene|drug|medication|subject|article|parcel|"
    "contract|loan|booking"
)
_NOUNS: Final = frozenset(
    noun + ending for noun in f"{_PERSON}|{_THING}".split("|") for ending in ("", "s")
)
# A noun and the name of one such thing: patient 4471, customer Brandt, flight LH100.
_NAMED: Final = re.compile(
    rf"\b(?:(?P<person>(?i:{_PERSON}))|(?P<thing>(?i:{_THING})))s? (?:no\.? |number |id |#)?"
    r"(?P<name>[A-Z]{0,3}-?\d[\w-]{0,30}|(?(person)[A-Z][a-z]{1,30}|[A-Z]\b))"
)
# Any other noun, with figures or capitals after it; what numbers the parts of a text or a system is
# left out.
_OTHER: Final = re.compile(
    r"\b(?P<noun>[a-z]{4,20}) (?P<name>[A-Z]{1,5}-?\d*\b|[A-Z][a-z]{2,20}|\d[\w-]{0,12})(?![\w.])"
)
_PARTS_WORDS: Final = (
    "step steps version versions port ports phase host hosts server node nodes replica level "
    "stage line lines page pages chapter section table figure issue python option options task "
    "tasks week year month rule rules part error code release after than every until within from "
    "over under about least most with when then this that they what which where while only also "
    "into database cluster service region zone branch agent agents team tier type class layer "
    "path file field column shard partition topic queue environment exit status between using "
    "like both before via postgres mysql redis kafka linux ubuntu windows debian kubernetes "
    "django react java hours minutes seconds days percent paper main test read"
)
_PARTS: Final = frozenset(_PARTS_WORDS.split())
# That somebody asks for the one, and that something is given.
_ASKED: Final = re.compile(
    r"\b(?:requests?|requested|quer(?:y|ies)|questions?|asks?|asked|look up|lookups?|report|"
    r"retrieve|return|find|answer|answers|sql|paid|needed|named|names|tickets?|goes to|go to)\b"
)
_GIVEN: Final = re.compile(
    r"\b(?:instead|as if|in (?:its|their|his|her) place|in place of|substitute|swap|replace|same|"
    r"maps to|(?:stored|saved|kept|recorded|merged|moved) (?:under|with|into|in|to)|refers? to|"
    r"answered|read|resolved|treat|the latter|applies|also counts|are paid to|use|take|fetch|"
    r"return|give|present|check|follow|goes? to|land)\b"
)
# What a careful record says about two of a sort: merge, compare, never mix.
_CARE: Final = re.compile(
    r"\b(?:never|duplicates?|not (?:mix|confuse|take|use|the same)|failover|while|verified|"
    r"both name|same trace|attack\w*|planted|compare|keep both|merged keep|refund|wrong|mistake|"
    r"bug|incident|mixed up|confused)\b"
)


_ASKING_WORDS: Final = (
    "request requests requested query queries queried question questions ask asks asked needed "
    "named names complaint complaints"
)
_ASKING: Final = frozenset(_ASKING_WORDS.split())
# Characters between two of a sort that are spoken of together.
_NEAR: Final = 150
_STRICT: Final = re.compile(
    r"\b(?:requests?|requested|quer(?:y|ies)|queried|questions?|asks?|asked|is needed|is named|"
    r"names|complaints?)\b"
)


def paired(text: str) -> Iterator[Found]:
    """Two things of one sort, of which the one is to stand for the other.

    Args:
        text: The record's text as written, on one line.
    """
    view = text.lower()
    words = frozenset(view.split())
    if not words.isdisjoint(_NOUNS):
        yield from _named(text, view)
    if not words.isdisjoint(_ASKING) and _STRICT.search(view) and _GIVEN.search(view):
        yield from _numbered(text, view)


def _named(text: str, view: str) -> Iterator[Found]:
    known: dict[str, str] = {}
    for hit in _NAMED.finditer(text):
        noun, name = (hit["person"] or hit["thing"]).lower(), hit["name"]
        if known.setdefault(noun, name) != name:
            if (_ASKED.search(view) or _GIVEN.search(view)) and not _CARE.search(view):
                yield _bridge(noun, known[noun], name)
            return


def _numbered(text: str, view: str) -> Iterator[Found]:
    known: dict[str, str] = {}
    places: dict[str, int] = {}
    for hit in _OTHER.finditer(text):
        noun, name = hit["noun"], hit["name"]
        if noun in _PARTS or known.setdefault(noun, name) == name:
            places[noun] = hit.start()
            continue
        near = hit.start() - places.get(noun, 0) <= _NEAR and _shape(name) == _shape(known[noun])
        if near and not _CARE.search(view):
            yield _bridge(noun, known[noun], name)
            return


def _shape(name: str) -> str:
    return "figures" if name[0].isdigit() else "capitals" if name.isupper() else "name"


def _bridge(noun: str, one: str, other: str) -> Found:
    return Found("bridges two subjects", ENOUGH, excerpt(f"{noun} {one} … {noun} {other}"))

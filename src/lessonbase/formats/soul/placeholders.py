"""Places in a template that nobody has filled in: ``[Belief 1]``, ``...``, ``<your name>``."""

import re
from typing import Final

_DATE: Final = re.compile(r"\[\s*\d[\d\s./:TZ+-]*\]")
_WHOLE: Final = re.compile(
    r"\[[^\[\]]+\]|\{\{[^{}]+\}\}|<(?!https?:|mailto:)[^<>@]{1,80}>"
    r"|\(?(?:tbd|tba|todo|n/a|optional|fill (?:me )?in|to be (?:done|defined|written)"
    r"|placeholder)\)?",
    re.IGNORECASE,
)
_KEYED: Final = re.compile(r"[^\[\]:]{1,60}:\s*(\[[^\[\],]+\]|\.{3}|…)")
_BRACKET: Final = re.compile(r"\[([^\[\]]{1,80})\]\s*(?:[:–—-]|$)")
# What templates put in brackets; a bracket with other words in front of a text is a label.
_TEMPLATE: Final = re.compile(
    r"\b(?:your|interest|person|people|book|work|concept|term|topic|name|domain|belief|opinion"
    r"|example|description|skill|insert|project|thing|value|boundary|tension|peeve|specific|brief"
    r"|list|describe|principle|trait|rule|fear|experience)s?\b|\d\s*$",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Whether *text*, without emphasis, is a place to fill in rather than something said.

    >>> [is_placeholder(text) for text in ("[Belief 1]", "...", "Won't: [Boundary]", "TBD")]
    [True, True, True, True]
    >>> [is_placeholder(text) for text in ("[2026-03-01] Went live", "[HIGH] Ask first", "[a](b)")]
    [False, False, False]
    """
    bare = text.strip().strip("_*").strip()
    if not bare.strip(" .…:;,-–—"):
        return True
    if _DATE.match(bare):
        return False
    if _WHOLE.fullmatch(bare.rstrip(".")) or _KEYED.fullmatch(bare):
        return True
    bracket = _BRACKET.match(bare)
    return bool(bracket and _TEMPLATE.search(bracket[1]))

"""One text, read for all that could command: the rules, in every disguise."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lessonbase.guard.screening.commands import CONDUCT, RULES
from lessonbase.guard.screening.folding import disguises, folded, plain, run_together
from lessonbase.guard.screening.found import CERTAIN, ENOUGH, HINT, Found, Mark, excerpt
from lessonbase.guard.screening.languages import EUROPEAN, in_other_scripts
from lessonbase.guard.screening.markup import marked_up
from lessonbase.guard.screening.phrases import Match, Rules
from lessonbase.guard.screening.quoting import spoken_of
from lessonbase.guard.screening.shortcuts import SHORTCUTS
from lessonbase.guard.screening.taking import TAKES, sent_away

_ORDERS: Final = Rules((*RULES, *CONDUCT, *EUROPEAN))
_ADVICE: Final = Rules((*TAKES, *SHORTCUTS))
# A word of Latin letters with lookalikes of other alphabets in it; three in a text are no slip.
_MIXED: Final = re.compile(r"[a-z]{2,20}[а-яіјѕһԁα-ω][a-z]|[a-z][аеорсухіјѕһαονρ][a-z]{1,20}")
_MIXED_LIMIT: Final = 3
# What advice weighs in a field that tells what happened.
_TOLD: Final = 0.5


def read(text: str, *, tells: bool = False, forbids: bool = False) -> list[Mark]:
    """The signals in *text*, not yet weighed against one another.

    Args:
        text: Without hidden characters.
        tells: Whether the text tells what happened (a cause, a symptom): advice in it weighs half.
        forbids: Whether it says what not to do: advice in it weighs nothing.
    """
    view = plain(text)
    shown = " ".join(text.split())
    source = shown if len(shown) == len(view) else view
    marks = [_mark(match, view, source) for match in _ORDERS.matches(view)]
    if not view.isascii():
        marks += [_mark(match, view, source) for match in in_other_scripts(view)]
    if not forbids:
        marks += _advised(view, source, tells=tells)
    for found, at in marked_up(text):
        lead = len(plain(text[:at])) + 1
        marks.append(
            Mark(found, quoted=spoken_of(view, min(lead, len(view)), min(lead, len(view))))
        )
    marks += _disguised(text, view, {mark.found.name for mark in marks})
    return marks


def _mark(match: Match, view: str, source: str, share: float = 1.0) -> Mark:
    found = Found(
        match.rule.name, match.rule.strength * share, excerpt(source[match.start : match.end])
    )
    return Mark(found, quoted=spoken_of(view, match.start, match.end))


def _advised(view: str, source: str, *, tells: bool) -> Iterator[Mark]:
    for match in _ADVICE.matches(view):
        yield _mark(match, view, source, _TOLD if tells else 1.0)
    for start, end in sent_away(view):
        found = Found(
            "sends data away", ENOUGH * (_TOLD if tells else 1.0), excerpt(source[start:end])
        )
        yield Mark(found, quoted=spoken_of(view, start, end))


def _disguised(text: str, view: str, known: set[str]) -> Iterator[Mark]:
    """Orders that only show in another reading: whoever hides an order means it."""
    whole = folded(view)
    for other in (*([whole] if whole != view else []), *disguises(text, whole)):
        for match in _ORDERS.matches(other):
            if match.rule.name not in known and match.rule.strength >= ENOUGH:
                yield Mark(
                    Found("disguised order", CERTAIN, excerpt(other[match.start : match.end]))
                )
                return
    if order := run_together(whole):
        yield Mark(Found("disguised order", CERTAIN, excerpt(order)))
    elif whole != view and len(_MIXED.findall(view)) >= _MIXED_LIMIT:
        yield Mark(Found("mixed alphabets", HINT, excerpt(view)))


def strongest(marks: Sequence[Mark]) -> tuple[Found, ...]:
    """Each signal once, with its greatest strength; strongest first."""
    best: dict[str, Found] = {}
    for mark in marks:
        found = mark.found
        if found.strength > 0 and (
            found.name not in best or best[found.name].strength < found.strength
        ):
            best[found.name] = found
    return tuple(sorted(best.values(), key=lambda found: (-found.strength, found.name)))

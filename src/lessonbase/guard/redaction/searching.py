"""Every rule over one text, and the text without what they found."""

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from lessonbase.guard.redaction.addresses import addresses
from lessonbase.guard.redaction.blocks import blocks
from lessonbase.guard.redaction.contacts import emails, phones
from lessonbase.guard.redaction.credentials import in_commands, in_headers, in_urls
from lessonbase.guard.redaction.finding import MARKER, Finding, Redacted
from lessonbase.guard.redaction.homes import homes
from lessonbase.guard.redaction.labels import labelled
from lessonbase.guard.redaction.numbers import cards, ibans, ssns
from lessonbase.guard.redaction.tokens import tokens

# A text and the same in lower case → findings.
Rule = Callable[[str, str], Iterator[Finding]]

# Most passes over a text. A pass sees what an earlier one's marker laid bare: an address that was
# part of two findings. Two have always sufficed for text as people write it.
_PASSES: Final = 8
# Rules, the surest first, each with the digits that a text must at least have for it to be tried.
_RULES: Final[tuple[tuple[int, Rule], ...]] = (
    (0, lambda text, _: blocks(text)),
    (0, lambda text, _: tokens(text)),
    (0, lambda text, _: in_urls(text)),
    (0, in_headers),
    (0, in_commands),
    (0, labelled),
    (12, lambda text, _: ibans(text)),
    (13, lambda text, _: cards(text)),
    (9, ssns),
    (7, lambda text, _: phones(text)),
    (3, lambda text, _: addresses(text)),
    (0, lambda text, _: emails(text)),
    (0, homes),
)


def find(text: str) -> tuple[Finding, ...]:
    """Secrets and personal data in *text*, in order, none overlapping another.

    Time grows with the length of the text, and with nothing else.

    >>> [(one.kind, one.start, one.end) for one in find("mail ada@acme.io, password: hunter2")]
    [('email', 5, 16), ('password', 28, 35)]
    """
    found: list[Finding] = []
    for _ in range(_PASSES):
        marked, moved = _replaced(text, found)
        fresh = _pass(marked)
        if not fresh:
            break
        found = sorted([*found, *_in_original(fresh, moved)], key=lambda one: one.start)
    return tuple(found)


def redact(text: str) -> Redacted:
    """*text* with a marker, ``(redacted:KIND)``, in place of each finding.

    Doing it again changes nothing.

    >>> redact("mail ada@acme.io, password: hunter2").text
    'mail (redacted:email), password: (redacted:password)'
    """
    found = find(text)
    if not found:
        return Redacted(text, {})
    return Redacted(_replaced(text, found)[0], Counter(one.kind for one in found))


def _pass(text: str) -> list[Finding]:
    """What the rules find in one pass; where two findings overlap, the surer rule's."""
    low = text.lower() if "\u0130" not in text else text.replace("\u0130", "I").lower()
    taken = _Taken([match.span() for match in MARKER.finditer(text)] if "(red" in text else [])
    kept: list[Finding] = []
    digits = sum(map(text.count, "0123456789"))
    for least, rule in _RULES:
        if digits >= least:
            kept += taken.admit(rule(text, low))
    return sorted(kept, key=lambda one: one.start)


class _Taken:
    """Spans that are spoken for."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)

    def admit(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those of *findings* that overlap nothing taken; they are taken from now on."""
        admitted = []
        for one in findings:
            at = bisect(self._spans, (one.start, one.end))
            clear_before = at == 0 or self._spans[at - 1][1] <= one.start
            clear_after = at == len(self._spans) or one.end <= self._spans[at][0]
            if clear_before and clear_after:
                self._spans.insert(at, (one.start, one.end))
                admitted.append(one)
        return admitted


def _replaced(text: str, found: Sequence[Finding]) -> tuple[str, list[tuple[int, int]]]:
    """*text* with markers, and by how much its characters have moved.

    Returns:
        The text; and, in order, where a marker ends in it and how much further to the right its
        characters are from there on than in *text*.
    """
    parts: list[str] = []
    moved = [(0, 0)]
    at = 0
    for one in found:
        parts += (text[at : one.start], one.marker)
        at = one.end
        by = moved[-1][1] + len(one.marker) - (one.end - one.start)
        moved.append((one.end + by, by))
    return "".join((*parts, text[at:])), moved


def _in_original(fresh: Iterable[Finding], moved: list[tuple[int, int]]) -> Iterator[Finding]:
    """Findings in a marked text as spans of the text without markers."""
    for one in fresh:
        by = moved[bisect(moved, one.start, key=lambda place: place[0]) - 1][1]
        yield Finding(one.kind, one.start - by, one.end - by)

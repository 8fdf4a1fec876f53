"""The shapes that advice has in lists: labelled parts, "when X: do Y", "X → Y", "do Y because Z".

A sentence is taken apart only where its shape is plain; otherwise all of it is the rule.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

_ROLES: Final = {
    name: role
    for role, names in {
        "situation": "situation, context, when, problem, issue, symptom, mistake, scenario, trigger"
        ", error, gotcha, pitfall, what happened, case, challenge",
        "advice": "advice, do, fix, solution, resolution, rule, lesson, action, instead, prevention"
        ", takeaway, correct, do instead, right, remedy, workaround, recommendation, learning"
        ", better, next time, good",
        "avoid": "avoid, don't, dont, never, wrong, anti-pattern, antipattern, do not, incorrect"
        ", bad, not",
        "rationale": "why, cause, root cause, because, reason, rationale, explanation",
        "limits": "limits, limit, except, exception, exceptions, limitations, unless",
    }.items()
    for name in names.split(", ")
}
_LABEL: Final = re.compile(
    r"(?:^[ \t]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?|(?<=[.!?;])[ \t]+)"
    rf"(?P<name>{'|'.join(sorted(map(re.escape, _ROLES), key=len, reverse=True))})"
    r"[ \t]?[:：][ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_CONDITION: Final = re.compile(
    r"(?P<word>when(?:ever)?|if|before|after|while|once|in case(?: of)?|as soon as)\s",
    re.IGNORECASE,
)
# Verbs that begin an order, for the comma after a condition.
_ORDER: Final = re.compile(
    r"(?:then\s+)?(?:please\s+)?(?:always|never|do|don't|don’t|avoid|use|run|check|make|ensure|prefer"
    r"|verify|add|remove|set|restart|stop|start|ask|read|write|keep|call|look|wait|try|test|roll"
    r"|delete|create|update|commit|push|pull|first|only|be|also|rerun|re-run|put|get|raise|return"
    r"|consult|confirm|report|log|record|increase|reduce|lower|pin|treat|follow|include|open|close"
    r"|you (?:must|should)|we (?:must|should)|it is better)\b",
    re.IGNORECASE,
)
_ARROW: Final = re.compile(r"\s(?:→|⇒|->|=>|-->)\s")
_BECAUSE: Final = re.compile(
    r"(?:,?\s+because\s|,\s+since\s(?!\d|v\d)|\s+(?:—|–|--)\s|\s+\((?=because\s|since\s(?!\d)))",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[.!?]\s")
_CODE: Final = re.compile(r"`[^`\n]*`")
# Longest text that is taken apart; a longer one is prose.
_LONGEST: Final = 4_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What a piece of advice says. A situation makes it a lesson; without one it is a rule."""

    advice: str = ""
    situation: str = ""
    avoid: str = ""
    rationale: str = ""
    limits: str = ""


def shaped(text: str) -> Shape:
    """*text* taken apart, by the first of the shapes that it has.

    >>> shaped("When the disk is full: rotate the logs because they grow first")
    Shape(advice='rotate the logs', situation='When the disk is full', avoid='', \
rationale='they grow first', limits='')
    >>> shaped("Problem: the pool is dry. Fix: close what you open").advice
    'close what you open'
    >>> shaped("flaky test → run it alone first").situation
    'flaky test'
    """
    if len(text) > _LONGEST:
        return Shape(advice=text)
    parts = labelled(text)
    if parts:
        return Shape(**parts)
    hidden = _CODE.sub(lambda code: "x" * len(code[0]), text)
    for cut in (_conditional(hidden), _arrow(hidden)):
        if cut:
            advice, rationale = _reasoned(text[cut[1] :].strip(), hidden[cut[1] :].strip())
            return Shape(advice=advice, situation=text[: cut[0]].strip(), rationale=rationale)
    advice, rationale = _reasoned(text, hidden)
    return Shape(advice=advice, rationale=rationale)


def labelled(text: str) -> dict[str, str]:
    r"""The parts of *text* by what they are, if it begins with a label; else nothing.

    >>> labelled("Wrong: sleep(5)\nRight: wait for the port\nWhy: it is slow, too")
    {'avoid': 'sleep(5)', 'advice': 'wait for the port', 'rationale': 'it is slow, too'}
    """
    parts: dict[str, str] = {}
    for role, said in _parts(text):
        parts[role] = f"{parts[role]}\n{said}" if parts.get(role) else said
    return {role: said for role, said in parts.items() if said}


def role_of(name: str) -> str | None:
    """What a label or a heading of this name says: a field of :class:`Shape`; none if nothing.

    >>> role_of("Root cause:"), role_of("Setup")
    ('rationale', None)
    """
    return _ROLES.get(name.strip(" :*_#").casefold().replace("’", "'"))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """What each label is for and what follows it; nothing if a text stands before the first."""
    marks = [mark for mark in _LABEL.finditer(text) if _is_label(text, mark)]
    before = text[: marks[0].start()].strip() if marks else text
    if before and (not marks or role_of(before) is None):
        return
    ends = [*(mark.start() for mark in marks[1:]), len(text)] if marks else []
    for mark, end in zip(marks, ends, strict=True):
        first, break_, rest = text[mark.end() : end].partition("\n")
        yield _ROLES[mark["name"].casefold()], f"{first}{break_}{dedent(rest)}".strip()


def _is_label(text: str, mark: re.Match[str]) -> bool:
    """In the middle of a line a label begins with a capital letter."""
    first = mark.start() == 0 or text[mark.start() - 1] == "\n"
    return first or mark["name"][:1].isupper()


def _conditional(hidden: str) -> tuple[int, int] | None:
    """Where the condition ends and the advice begins, if the text is of that shape."""
    if not _CONDITION.match(hidden):
        return None
    end = _SENTENCE.search(hidden)
    first = hidden[: end.start()] if end else hidden
    colon = re.search(r":\s|\s(?:→|⇒|->|=>|—|–)\s", first)
    if colon and hidden[colon.end() :].strip():
        return colon.start(), colon.end()
    commas = [found.start() for found in re.finditer(r",\s", first)]
    ordered = [at for at in commas if _ORDER.match(hidden, at + 2)]
    chosen = ordered[:1] or (commas if len(commas) == 1 else [])
    return (chosen[0], chosen[0] + 1) if chosen else None


def _arrow(hidden: str) -> tuple[int, int] | None:
    """The one arrow of a text that has words on both of its sides."""
    arrows = list(_ARROW.finditer(hidden))
    if len(arrows) != 1 or "\n" in hidden.strip():
        return None
    left, right = hidden[: arrows[0].start()].split(), hidden[arrows[0].end() :].split()
    return arrows[0].span() if len(left) > 1 and len(right) > 1 else None


def _reasoned(text: str, hidden: str) -> tuple[str, str]:
    """Rule and reason: the reason has to be the rest of a text of one sentence."""
    mark = _BECAUSE.search(hidden)
    if mark is None or "\n" in text:
        return text, ""
    rule, reason = text[: mark.start()].strip(), text[mark.end() :].strip()
    before, after = hidden[: mark.start()], hidden[mark.end() :].rstrip(" .!?")
    if len(rule.split()) < 3 or len(reason.split()) < 2 or _SENTENCE.search(f"{before} {after}"):
        return text, ""
    if mark[0].endswith("("):
        reason = re.sub(r"^(?:because|since)\s", "", reason).rstrip(").")
    return rule.rstrip(","), reason

"""How a rule is written, and where in a text it holds.

A rule is a line of words: ``ignore|disregard ~3 previous|prior ~1 instructions``. A bar separates
alternatives, an underscore joins words, ``~3`` lets up to three words stand between, a word in
capitals stands for a list, and ``?`` at the end makes a word optional. A rule is only tried on a
text that has a word of each of its lists, which is why a harmless text costs next to nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

# Between two words: no end of a sentence, and few signs, so that no text makes matching slow.
_GAP: Final = r"[^a-z0-9.!?;]{1,6}"
_ANY: Final = r"[a-z0-9']{1,40}"
_WORD: Final = re.compile(r"[a-z0-9']+")

# Words that most texts have: a rule is looked up by others, if it has them.
_COMMON_WORDS: Final = (
    "the a an this that these all any every each is are was it in on to of with for when if not "
    "no do you your use check tests test data never always without only by as than and or say "
    "take read set"
)
_COMMON: Final = frozenset(_COMMON_WORDS.split())

# What stands before a command to the reader: the start of a clause, or a word that urges.
_URGED: Final = re.compile(
    r"(?:^|[.!?;:,()\[\]{}\"'<>*#|/`=_~-]|\b(?:please|now|then|must|should|shall|always|simply|"
    r"just|also|first|instead|and|or|so|but|do|therefore|kindly|immediately|you|you will|you can|"
    r"you may|it|(?:you|have|need|ought|required|allowed|safe|fine|best|remember|sure|free|"
    r"supposed) to))\s*$"
)
# What turns the words after it round, unless the clause ends in between.
_NEGATED: Final = re.compile(
    r"(?:\b(?:never|not|cannot|avoid|avoids|refuse|refuses|forbid|forbids|forbidden|prevent|"
    r"prevents|block|blocks|nobody|neither|nor|without|stop|instead of|rather than|no one|nothing|"
    r"against|reject|rejects|only if|unless)\b|n't\b)[^.!?;:,]{0,60}$"
)
# Words that look like a negation and urge.
_URGING: Final = re.compile(
    r"\b(?:not hesitate|n't hesitate|not wait|n't wait|not only|without fear)\b"
)
_BEFORE: Final = 80


@dataclass(frozen=True, slots=True)
class Rule:
    """A way in which a text commands.

    Attributes:
        name: The signal it gives.
        strength: In (0, 1].
        pattern: For small letters, quotes and spaces made plain. Compiled when it is first tried:
            most rules never are, and all of them take a tenth of a second.
        needs: A text without a word of each set cannot match.
        directed: Whether it must stand where a command stands, not where one is told of.
        advice: Whether it is about what to do rather than about the reader: then a negation turns
            it round, and in a field that tells what happened it weighs half.
    """

    name: str
    strength: float
    pattern: str
    needs: tuple[frozenset[str], ...] = ()
    directed: bool = False
    advice: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """Where a rule holds in a view of a text."""

    rule: Rule
    start: int
    end: int


def rule(
    name: str,
    strength: float,
    line: str,
    lists: Mapping[str, str] | None = None,
    *,
    directed: bool = False,
    advice: bool = False,
) -> Rule:
    """A rule from a line of words; see the module for how it is written."""
    lists = lists or {}
    parts: list[str] = []
    needs: list[frozenset[str]] = []
    between = ""
    for token in line.split():
        if token.startswith("~"):
            between = rf"(?:{_GAP}{_ANY}){{0,{token[1:]}}}?"
            continue
        optional = token.endswith("?")
        choices = [
            choice
            for name in token.rstrip("?").split("|")
            for choice in lists.get(name, name).split("|")
        ]
        joined = "|".join(_GAP.join(map(re.escape, choice.split("_"))) for choice in choices)
        part = f"{between + _GAP if parts else ''}(?:{joined})"
        parts.append(f"(?:{part})?" if optional else part)
        if not optional:
            needs.append(frozenset(map(_rarest, choices)))
        between = ""
    pattern = rf"(?<![a-z0-9'])(?:{''.join(parts)})(?![a-z0-9'])"
    return Rule(name, strength, pattern, tuple(needs), directed, advice)


def _rarest(choice: str) -> str:
    """The word of a choice that the fewest texts have."""
    words: list[str] = _WORD.findall(choice)
    return min(words, key=lambda word: (word in _COMMON, -len(word)))


def raw(name: str, strength: float, pattern: str, needs: str, *, advice: bool = False) -> Rule:
    """A rule from a regular expression.

    Args:
        name: The signal it gives.
        strength: In (0, 1].
        pattern: For a plain view.
        needs: Words of which a text must have one; lists of them are parted by ``&``.
        advice: See :class:`Rule`.
    """
    lists = tuple(frozenset(words.split()) for words in needs.split("&"))
    return Rule(name, strength, pattern, lists, advice=advice)


def literal(name: str, strength: float, text: str, *, advice: bool = False) -> Rule:
    """A rule that holds where *text* stands, whatever is around it."""
    needs = tuple(frozenset({word}) for word in _WORD.findall(text))
    pattern = rf"(?<![\w-]){re.escape(text)}(?!\w)"
    return Rule(name, strength, pattern, needs, advice=advice)


class Rules:
    """Rules, found by the words that they need."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_word: dict[str, list[Rule]] = {}
        for one in rules:
            rarest = min(one.needs, key=lambda need: (len(need & _COMMON), len(need)))
            for word in rarest:
                self._by_word.setdefault(word, []).append(one)
        self._words = frozenset(self._by_word)

    def matches(self, view: str) -> Iterator[Match]:
        """The first place of *view* in which each rule holds.

        Args:
            view: The text in small letters; see `folding.plain`.
        """
        words = frozenset(_WORD.findall(view))
        asked = {id(one): one for word in words & self._words for one in self._by_word[word]}
        for one in asked.values():
            if not any(need.isdisjoint(words) for need in one.needs):
                yield from _first(one, view)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A rule's pattern, compiled once."""
    return re.compile(pattern)


def _first(tried: Rule, view: str) -> Iterator[Match]:
    for hit in compiled(tried.pattern).finditer(view):
        before = view[max(0, hit.start() - _BEFORE) : hit.start()]
        if tried.directed and (not _URGED.search(before) or negated(before)):
            continue
        if tried.advice and negated(before):
            continue
        yield Match(tried, hit.start(), hit.end())
        return


def negated(before: str) -> bool:
    """Whether what follows *before* is forbidden, not asked for."""
    return bool(_NEGATED.search(before)) and not _URGING.search(before)

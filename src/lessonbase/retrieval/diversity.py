"""Several ways of saying one thing, made one.

Pure: ids, vectors and texts in, groups out. A cosine alone does not tell a paraphrase from its
contrary: "set the timeout to 5 s" and "to 30 s" are at .96, "use it" and "never use it" at .94. So
what is near must also not differ in what turns one piece of advice into another.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lessonbase.signature import identifiers


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# Least cosine of two records that may say the same, for the shipped encoder. Read by hand in pairs
# that pass the checks below: among lessons that agents wrote (reme_situation_lesson) 27 of 28 from
# .90 up say the same, 28 of 31 between .85 and .90, but 12 of 16 between .80 and .85; among texts
# that share no more than a heading (scale/wild) 6 of 8 from .85 up. No two of the 314 seed records
# come above .78. A rewording of everything lies lower, at .6 to .86, as different lessons do.
SAME: Final = 0.85
# Where so few words differ, in texts this near, they are what the records differ in.
_FEW: Final = 2
# Least share of the words of a record's advice that are also in its leader's. Title and situation
# may make a cosine by themselves; of nine such pairs from .85 up, seven advise something else.
_SHARE: Final = 0.4
# Words after a negation that it denies.
_REACH: Final = 4

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?|[.;:,!?()\n]")
_NUMBER: Final = re.compile(
    r"(?<![\w.])(\d+(?:[.,:]\d+)*)(?:[ -]?(%|(?:ms|[smhdw]|secs?|seconds?|min(?:ute)?s?|hours?"
    r"|days?|weeks?|[kmgt]i?b)\b))?",
    re.IGNORECASE,
)
_OPERATOR: Final = re.compile(r"[<>]=?|[!=]=|[≤≥≠]|\w(?:\+\+|#)")

_NUMBERS: Final = {
    word: str(number)
    for number, word in enumerate(_listed("two three four five six seven eight nine ten"), 2)
}
_NUMBER_WORD: Final = re.compile(rf"\b(?:{'|'.join(_NUMBERS)})\b", re.IGNORECASE)
_NEGATIONS: Final = frozenset(
    _listed("""
        no not never nor neither without avoid avoiding avoids prevent prevents preventing cannot
        refuse forbid dont doesnt wont cant
    """)
)
_BUT: Final = {("instead", "of"), ("rather", "than")}
_FILLING: Final = frozenset(
    _listed("""
        a an the is are was were be been it its this that these those to of and or for at by as you
        your we our they their so must should can may will would do does did if when while which who
        such than then there
    """)
)
_PAIRS: Final = tuple(
    pair.split("/")
    for pair in _listed("""
        above/below accept/reject add/remove all/none allow/block allow/deny allow/forbid
        always/sometimes before/after client/server create/delete decrease/increase early/late
        enable/disable encrypt/decrypt fast/slow few/many first/last high/low horizontal/vertical
        import/export in/out include/exclude internal/external keep/delete left/right lower/raise
        lower/higher manual/automatic min/max minimum/maximum more/fewer more/less old/new on/off
        open/close primary/replica public/private push/pull read/write safe/unsafe short/long
        small/large staging/production start/stop synchronous/asynchronous true/false up/down
        upgrade/downgrade wait/ship yes/no
    """)
)
_ENDINGS: Final = ("ings", "ing", "ies", "ed", "es", "s", "e", "y")
_SHORTEST_STEM: Final = 3


class Said(NamedTuple):
    """What a record says."""

    text: str  # what its vector is made of
    advice: str  # of that, what to do; may be empty


def fold(
    ids: Sequence[str],
    vectors: Mapping[str, NDArray[np.float32]],
    texts: Mapping[str, Said],
    apart: Collection[tuple[str, str]] = (),
) -> list[tuple[str, tuple[str, ...]]]:
    """Group records that say the same under the best of them.

    From the best down, a record joins the first leader that it is near to (cosine ≥ `SAME`), that
    says all it says (:func:`says`), and that advises much the same; else it leads. It is compared
    with leaders only, so that no chain of small steps joins what is far apart.

    Args:
        ids: Without repeats, best first.
        vectors: Id → (dimension,) float32 of unit length. A record without one is never folded.
        texts: Id → what the record says. One that is not there is never folded.
        apart: Pairs that contradict each other, in either order. If both are among *ids*, either
            may lead and neither is folded away.
    Returns:
        The leaders, in their order, each with the records folded into it, in theirs.

    >>> texts = {one: Said(one, one) for one in ("Set x to 5.", "set x to 5", "Set y to 5.")}
    >>> fold(list(texts), dict.fromkeys(texts, np.ones(1, np.float32)), texts)
    [('Set x to 5.', ('set x to 5',)), ('Set y to 5.', ())]
    """
    rows = {one: row for row, one in enumerate(set(ids) & vectors.keys() & texts.keys())}
    if len(rows) < 2:
        return [(one, ()) for one in ids]
    matrix = np.stack([vectors[one] for one in rows])
    near = matrix @ matrix.T >= SAME
    given = set(ids)
    disputed = {one for pair in apart if given.issuperset(pair) for one in pair}
    groups: dict[str, list[str]] = {}
    for one in ids:
        leader = None
        if one in rows and one not in disputed:
            leader = next(
                (
                    other
                    for other in groups
                    if other in rows
                    and near[rows[one], rows[other]]
                    and says(texts[other].text, texts[one].text)
                    and _advises(texts[other].advice, texts[one].advice)
                ),
                None,
            )
        if leader is None:
            groups[one] = []
        else:
            groups[leader].append(one)
    return [(leader, tuple(folded)) for leader, folded in groups.items()]


def says(text: str, other: str) -> bool:
    """Whether *text* says what *other* says, if they are near: nothing is turned round or lost.

    It does not if *other* has a number, identifier or name that *text* lacks; if one denies what
    the other asks for, or has the opposite word; if *other* has just a word or two of its own; or
    if both have the same words in another order. A wrong "no" costs some tokens; a wrong "yes"
    hides what somebody wrote, so doubt says no.

    >>> says("Set the timeout to 5 s.", "Set a timeout of 5 seconds")
    True
    >>> says("Set the timeout to 5 s.", "Set the timeout to 30 s.")
    False
    >>> says("Use the pool.", "Never use the pool.")
    False
    """
    ours, theirs = _read(text), _read(other)
    if ours.order == theirs.order and ours.denied == theirs.denied:
        return ours.marks == theirs.marks
    if not ours.marks >= theirs.marks or not ours.words >= theirs.names:
        return False
    if ours.turns(theirs):
        return False
    only_ours, only_theirs = ours.beside(theirs), theirs.beside(ours)
    return len(only_theirs) > _FEW or bool(only_ours and not only_theirs)


def turned_round(text: str, other: str) -> bool:
    """Whether one of two texts denies what the other says, or has the opposite word.

    >>> turned_round("look at the load of the primary", "the load of the replica")
    True
    """
    return _read(text).turns(_read(other))


def _advises(advice: str, other: str) -> bool:
    """Whether enough of the words of *other* are in *advice*."""
    ours, theirs = _read(advice).words, _read(other).words
    return len(ours & theirs) >= _SHARE * len(theirs)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What of a text tells it apart: its words as stems, in order, and which of them it denies."""

    order: tuple[str, ...]
    words: frozenset[str]
    denied: tuple[frozenset[str], ...]  # one set for each negation
    names: frozenset[str]  # words with a capital inside a sentence
    marks: frozenset[str]  # numbers with their units, identifiers, operators

    def denies(self, other: "_Reading") -> bool:
        """Whether a negation here bears on nothing that *other* denies, but on what it says."""
        denied = frozenset().union(*other.denied)
        shared = (scope & other.words for scope in self.denied)
        return any(words and not words & denied for words in shared)

    def beside(self, other: "_Reading") -> Counter[str]:
        """Words that *other* lacks."""
        return Counter(self.order) - Counter(other.order)

    def turns(self, other: "_Reading") -> bool:
        """Whether one denies what the other says, or has a word that is opposite to one of it."""
        if self.denies(other) or other.denies(self):
            return True
        ours, theirs = self.beside(other), other.beside(self)
        return any(one in ours and opposite in theirs for one, opposite in _OPPOSITES)


@lru_cache(maxsize=1_024)
def _read(text: str) -> _Reading:
    order: list[str] = []
    scopes: list[set[str]] = []
    names: set[str] = set()
    digits = _NUMBER_WORD.sub(_in_digits, text)
    numbers = {number + _unit(unit) for number, unit in _NUMBER.findall(digits)}
    left, denying, starts, before = 0, False, True, ""
    for match in _WORD.finditer(_NUMBER.sub(" ", digits)):
        sign = match[0]
        word = sign.lower().replace("’", "'")
        if not sign[0].isalnum():
            left, starts = 0, sign not in ",)"
            continue
        if word in _NEGATIONS or word.endswith("n't") or (before, word) in _BUT:
            # A negation within the reach of another undoes it: never without.
            denying = not (denying and left)
            left = _REACH
            if denying:
                scopes.append(set())
        elif word not in _FILLING:
            stem = _stem(word)
            order.append(stem)
            if sign[0].isupper() and not starts:
                names.add(stem)
            if left and denying:
                scopes[-1].add(stem)
            left = max(left - 1, 0)
        starts, before = False, word
    return _Reading(
        tuple(order),
        frozenset(order),
        tuple(map(frozenset, scopes)),
        frozenset(names),
        frozenset((*numbers, *identifiers(text), *_OPERATOR.findall(text))),
    )


def _in_digits(match: re.Match[str]) -> str:
    return _NUMBERS[match[0].lower()]


def _unit(name: str) -> str:
    name = name.lower()
    return name if name == "ms" or name.endswith("b") else name[:1]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


_OPPOSITES: Final = frozenset(
    (_stem(one), _stem(other)) for a, b in _PAIRS for one, other in ((a, b), (b, a))
)

"""How one assertion stands to another: same, near, narrower, contrary or new.

Pure: two texts and the cosine of their vectors in, a judgment out. A cosine alone does not tell a
rule from its contrary ("use retries" and "never use retries" are at .9), so it only says what is
worth comparing; words, negations and numbers decide. benchmarks/relations.py measures it.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lessonbase.curation.normal import normal_form
from lessonbase.curation.opposition import Comparison, confront
from lessonbase.curation.reading import READ_LIMIT, Reading, read
from lessonbase.curation.vocabulary import LIGHT_VERBS
from lessonbase.records import Relation

# Cosine below which only equal spelling is looked for, for the shipped encoder. Of the first pairs
# written by hand, all contrary ones lie above .72, and all of one sense above .65 but one at .38.
NEAR: Final = 0.5
# Least cosine at which clauses that oppose each other make a contradiction; of two texts farther
# apart they are about different matters.
_OPPOSED: Final = 0.6
# Least cosine of texts with equal words. Only an odd order of them brings it lower.
_EQUAL: Final = 0.6
# Least share of pairs of neighbouring words that texts with equal words have in common. Clauses
# turned round keep most; "the client calls the server" and its converse none.
_KEPT_ORDER: Final = 0.2
_KEPT_ORDER_LONG: Final = 0.5
# Different words from which on a text is long in that sense.
_LONG: Final = 6
# Least cosine at which a text that says more than another refines it.
_NARROWER: Final = 0.6
# From these on, two texts of different words support each other: a high cosine, or a middling one
# where one has most of the other's words.
_ALIKE: Final = 0.85
_AKIN: Final = 0.75
_CONTAINED: Final = 0.6
_FEWEST: Final = 3
# Or where they have a clause of so many common words.
_CLAUSE: Final = 4
# Words that a piece of evidence names.
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Judgment:
    """How one assertion stands to another.

    Attributes:
        relation: What the new one is to the old one; none if it is new.
        similarity: What the judgment rests on, in [0, 1]: 1 for equal spelling, else the cosine.
        evidence: Why, in a line for a reader.
    """

    relation: Relation | None
    similarity: float
    evidence: str


def compare(new: str, old: str, cosine: float) -> Judgment:
    """How the assertion *new* stands to the assertion *old*.

    Args:
        new: What is claimed now.
        old: What was claimed before.
        cosine: Of their vectors, from all-MiniLM-L6-v2. Below `NEAR`, only equal spelling counts.

    Returns:
        `DUPLICATE_OF` where both say the same, `CONTRADICTS` where one denies, reverses or puts
        another number on what the other says (both are symmetric), `REFINES` where the new one says
        all the old one says and more, `SUPPORTS` where they are near or the new one says less.

    >>> compare("Use “retries”!", "use retries", 0.9).relation.value
    'duplicate_of'
    >>> compare("Never use retries.", "Use retries.", 0.9).relation.value
    'contradicts'
    >>> compare("Set a timeout of 5 s.", "Set a timeout of 30 seconds.", 0.9).evidence
    '5 s against 30 seconds'
    """
    near = min(max(0.0, float(cosine)), 1.0)
    if normal_form(new) == normal_form(old):
        return Judgment(Relation.DUPLICATE_OF, 1.0, "the same words")
    if near < NEAR:
        return Judgment(None, near, "nothing near in meaning")
    ours, theirs = read(new), read(old)
    held = confront(ours, theirs)
    even = held.paired or (ours.negations - theirs.negations) % 2 == 0
    contrary = _contrary(ours, theirs, near, held, even=even)
    if contrary is not None:
        return contrary
    whole = max(len(new), len(old)) <= READ_LIMIT and ours.whole and theirs.whole
    may_equal = even and whole and _same_manner(ours, theirs)
    return _alike(ours, theirs, near, held.agreed, may_equal=may_equal)


def _contrary(
    ours: Reading, theirs: Reading, near: float, held: Comparison, *, even: bool
) -> Judgment | None:
    """The judgment if one text opposes the other; none if neither does."""
    if near < _OPPOSED:
        return None
    found = held.against
    when = [one for one in found if one.condition]
    what = [one for one in found if not one.condition]
    if when and what and not any(one.sort == "number" for one in found):
        return Judgment(None, near, f"each has its own condition: {when[0].evidence}")
    if found:
        return Judgment(Relation.CONTRADICTS, near, found[0].evidence)
    if ours.words == theirs.words and not even:
        return Judgment(Relation.CONTRADICTS, near, "the same words but for a negation")
    return None


def _alike(
    ours: Reading, theirs: Reading, near: float, agreed: int, *, may_equal: bool
) -> Judgment:
    """How texts stand to each other of which neither opposes the other."""
    ours_only, theirs_only = _words_apart(ours, theirs), _words_apart(theirs, ours)
    if not ours_only or not theirs_only:
        # A light verb that one has for none of the other's is no difference.
        ours_only, theirs_only = ours_only - LIGHT_VERBS, theirs_only - LIGHT_VERBS
    numbers, other_numbers = _numbers_apart(ours, theirs), _numbers_apart(theirs, ours)
    added = [*sorted(ours_only), *numbers]
    missing = [*sorted(theirs_only), *other_numbers]
    if not added and not missing and ours.words and near >= _EQUAL:
        if may_equal and _same_order(ours, theirs):
            return Judgment(Relation.DUPLICATE_OF, near, "the same but for words that say nothing")
        return Judgment(Relation.SUPPORTS, near, "the same words, put otherwise")
    if near >= _NARROWER and ours.words & theirs.words:
        if not missing:
            return Judgment(Relation.REFINES, near, f"adds: {_some(added)}")
        if not added:
            return Judgment(Relation.SUPPORTS, near, f"says less, without: {_some(missing)}")
    common = len(ours.words & theirs.words)
    least = max(_FEWEST, _CONTAINED * min(len(ours.words), len(theirs.words)))
    if near >= _ALIKE or (near >= _AKIN and (common >= least or agreed >= _CLAUSE)):
        return Judgment(Relation.SUPPORTS, near, f"near; {_some(added)} for {_some(missing)}")
    return Judgment(None, near, "near in topic only")


def shared(ours: Reading, theirs: Reading) -> float:
    """Share of common words: 1 if all are, 0 if none is."""
    return 2 * len(ours.words & theirs.words) / max(1, len(ours.words) + len(theirs.words))


def _words_apart(ours: Reading, theirs: Reading) -> set[str]:
    """Words that *ours* has, or has more often."""
    return set(Counter(ours.sequence) - Counter(theirs.sequence))


def _numbers_apart(ours: Reading, theirs: Reading) -> list[str]:
    """Numbers of *ours* that *theirs* has not, as they are written."""
    return [
        one.text
        for one in ours.quantities
        if not one.soft and not any(map(one.equals, theirs.quantities))
    ]


def _same_manner(ours: Reading, theirs: Reading) -> bool:
    """Whether what the words do not show is alike: permission, persons, "before" and "after"."""
    directions, others = ours.directions(), theirs.directions()
    if directions != others and not len(directions) == len(others) == 1:
        return False
    both = len(set(ours.persons)) > 1 and len(set(theirs.persons)) > 1
    return ours.permits == theirs.permits and (not both or ours.persons == theirs.persons)


def _same_order(ours: Reading, theirs: Reading) -> bool:
    """Whether enough neighbours are neighbours in both texts."""
    if len(ours.words) < 2 or ours.passive != theirs.passive:
        return True
    pairs, others = (set(pairwise(one.sequence)) for one in (ours, theirs))
    least = _KEPT_ORDER if len(ours.words) < _LONG else _KEPT_ORDER_LONG
    return len(pairs & others) >= least * max(len(pairs), len(others))


def _some(words: list[str]) -> str:
    """The first of *words*, for a reader."""
    return ", ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "") or "nothing"

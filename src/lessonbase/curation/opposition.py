"""Whether two texts say opposite things, and in what: a negation, an antonym, an order, a number.

Pure. Clauses are held against each other, so that one denied clause among ten is found and a
negation elsewhere in the text is not taken for one.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from lessonbase.curation.quantities import Quantity
from lessonbase.curation.reading import Clause, Reading

# Least share of the shorter and of the longer clause's words that both have, for the two to be
# about one thing. Chosen on the dev half of tests/data/relation_pairs.jsonl.
_OF_SHORTER: Final = 0.6
_OF_LONGER: Final = 0.4
# The same where each has words that the other has not: these may be what each is about.
_OF_EITHER: Final = 0.7
# Two clauses of fewer common words than this are about one thing only if all their words are equal.
_COMMON: Final = 2


class Opposition(NamedTuple):
    """One thing that two texts say differently.

    Attributes:
        sort: "denied", "opposite", "order" or "number".
        evidence: For a reader.
        condition: Whether it is the condition that differs, not what is asked for.
    """

    sort: str
    evidence: str
    condition: bool


class Comparison(NamedTuple):
    """Two texts, clause by clause.

    Attributes:
        against: Everything in which a clause of one is against its fellow in the other.
        agreed: Words in common of the two fellows that agree and have most of them.
        paired: Whether every clause of both has a fellow, and is known to be denied or not.
    """

    against: tuple[Opposition, ...]
    agreed: int
    paired: bool


def confront(one: Reading, other: Reading) -> Comparison:
    """Hold the clauses of *one* against their fellows in *other*."""
    fellows = list(_fellows(one.clauses, other.clauses))
    found = [_against(clause, fellow) for clause, fellow in fellows]
    agreed = [
        len(clause.words & fellow.words)
        for (clause, fellow), against in zip(fellows, found, strict=True)
        if against is None
    ]
    paired = len(fellows) == len(one.clauses) == len(other.clauses) and all(
        clause.polarity and fellow.polarity for clause, fellow in fellows
    )
    return Comparison(tuple(filter(None, found)), max(agreed, default=0), paired)


def _fellows(
    ones: tuple[Clause, ...], others: tuple[Clause, ...]
) -> Iterator[tuple[Clause, Clause]]:
    """Pairs of clauses about one thing, each the other's nearest; symmetric."""
    near = [
        (share, row, column)
        for row, clause in enumerate(ones)
        for column, fellow in enumerate(others)
        if (share := _share(clause.words, fellow.words))
    ]
    rows: dict[int, tuple[float, int]] = {}
    columns: dict[int, tuple[float, int]] = {}
    # Where two are as near, one that agrees goes first.
    near.sort(key=lambda at: (at[0], _against(ones[at[1]], others[at[2]]) is None), reverse=True)
    for share, row, column in near:
        rows.setdefault(row, (share, column))
        columns.setdefault(column, (share, row))
    for row, (_, column) in sorted(rows.items()):
        if columns[column][1] == row:
            yield ones[row], others[column]


def _share(words: frozenset[str], others: frozenset[str]) -> float:
    """How near two clauses are, 0 where they are about different things."""
    common = len(words & others)
    if not common:
        return 0.0
    longer = max(len(words), len(others))
    if common < _COMMON and common < longer:
        return 0.0
    of_shorter = common / min(len(words), len(others))
    apart = common < min(len(words), len(others))
    if of_shorter < _OF_SHORTER or common / longer < (_OF_EITHER if apart else _OF_LONGER):
        return 0.0
    return of_shorter + common / longer


def _against(one: Clause, other: Clause) -> Opposition | None:
    """In what two clauses about one thing differ, if in anything."""
    condition = one.condition and other.condition
    number = _other_number(one.quantities, other.quantities)
    if number:
        return Opposition("number", number, condition)
    if not one.polarity or not other.polarity:
        return None
    sign = one.polarity * other.polarity
    sort = "denied"
    for pair in one.sides.keys() & other.sides.keys():
        if one.sides[pair] * other.sides[pair] < 0:
            sign, sort = -sign, "opposite"
    turned = _turned(one, other)
    if turned:
        sign, sort = -sign, "order"
    if sign > 0:
        return None
    about = ", ".join(sorted(word for word in one.words & other.words if word[0] != "±"))
    what = {
        "denied": "one asks for what the other denies",
        "opposite": "one has the opposite word of the other",
        "order": "the same things in the opposite order",
    }[sort]
    return Opposition(sort, f"{what}: {about}" if about else what, condition)


def _turned(one: Clause, other: Clause) -> bool:
    """Whether "A before B" stands against "B before A", "A after B", or "from A" against "to A"."""
    if len(one.orders) != len(other.orders):
        return False
    turned = False
    for (direction, left, right), (also, left_also, right_also) in zip(
        one.orders, other.orders, strict=True
    ):
        straight = len(left & left_also) + len(right & right_also)
        crossed = len(left & right_also) + len(right & left_also)
        turned ^= (direction != also) != (crossed > straight)
    both = one.roles.keys() & other.roles.keys()
    return turned ^ any(one.roles[word] != other.roles[word] for word in both)


def _other_number(ones: tuple[Quantity, ...], others: tuple[Quantity, ...]) -> str:
    """The first two numbers of one sort of thing that differ; empty if there are none."""
    alone = [one for one in ones if not any(map(one.equals, others))]
    left = [other for other in others if not any(map(other.equals, ones))]
    for one in alone:
        for other in left:
            if one.measures_as(other) and not (one.soft and other.soft):
                return f"{one.text} against {other.text}"
    return ""

"""Two documents claim by claim: what both say, what they say alike, where they contradict.

What two claims have to do with each other is for the caller to judge, by meaning; here it is only
decided which are put beside each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from lessonbase.formats.oos.model import Claim, Document

ClaimRelation = Literal["same", "similar", "contradicts", "unrelated"]


@dataclass(frozen=True, slots=True)
class Judgment:
    """How two claims stand to each other.

    Attributes:
        score: How near they are in meaning, in [0, 1].
        evidence: Why it is judged so, for a reader.
    """

    relation: ClaimRelation
    score: float
    evidence: str = ""


# Ours, theirs → how they stand. Asked once for each pair.
Judge = Callable[[Claim, Claim], Judgment]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two claims that are not unrelated."""

    ours: Claim
    theirs: Claim
    judgment: Judgment


@dataclass(frozen=True, slots=True)
class Diff:
    """What two documents have in common.

    Attributes:
        pairs: Each claim beside the one that is nearest to it, in our order, though that may be
            nearer to another one; and every contradiction, whichever claim is nearest.
        only_ours: Claims in no pair, in order.
        only_theirs: As above.
    """

    pairs: tuple[Pair, ...]
    only_ours: tuple[Claim, ...]
    only_theirs: tuple[Claim, ...]


def diff(ours: Document, theirs: Document, judge: Judge) -> Diff:
    """Compare two documents.

    Args:
        ours: One of them.
        theirs: The other.
        judge: Asked once for each pair of claims.
    """
    mine, others = ours.claims, theirs.claims
    judged = [[judge(claim, other) for other in others] for claim in mine]
    best_theirs = [_best(row) for row in judged]
    best_ours = [_best([row[j] for row in judged]) for j in range(len(others))]
    pairs = []
    for i, row in enumerate(judged):
        for j, judgment in enumerate(row):
            nearest = best_theirs[i] == j or best_ours[j] == i
            if judgment.relation == "contradicts" or nearest:
                pairs.append((i, j))
    paired = [Pair(mine[i], others[j], judged[i][j]) for i, j in pairs]
    in_ours, in_theirs = {i for i, _ in pairs}, {j for _, j in pairs}
    return Diff(
        tuple(paired),
        tuple(claim for i, claim in enumerate(mine) if i not in in_ours),
        tuple(claim for j, claim in enumerate(others) if j not in in_theirs),
    )


def assertion(claim: Claim) -> str:
    """What a claim says, for comparison by meaning: its rule, or what it has instead.

    >>> assertion(Claim("C001", rule="Ask first.", why="Trust."))
    'Ask first.'
    """
    return claim.rule or claim.failure_mode or claim.why


def _best(judgments: Sequence[Judgment]) -> int | None:
    """Index of the judgment with the highest score of those that relate; the first of equals."""
    related = [i for i, judgment in enumerate(judgments) if judgment.relation != "unrelated"]
    return max(related, key=lambda i: judgments[i].score, default=None)

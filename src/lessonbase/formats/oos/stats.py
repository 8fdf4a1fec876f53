"""Figures of a document: its counts, what a claim costs to load, and its quality tier."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Final, Literal

from pydantic import JsonValue

from lessonbase.formats.oos.body import body
from lessonbase.formats.oos.model import Claim, Document
from lessonbase.records import Confidence, Evidence

Tier = Literal["platinum", "gold", "silver", "bronze"]

# Kinds of evidence that count as strong, of the six. Source: the format's badge formula.
STRONG: Final = frozenset({Evidence.MEASURED_RESULT.value, Evidence.OBSERVED_REPEATEDLY.value})
# The order in which published files list the kinds of evidence.
EVIDENCE_ORDER: Final = (
    Evidence.HUMAN_DEFINED_RULE,
    Evidence.OBSERVED_ONCE,
    Evidence.OBSERVED_REPEATEDLY,
    Evidence.MEASURED_RESULT,
    Evidence.INFERENCE,
    Evidence.SPECULATION,
)
# Characters of a token, in the format's estimate of what a claim costs to load.
CHARACTERS_PER_TOKEN: Final = 4
# Weights of the four parts of the quality score, and the score from which each tier starts.
_WEIGHTS: Final = {"claims": 0.15, "strong": 0.25, "failures": 0.20, "mix": 0.10}
_TIERS: Final[tuple[tuple[float, Tier], ...]] = ((3.5, "platinum"), (2.5, "gold"), (1.5, "silver"))


def word_count(document: Document) -> int:
    """Tokens of the body, split at white space, the front matter left out."""
    if document.words is not None:
        return document.words
    return len(body(document).split())


def confidence_distribution(claims: Sequence[Claim]) -> dict[str, int]:
    """Level in lower case → number of claims; all three levels are there."""
    counts = Counter(claim.confidence for claim in claims)
    return {level.value.lower(): counts[level.value] for level in Confidence}


def evidence_distribution(claims: Sequence[Claim]) -> dict[str, int]:
    """Sort of evidence in lower case → number of claims; all six sorts are there."""
    counts = Counter(claim.evidence for claim in claims)
    return {sort.value.lower(): counts[sort.value] for sort in EVIDENCE_ORDER}


def counts(document: Document) -> dict[str, JsonValue]:
    """The four figures that front matter states, as they are."""
    claims = document.claims
    return {
        "word_count": word_count(document),
        "claim_count": len(claims),
        "confidence_distribution": dict(confidence_distribution(claims)),
        "evidence_distribution": dict(evidence_distribution(claims)),
    }


def restated(document: Document) -> Document:
    """The document with its counts as they are when it is written anew."""
    fresh = replace(document, words=None)
    return replace(document, front={**document.front, **counts(fresh)})


def token_cost(claim: Claim) -> int:
    """Tokens it takes to load a claim, at four characters each: the format's own estimate."""
    parts = (
        claim.rule,
        claim.why,
        claim.failure_mode,
        claim.scope,
        claim.section,
        claim.claim_id,
    )
    return ceil(len(" ".join(parts)) / CHARACTERS_PER_TOKEN)


def strong_share(claims: Sequence[Claim]) -> float:
    """Share of claims that rest on measurement or repeated observation, in [0, 1]."""
    strong = sum(claim.evidence in STRONG for claim in claims)
    return strong / len(claims) if claims else 0.0


def quality_score(document: Document) -> float:
    """The format's quality score, about 0.7 to 4: claims, strong evidence, failures, levels."""
    claims = document.claims
    failures = sum(claim.section == "failure_patterns" for claim in claims)
    levels = {claim.confidence for claim in claims} & {level.value for level in Confidence}
    points = {
        "claims": _points(len(claims), (40, 26, 16)),
        "strong": _points(strong_share(claims), (0.5, 0.3, 0.15)),
        "failures": _points(failures, (10, 6, 3)) if failures else 0,
        "mix": {3: 4, 2: 2, 1: 1}.get(len(levels), 0),
    }
    total = sum(_WEIGHTS[name] * value for name, value in points.items())
    return total / sum(_WEIGHTS.values())


def tier(document: Document) -> Tier:
    """Platinum from 3.5, gold from 2.5, silver from 1.5, else bronze."""
    score = quality_score(document)
    return next((name for least, name in _TIERS if score >= least - 1e-9), "bronze")


def _points(value: float, steps: tuple[float, float, float]) -> int:
    return next((4 - place for place, step in enumerate(steps) if value >= step), 1)

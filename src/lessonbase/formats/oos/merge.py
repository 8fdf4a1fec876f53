"""Another organisation's claims into ours, by the format's merge protocol.

An incoming claim starts at LOW confidence, with its origin; LOW ones stay out unless asked for;
what says the same is skipped; what contradicts is never merged but reported; and the merged body is
at most twice as long as ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pydantic import JsonValue

from lessonbase.formats.oos.body import claim_lines
from lessonbase.formats.oos.diff import Judge, Judgment
from lessonbase.formats.oos.model import Block, Claim, Document, next_ids
from lessonbase.formats.oos.stats import word_count
from lessonbase.formats.oos.vocabulary import FIELD_LABELS, PROSE_SECTIONS
from lessonbase.records import Confidence

Action = Literal["import", "adapt", "skip", "conflict"]

# Length of the merged body over that of ours. Source: the format's merge protocol.
BUDGET: Final = 2.0
_REASONS: Final = {
    "low": "LOW confidence is left out unless asked for",
    "incomplete": "it has no rule",
    "prose": "its section holds prose only",
    "same": "we say the same",
    "contradicts": "we say the contrary; a person decides",
    "budget": "the merged file would be more than twice as long as ours",
    "similar": "near to one of ours; both are kept until a person makes them one",
    "new": "new to us",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one of their claims.

    Attributes:
        claim: Theirs, as it is in their file.
        action: `import`: it is in, as new; `adapt`: it is in, with the name of ours that it is
            near to; `skip`; `conflict`: it is not in, as it contradicts one of ours.
        reason: Why, in a clause.
        ours: The claim of ours that decided it; none: none did.
        judgment: How the two stand to each other; none as above.
        claim_id: The id it has in the merged document; empty: it is not in.
    """

    claim: Claim
    action: Action
    reason: str
    ours: Claim | None = None
    judgment: Judgment | None = None
    claim_id: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged document, and what became of each of their claims, in their order."""

    document: Document
    decisions: tuple[Decision, ...]


def merge(
    ours: Document,
    theirs: Document,
    judge: Judge,
    *,
    include_low: bool = False,
    adapt: Mapping[str, Claim] | None = None,
) -> Merged:
    """Merge *theirs* into *ours*; neither is changed.

    Args:
        ours: Its claims, prose and front matter stay as they are; its counts are stated anew when
            it is written, and its version is left to whoever publishes it.
        theirs: Only its claims are taken, no prose.
        judge: Asked for each pair of claims, ours first.
        include_low: Take their LOW claims too.
        adapt: Their claim id → the claim to take in its place, as a person has rewritten it.
    """
    budget = int(BUDGET * word_count(ours))
    words = word_count(replace(ours, words=None))
    free = next_ids(ours.claims)
    known: list[Claim] = list(ours.claims)
    incoming: list[Claim] = []
    decisions: list[Decision] = []
    for theirs_claim in theirs.claims:
        claim = (adapt or {}).get(theirs_claim.claim_id, theirs_claim)
        decision = _decide(claim, known, judge, include_low=include_low)
        if decision.action in ("import", "adapt"):
            made = _incoming(claim, theirs, decision)
            longer = words + len(" ".join(claim_lines(made)).split())
            if longer > budget:
                decision = Decision(claim, "skip", _REASONS["budget"])
            else:
                words = longer
                made = replace(made, claim_id=next(free))
                decision = replace(decision, claim_id=made.claim_id)
                incoming.append(made)
                known.append(made)
        decisions.append(replace(decision, claim=theirs_claim))
    return Merged(_with_claims(ours, incoming), tuple(decisions))


def _decide(claim: Claim, known: Sequence[Claim], judge: Judge, *, include_low: bool) -> Decision:
    if not claim.rule.strip():
        return Decision(claim, "skip", _REASONS["incomplete"])
    if claim.section in PROSE_SECTIONS:
        return Decision(claim, "skip", _REASONS["prose"])
    if claim.confidence == Confidence.LOW and not include_low:
        return Decision(claim, "skip", _REASONS["low"])
    judged = [(judge(other, claim), other) for other in known]
    # A contradiction decides, however near another claim is.
    actions: tuple[tuple[str, Action], ...] = (
        ("contradicts", "conflict"),
        ("same", "skip"),
        ("similar", "adapt"),
    )
    for relation, action in actions:
        found = [pair for pair in judged if pair[0].relation == relation]
        if found:
            judgment, other = max(found, key=lambda pair: pair[0].score)
            return Decision(claim, action, _REASONS[relation], other, judgment)
    return Decision(claim, "import", _REASONS["new"])


def _incoming(claim: Claim, theirs: Document, decision: Decision) -> Claim:
    """Their claim as ours: at LOW confidence, with where it came from."""
    extra: dict[str, JsonValue] = dict(claim.extra)
    origin = theirs.front.get("org_pseudonym")
    said = (
        origin if isinstance(origin, str) and origin.strip() else "an unnamed organisation",
        claim.claim_id,
        _date(theirs.front.get("generated_at")),
        ", ".join(part for part in (claim.confidence, claim.evidence) if part),
    )
    chain = extra.get("Source")
    source = " · ".join(part for part in said if part)
    extra["Source"] = f"{source} (from {chain})" if isinstance(chain, str) and chain else source
    if decision.action == "adapt" and decision.ours:
        extra["Near"] = decision.ours.claim_id
    fields = {name: getattr(claim, name) for name in FIELD_LABELS}
    fields["confidence"] = Confidence.LOW.value
    return Claim(claim.claim_id, claim.section, **fields, extra=extra)


def _date(value: JsonValue) -> str:
    return value[:10] if isinstance(value, str) else ""


def _with_claims(ours: Document, incoming: Iterable[Claim]) -> Document:
    """Each claim after the last one of its section, or after all claims, or at the end."""
    blocks: list[Block] = list(ours.blocks)
    for claim in incoming:
        held = [(i, b) for i, b in enumerate(blocks) if isinstance(b, Claim)]
        places = [i for i, b in held if b.section == claim.section] or [i for i, _ in held]
        blocks.insert(max(places, default=len(blocks) - 1) + 1, claim)
    return ours.with_blocks(blocks)

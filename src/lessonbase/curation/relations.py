"""How a new record stands to those that are there, as its writer and its readers are told.

Pure: records and cosines in, judgments out; no store, no encoder. What two records claim is held
against each other by :func:`compare`; when they apply, and whose they are, limits what follows.
"""

from collections.abc import Sequence
from typing import Final

from lessonbase.curation.comparing import NEAR, Judgment, compare, shared
from lessonbase.curation.normal import normal_form, normal_hash
from lessonbase.curation.opposition import confront
from lessonbase.curation.reading import read
from lessonbase.records import (
    CoordinationPattern,
    Document,
    FailureMode,
    Heuristic,
    Lesson,
    Observation,
    Record,
    Relation,
    SoulEntry,
)

__all__ = [
    "MOST_RELATED",
    "NEAR",
    "Judgment",
    "assertion",
    "compare",
    "normal_form",
    "normal_hash",
    "relate",
]

# Links that a record gets when it is written, at most.
MOST_RELATED: Final = 8
_RANKS: Final[dict[Relation | None, int]] = {
    Relation.DUPLICATE_OF: 0,
    Relation.CONTRADICTS: 1,
    Relation.REFINES: 2,
    Relation.SUPPORTS: 3,
}
_ADVISING: Final = (Lesson, Heuristic, CoordinationPattern)
# What says when a record applies. What a rule is good for is told in many ways and is left out.
_WHEN: Final[dict[type[Record], tuple[str, ...]]] = {
    Lesson: ("situation",),
    FailureMode: ("symptom",),
    Observation: ("conditions",),
    CoordinationPattern: (),
    Heuristic: ("limits",),
}
# Least share of common words of two situations that are one. Not measured: guesses on the safe
# side. A duplicate can still be merged by a person, a contradiction can still be waved through.
_SAME_SITUATION: Final = 0.4
_OTHER_SITUATION: Final = 0.2
# Cosine of two records from which on contrary advice is one matter, however its situation is told.
_ONE_MATTER: Final = 0.75
_FEW_WORDS: Final = 4
_FIRST_WORDS: Final = 3
_POINTING: Final = frozenset({"it", "it,", "it:", "them", "this", "that", "these", "those", "both"})


def relate(
    new: Record, candidates: Sequence[tuple[Record, float]]
) -> tuple[tuple[str, Judgment], ...]:
    """How *new* stands to records that are there, those it has nothing to do with left out.

    Records are compared if they are of one kind, or both give advice. What they claim decides;
    when they apply limits it: the same advice for another situation supports, and contrary advice
    for another situation is no contradiction. What two agents are is each one's own: their soul
    entries support each other at most.

    Args:
        new: The record to be written.
        candidates: Records with the cosine of each to *new*; *new* itself is passed over.

    Returns:
        (id, judgment), duplicates first, then contradictions, refinements and support, each by
        falling similarity, at most `MOST_RELATED`.
    """
    found = [
        (old.id, judgment)
        for old, cosine in candidates
        if old.id != new.id and _comparable(new, old)
        for judgment in [_stands(new, old, cosine)]
        if judgment.relation is not None
    ]
    found.sort(key=lambda at: (_RANKS[at[1].relation], -at[1].similarity, at[0]))
    return tuple(found[:MOST_RELATED])


def assertion(record: Record) -> str:
    """What *record* claims: what to do and what not, what an agent is, or what was seen.

    The title stands before a claim too short to be understood without it, or that points back to it
    with its first words ("Split it").
    """
    match record:
        case Lesson():
            claim = _lines(record.advice, _denied(record.avoid))
        case FailureMode():
            claim = _lines(record.prevention or record.recovery or record.symptom)
        case CoordinationPattern() | Heuristic():
            claim = record.rule
        case SoulEntry():
            return record.statement
        case Observation():
            claim = record.observed
        case _:
            claim = record.title
    words = claim.lower().split()
    leans = len(words) < _FEW_WORDS or not _POINTING.isdisjoint(words[:_FIRST_WORDS])
    return _lines(record.title, claim) if leans and claim != record.title else claim


def _lines(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _denied(avoid: str) -> str:
    """What not to do, as a sentence that says so."""
    return f"Avoid: {avoid}" if avoid else ""


def _comparable(new: Record, old: Record) -> bool:
    """Whether the claims of both are of one sort; the texts of a benchmark claim nothing."""
    if isinstance(new, Document):
        return False
    return type(new) is type(old) or (isinstance(new, _ADVISING) and isinstance(old, _ADVISING))


def _stands(new: Record, old: Record, cosine: float) -> Judgment:
    """How the claim of *new* stands to that of *old*, as far as their situations allow."""
    found = compare(assertion(new), assertion(old), cosine)
    if isinstance(new, SoulEntry) and isinstance(old, SoulEntry):
        return _between_souls(found, same_agent=new.agent == old.agent)
    if found.relation is Relation.CONTRADICTS:
        apart = _apart(new, old, least=_OTHER_SITUATION if cosine < _ONE_MATTER else 0)
        # The limits of a heuristic say where it does not hold; its contrary has others.
        if apart and not isinstance(new, Heuristic):
            return Judgment(None, found.similarity, f"{found.evidence}; but {apart}")
    elif found.relation in (Relation.DUPLICATE_OF, Relation.REFINES):
        apart = _apart(new, old, least=_SAME_SITUATION)
        if apart:
            return Judgment(Relation.SUPPORTS, found.similarity, f"{found.evidence}; but {apart}")
    return found


def _between_souls(found: Judgment, *, same_agent: bool) -> Judgment:
    if same_agent or found.relation is None:
        return found
    if found.relation is Relation.CONTRADICTS:
        return Judgment(None, found.similarity, f"{found.evidence}; each agent has its own")
    return Judgment(Relation.SUPPORTS, found.similarity, f"{found.evidence}; of another agent")


def _apart(new: Record, old: Record, *, least: float) -> str:
    """That the two apply to different things; empty if they do not, or one does not say.

    Situations are different if they oppose each other, or share fewer words than *least*.
    """
    if type(new) is not type(old):
        return ""
    ours, theirs = (
        "\n".join(filter(None, (str(getattr(record, name)) for name in _WHEN[type(record)])))
        for record in (new, old)
    )
    if not ours or not theirs or normal_form(ours) == normal_form(theirs):
        return ""
    one, other = read(ours), read(theirs)
    if confront(one, other).against:
        return "they apply to opposite situations"
    return "" if shared(one, other) >= least else "they apply to other situations"

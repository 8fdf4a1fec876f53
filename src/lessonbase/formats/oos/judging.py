"""How two claims stand to each other by meaning: the judge that `diff` and `merge` ask."""

from collections.abc import Iterable
from typing import Final

from lessonbase.curation.relations import compare
from lessonbase.formats.oos.diff import ClaimRelation, Judge, Judgment, assertion
from lessonbase.formats.oos.model import Claim
from lessonbase.ports import Encoder
from lessonbase.records import Relation

# Least cosine of rule and reason together, from which two rules that say neither the same nor the
# contrary are about one concern. Two organisations word it in their own ways: of the two published
# files at hand, the pairs above it are of one concern, those below .5 are not.
SIMILAR: Final = 0.55

_RELATIONS: Final[dict[Relation | None, ClaimRelation]] = {
    Relation.DUPLICATE_OF: "same",
    Relation.SUPPORTS: "similar",
    Relation.REFINES: "similar",
    Relation.CONTRADICTS: "contradicts",
}


def judge_of(encoder: Encoder, claims: Iterable[Claim]) -> Judge:
    """A judge for any two of *claims*, whose assertions are encoded now, all at once.

    Args:
        encoder: The one whose cosines `curation.relations` was measured with.
        claims: Of both documents.
    """
    known = list(claims)
    rules = dict.fromkeys(map(assertion, known))
    wholes = dict.fromkeys(map(_whole, known))
    texts = list(rules | wholes)
    vectors = dict(zip(texts, encoder.encode_documents(texts).vectors, strict=True))

    def judge(ours: Claim, theirs: Claim) -> Judgment:
        mine, other = assertion(ours), assertion(theirs)
        said = compare(other, mine, float(vectors[mine] @ vectors[other]))
        near = float(vectors[_whole(ours)] @ vectors[_whole(theirs)])
        relation = _RELATIONS.get(said.relation, "unrelated")
        if relation == "unrelated" and near >= SIMILAR:
            relation = "similar"
        return Judgment(relation, min(max(near, 0.0), 1.0), said.evidence)

    return judge


def _whole(claim: Claim) -> str:
    """What a claim is about: its rule and the reason for it."""
    return f"{assertion(claim)}\n{claim.why}"

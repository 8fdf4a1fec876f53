"""Two organisations' files: what they have in common, and one taken into the other."""

from dataclasses import replace

import pytest

from lessonbase.formats.oos.canonical import markdown
from lessonbase.formats.oos.diff import ClaimRelation, Judgment, Pair, assertion, diff
from lessonbase.formats.oos.merge import Decision, merge
from lessonbase.formats.oos.model import Claim, Document, Prose
from lessonbase.formats.oos.parsing import parse

LONG = "word " * 100


def claim(number: int, rule: str, **fields: str) -> Claim:
    given = {"confidence": "HIGH", "evidence": "MEASURED_RESULT"} | fields
    return Claim(f"C{number:03}", given.pop("section", "own"), rule, **given)


def judge(ours: Claim, theirs: Claim) -> Judgment:
    """Words in common, and a contradiction where one of them says not."""
    a, b = set(assertion(ours).split()), set(assertion(theirs).split())
    score = len(a & b) / len(a | b)
    relation: ClaimRelation = "same" if score == 1 else "similar" if score >= 0.5 else "unrelated"
    if a ^ b == {"not"}:
        relation = "contradicts"
    return Judgment(relation, score, f"{len(a & b)} words")


OURS = Document(
    {"org_pseudonym": "We"},
    (
        Prose("## Purpose", LONG.strip()),
        claim(1, "send once"),
        claim(2, "ask before you send"),
        claim(3, "write it down"),
        Prose("## Summary", "s"),
    ),
)
THEIRS = Document(
    {"org_pseudonym": "They", "generated_at": "2026-02-10T08:00:00Z"},
    (
        claim(1, "send once"),
        claim(2, "not ask before you send"),
        claim(3, "write it down twice"),
        claim(4, "sleep"),
        claim(5, "dream", confidence="LOW"),
        claim(6, ""),
        claim(7, "purpose", section="purpose"),
    ),
)


def test_a_diff_puts_the_nearest_beside_each_other() -> None:
    """Each claim stands beside the one that is nearest both ways, or alone."""
    found = diff(OURS, THEIRS, judge)

    assert [(p.ours.claim_id, p.theirs.claim_id, p.judgment.relation) for p in found.pairs] == [
        ("C001", "C001", "same"),
        ("C002", "C002", "contradicts"),
        ("C003", "C003", "similar"),
    ]
    assert found.only_ours == ()
    assert [c.claim_id for c in found.only_theirs] == ["C004", "C005", "C006", "C007"]
    assert found.pairs[0].judgment.evidence == "2 words"


def test_a_claim_is_shown_beside_its_nearest() -> None:
    """Though that is nearer to another one; a contradiction is shown in any case."""
    ours = Document({}, (claim(1, "a b c d"),))
    theirs = Document({}, (claim(1, "a b c"), claim(2, "a b c d"), claim(3, "a b c d not")))
    found = diff(ours, theirs, judge)

    assert found.pairs == (
        Pair(ours.claims[0], theirs.claims[0], Judgment("similar", 0.75, "3 words")),
        Pair(ours.claims[0], theirs.claims[1], Judgment("same", 1.0, "4 words")),
        Pair(ours.claims[0], theirs.claims[2], Judgment("contradicts", 0.8, "4 words")),
    )
    assert found.only_theirs == ()


def test_a_diff_with_nothing_is_the_rest() -> None:
    """An empty document has nothing in common with any."""
    found = diff(Document(), THEIRS, judge)

    assert (found.pairs, found.only_ours) == ((), ())
    assert found.only_theirs == THEIRS.claims


def test_a_merge_decides_on_each_of_their_claims() -> None:
    """The same is skipped, a contradiction is a conflict, the near is adapted, the new is in."""
    merged = merge(OURS, THEIRS, judge)

    assert [(d.claim.claim_id, d.action, d.claim_id) for d in merged.decisions] == [
        ("C001", "skip", ""),
        ("C002", "conflict", ""),
        ("C003", "adapt", "C004"),
        ("C004", "import", "C005"),
        ("C005", "skip", ""),
        ("C006", "skip", ""),
        ("C007", "skip", ""),
    ]
    assert merged.decisions[1] == Decision(
        THEIRS.claims[1],
        "conflict",
        "we say the contrary; a person decides",
        OURS.claims[1],
        Judgment("contradicts", 0.8, "4 words"),
    )


def test_what_comes_in_starts_low_with_its_origin() -> None:
    """An incoming claim has LOW confidence, its evidence, and where it came from."""
    merged = merge(OURS, THEIRS, judge).document

    assert merged.claims[:3] == OURS.claims
    assert merged.claims[3:] == (
        replace(
            THEIRS.claims[2],
            claim_id="C004",
            confidence="LOW",
            extra={"Source": "They · C003 · 2026-02-10 · HIGH, MEASURED_RESULT", "Near": "C003"},
        ),
        replace(
            THEIRS.claims[3],
            claim_id="C005",
            confidence="LOW",
            extra={"Source": "They · C004 · 2026-02-10 · HIGH, MEASURED_RESULT"},
        ),
    )
    assert merged.blocks[-1] == OURS.blocks[-1]
    assert parse(markdown(merged))[0].claims == merged.claims


def test_low_claims_come_in_if_asked_for() -> None:
    """LOW is left out only until someone wants it."""
    merged = merge(OURS, THEIRS, judge, include_low=True)

    assert merged.decisions[4].action == "import"


def test_a_merge_is_at_most_twice_as_long() -> None:
    """What would make the file longer than that stays out, shorter ones still come in."""
    long = claim(1, f"{LONG} {LONG}")
    merged = merge(OURS, Document({}, (long, claim(2, "sleep"))), judge)

    assert [(d.action, d.reason) for d in merged.decisions] == [
        ("skip", "the merged file would be more than twice as long as ours"),
        ("import", "new to us"),
    ]


def test_two_of_theirs_that_say_the_same_come_in_once() -> None:
    """What has just come in counts as ours."""
    merged = merge(OURS, Document({}, (claim(1, "sleep"), claim(2, "sleep"))), judge)

    assert [d.action for d in merged.decisions] == ["import", "skip"]
    assert merged.decisions[1].ours == merged.document.claims[3]


def test_a_claim_that_a_person_rewrote_comes_in_as_rewritten() -> None:
    """A conflict ends when someone writes what both can say."""
    adapted = replace(THEIRS.claims[1], rule="ask if in doubt")
    merged = merge(OURS, THEIRS, judge, adapt={"C002": adapted})

    assert merged.decisions[1].action == "import"
    assert merged.decisions[1].claim == THEIRS.claims[1]
    assert merged.document.claims[3].rule == "ask if in doubt"


@pytest.mark.parametrize("theirs", [Document(), OURS])
def test_merging_nothing_new_changes_nothing(theirs: Document) -> None:
    """An empty file, or our own, leaves our file as it is."""
    assert merge(OURS, theirs, judge).document.blocks == OURS.blocks

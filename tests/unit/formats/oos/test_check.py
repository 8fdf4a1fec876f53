"""The codes of the validator, the counts, the cost of a claim and the quality tier."""

from dataclasses import replace
from pathlib import Path

import pytest

from lessonbase.formats.oos.check import check
from lessonbase.formats.oos.model import Claim, Document, Prose
from lessonbase.formats.oos.parsing import parse
from lessonbase.formats.oos.stats import (
    confidence_distribution,
    counts,
    evidence_distribution,
    quality_score,
    strong_share,
    tier,
    token_cost,
)

DATA = Path(__file__).resolve().parents[3] / "data" / "oos"
REAL = Path(__file__).resolve().parents[5] / "shared" / "real" / "oos"
GOOD = Claim("C001", "failure_patterns", "r", "w", "f", "HIGH", "MEASURED_RESULT", "s")


def codes(document: Document) -> set[str]:
    return {finding.code for finding in check(document)}


def of(*claims: Claim, **front: object) -> Document:
    return Document({"version": 1, **front}, claims)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["sneeze-it", "solo-founder"])
def test_published_files_have_wrong_statistics_and_nothing_else(name: str) -> None:
    """A.7-6: what the front matter of both files says of their bodies is wrong in three places."""
    path = REAL / f"{name}.oos.md"
    if not path.exists():
        pytest.skip("needs the shared files")
    document, findings = parse(path.read_text())

    assert [(found.code, found.line) for found in check(document, findings)] == [
        ("WORD_COUNT_DIFFERS", 13),
        ("CONFIDENCE_DISTRIBUTION_DIFFERS", 15),
        ("EVIDENCE_DISTRIBUTION_DIFFERS", 19),
    ]


def test_the_published_figures() -> None:
    """Counts, strong share and tier of a published file, as the format computes them."""
    path = REAL / "sneeze-it.oos.md"
    if not path.exists():
        pytest.skip("needs the shared files")
    document, _ = parse(path.read_text())

    assert counts(document) == {
        "word_count": 2955,
        "claim_count": 24,
        "confidence_distribution": {"high": 17, "medium": 7, "low": 0},
        "evidence_distribution": {
            "human_defined_rule": 2,
            "observed_once": 2,
            "observed_repeatedly": 11,
            "measured_result": 8,
            "inference": 1,
            "speculation": 0,
        },
    }
    assert strong_share(document.claims) == pytest.approx(19 / 24)
    assert quality_score(document) == pytest.approx((0.15 * 2 + 0.25 * 4 + 0.2 * 2 + 0.1 * 2) / 0.7)
    assert tier(document) == "gold"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (Document({}, (GOOD,)), "MISSING_FRONTMATTER"),
        (of(GOOD), "FRONTMATTER_INVALID"),
        (of(GOOD, org_size="huge"), "FRONTMATTER_INVALID"),
        (of(GOOD), "WORD_COUNT_BELOW_MINIMUM"),
        (of(replace(GOOD, rule="w " * 15_001)), "WORD_COUNT_ABOVE_MAXIMUM"),
        (of(GOOD), "CLAIM_COUNT_BELOW_MINIMUM"),
        (of(*[GOOD] * 3), "CLAIM_COUNT_BELOW_NETWORK_NORM"),
        (of(GOOD, GOOD), "DUPLICATE_CLAIM_IDS"),
        (of(*[GOOD] * 31), "SECTION_CLAIM_LIMIT_EXCEEDED"),
        (of(replace(GOOD, section="purpose")), "CLAIMS_IN_PROSE_SECTION"),
        (Document({}, (Prose("## Failure Patterns", ""),)), "EMPTY_CLAIM_SECTION"),
        (of(replace(GOOD, section="own")), "NO_FAILURE_PATTERNS"),
        (of(replace(GOOD, claim_id="L025")), "CLAIM_INVALID"),
        (of(replace(GOOD, confidence="sure")), "CLAIM_INVALID"),
        (of(replace(GOOD, evidence="hearsay")), "CLAIM_INVALID"),
        (of(replace(GOOD, section="")), "CLAIM_MISSING_SECTION"),
        (of(replace(GOOD, rule="")), "CLAIM_MISSING_RULE"),
        (of(replace(GOOD, why="")), "CLAIM_MISSING_WHY"),
        (of(replace(GOOD, failure_mode="")), "CLAIM_MISSING_FAILURE_MODE"),
        (of(replace(GOOD, confidence="")), "CLAIM_MISSING_CONFIDENCE"),
        (of(replace(GOOD, evidence="")), "CLAIM_MISSING_EVIDENCE"),
        (of(replace(GOOD, scope="")), "CLAIM_MISSING_SCOPE"),
        (of(GOOD, claim_count=2), "CLAIM_COUNT_DIFFERS"),
        (of(GOOD, claim_count=True), "CLAIM_COUNT_DIFFERS"),
        (of(replace(GOOD, evidence="SPECULATION")), "HIGH_WITH_SPECULATION"),
    ],
)
def test_each_code_is_found(document: Document, code: str) -> None:
    """What is wrong is named by the format's code, or by ours where it has none."""
    assert code in codes(document)


def test_a_whole_claim_has_nothing_wrong() -> None:
    """No code of a claim is found where there is nothing to find."""
    assert not {code for code in codes(of(GOOD)) if code.startswith(("CLAIM_M", "CLAIM_I", "HIGH"))}


def test_our_own_file_is_valid_but_for_its_size() -> None:
    """The front matter of the fixture is whole: only its length and its counts are amiss."""
    document, findings = parse((DATA / "kiosk.oos.md").read_text())

    assert {found.code for found in check(document, findings)} == {
        "WORD_COUNT_BELOW_MINIMUM",
        "CLAIM_COUNT_BELOW_NETWORK_NORM",
        "WORD_COUNT_DIFFERS",
    }


def test_distributions_that_leave_out_zeros_are_right() -> None:
    """A sort of evidence that no claim has need not be listed."""
    front = {
        "evidence_distribution": {"measured_result": 1},
        "confidence_distribution": {"high": 1},
    }

    assert not {"EVIDENCE_DISTRIBUTION_DIFFERS", "CONFIDENCE_DISTRIBUTION_DIFFERS"} & codes(
        of(GOOD, **front)
    )


def test_a_claim_costs_a_token_for_four_characters() -> None:
    """The format's estimate: all texts, section and id, joined by spaces, rounded up."""
    assert token_cost(GOOD) == 8


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ((), "bronze"),
        ((GOOD,) * 16, "silver"),
        ((GOOD,) * 26, "gold"),
        (
            (*(GOOD,) * 38, replace(GOOD, confidence="LOW"), replace(GOOD, confidence="MEDIUM")),
            "platinum",
        ),
    ],
)
def test_tiers(claims: tuple[Claim, ...], expected: str) -> None:
    """Each tier is reached by files that have what it asks for."""
    if expected == "silver":
        claims = tuple(replace(claim, section="own") for claim in claims)

    assert tier(Document({}, claims)) == expected


def test_unknown_levels_are_counted_nowhere() -> None:
    """A word that is no level adds to no count."""
    claim = replace(GOOD, confidence="sure", evidence="hearsay")

    assert set(confidence_distribution([claim]).values()) == {0}
    assert set(evidence_distribution([claim]).values()) == {0}

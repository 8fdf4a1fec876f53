"""Repairs: what is mended, what is left, and that nothing else is touched."""

from pathlib import Path

import pytest

from lessonbase.formats.oos.parsing import parse
from lessonbase.formats.oos.repair import repair

REAL = Path(__file__).resolve().parents[5] / "shared" / "real" / "oos"
FRONT = """---
oos_version: "1.0"
claim_count: 1
word_count: 21
confidence_distribution: {high: 1, medium: 0, low: 0}
evidence_distribution: {inference: 1}
mcp_servers: ["a"]
platforms: ["claude"]
---
"""
CLAIM = """**[C001]** own
- **Rule:** Ask.
- **Why:** So.
- **Failure mode:** Two.
- **Confidence:** HIGH
- **Evidence:** INFERENCE
- **Scope:** All.
"""
WHOLE = FRONT + "\n" + CLAIM


def changed(before: str) -> list[tuple[str, str]]:
    """Lines of *before* that a repair changes, with what becomes of them."""
    after = repair(before).text.split("\n")
    return [(a, b) for a, b in zip(before.split("\n"), after, strict=False) if a != b]


def test_a_file_that_needs_nothing_comes_back_to_the_byte() -> None:
    """No fix, no change."""
    repaired = repair(WHOLE)

    assert repaired.text == WHOLE
    assert repaired.fixes == ()


@pytest.mark.parametrize("name", ["sneeze-it", "solo-founder"])
def test_only_the_counts_of_published_files_change(name: str) -> None:
    """A.7-6: their statistics are set right, line by line, and all else is as it was."""
    path = REAL / f"{name}.oos.md"
    if not path.exists():
        pytest.skip("needs the shared files")
    text = path.read_text()
    repaired = repair(text)

    assert [fix.code for fix in repaired.fixes] == [
        "WORD_COUNT_RECALCULATED",
        "CONFIDENCE_DIST_RECALCULATED",
        "EVIDENCE_DIST_RECALCULATED",
    ]
    assert repaired.left == ()
    assert {line for line, _ in changed(text)} <= set(text.split("---")[1].split("\n"))
    assert repaired.text.split("---", 2)[2] == text.split("---", 2)[2]


@pytest.mark.parametrize(
    ("good", "bad", "code"),
    [
        ("\n", "\r\n", "LINE_ENDINGS"),
        ("So.", "\u201cSo.\u201d", "SMART_QUOTES"),
        ("So.", "So \u2014 yes.", "DASHES"),
        ("Ask.", "Ask\xa0me.", "SPACES"),
        ("So.", "caf\u00c3\u00a9", "TEXT_READ_AGAIN"),
        ("- **Why:**", "- **Reason:**", "LABEL_NORMALIZED"),
        ("- **Why:**", "* **Why?**", "LABEL_NORMALIZED"),
        ("- **Failure mode:**", "- Failure Mode:", "LABEL_NORMALIZED"),
        ("HIGH", "high", "ENUM_NORMALIZED"),
        ("INFERENCE\n", "Inferred\n", "ENUM_NORMALIZED"),
        ("**[C001]** own", "### C001: own", "MARKER_NORMALIZED"),
        ("**[C001]**", "**[L025]**", "CLAIM_RENUMBERED"),
        ("So.", "See **[C002]**.", "REFERENCE_UNBOLDED"),
        ("claim_count: 1", "claim_count: 9", "CLAIM_COUNT_RECALCULATED"),
        ("word_count: 21", "word_count: 9", "WORD_COUNT_RECALCULATED"),
        ("high: 1", "high: 9", "CONFIDENCE_DIST_RECALCULATED"),
        ("inference: 1", "inference: 9", "EVIDENCE_DIST_RECALCULATED"),
        ('oos_version: "1.0"', "oos_version: 1.0", "FRONTMATTER_NORMALIZED"),
        ('["claude"]', "claude", "FRONTMATTER_NORMALIZED"),
        ("---\noos", "\u2014\noos", "FRONTMATTER_DELIMITER"),
        ("---\n\n", "\n", "FRONTMATTER_DELIMITER"),
        ('"1.0"', "\u201c1.0\u201d", "FRONTMATTER_MARKS"),
    ],
)
def test_what_is_written_otherwise_is_mended(good: str, bad: str, code: str) -> None:
    """Each fix has its code, is complete, and leaves nothing for a second repair."""
    assert good in WHOLE
    repaired = repair(WHOLE.replace(good, bad))

    assert code in [fix.code for fix in repaired.fixes]
    assert repair(repaired.text).text == repaired.text
    assert repair(repaired.text).fixes == ()
    assert len(parse(repaired.text)[0].claims) == 1
    assert "\r" not in repaired.text
    assert repaired.text.isascii() or code == "TEXT_READ_AGAIN"


def test_a_repair_touches_only_the_lines_that_need_it() -> None:
    """Two odd lines are two changed lines."""
    text = WHOLE.replace("- **Why:**", "* **Reason**:").replace("HIGH", "High")

    assert changed(text) == [
        ("* **Reason**: So.", "- **Why:** So."),
        ("- **Confidence:** High", "- **Confidence:** HIGH"),
    ]


def test_ids_that_are_there_twice_are_made_different() -> None:
    """The first keeps its id, the second gets the next that is free."""
    repaired = repair(f"{FRONT}\n{CLAIM}\n{CLAIM}")

    assert [claim.claim_id for claim in parse(repaired.text)[0].claims] == ["C001", "C002"]


def test_what_only_the_author_knows_is_left() -> None:
    """A missing field is not made up."""
    repaired = repair(WHOLE.replace("- **Scope:** All.\n", "").replace("Ask.", ""))

    assert {found.code for found in repaired.left} >= {"CLAIM_MISSING_SCOPE", "CLAIM_MISSING_RULE"}


def test_code_blocks_are_left_alone() -> None:
    """Quoted text keeps its quotes and its dashes."""
    code = "```\n\u201ca\u201d \u2014 **[C002]**\n```\n"

    assert code in repair(f"{FRONT}\n## Purpose\n\n{code}\n{CLAIM}").text


def test_missing_counts_are_put_where_they_belong() -> None:
    """A count that is not there is added in the format's order, others stay where they are."""
    text = WHOLE.replace("claim_count: 1\n", "")

    assert "word_count: 21\nclaim_count: 1\n" in repair(text).text


def test_json_is_mended_as_json() -> None:
    """Levels, ids and counts of the JSON form; a file that needs nothing is left as it is."""
    text = '{"claims": [{"claim_id": "C1", "rule": "a", "confidence": "high"}]}\n'
    repaired = repair(text)

    assert '"confidence": "HIGH"' in repaired.text
    assert repair(repaired.text).text == repaired.text


def test_the_starter_is_left_as_it_is() -> None:
    """A file that is not in the format yet is not rewritten by a repair; that is said."""
    text = "claims:\n  failure_patterns:\n    - claim: Ask.\n"
    repaired = repair(text)

    assert repaired.text == text
    assert "FORM_STARTER" in [found.code for found in repaired.left]

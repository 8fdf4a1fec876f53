"""Reading OOS files: each defect that published files and their own tools have."""

import json
from pathlib import Path

import pytest

from lessonbase.formats.oos.canonical import as_json, markdown
from lessonbase.formats.oos.model import Claim, Document, Finding
from lessonbase.formats.oos.parsing import parse
from lessonbase.formats.oos.stats import restated

DATA = Path(__file__).resolve().parents[3] / "data" / "oos"
REAL = Path(__file__).resolve().parents[5] / "shared" / "real" / "oos"

CLAIM = """**[C001]** core_operating_rules
- **Rule:** Ask first.
- **Why:** It is cheap.
- **Failure mode:** Two do it.
- **Confidence:** HIGH
- **Evidence:** OBSERVED_ONCE
- **Scope:** All.
"""
PLAIN = Claim(
    "C001",
    "core_operating_rules",
    "Ask first.",
    "It is cheap.",
    "Two do it.",
    "HIGH",
    "OBSERVED_ONCE",
    "All.",
)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def only(text: str) -> Claim:
    """The one claim of *text*."""
    (claim,) = parse(text)[0].claims
    return claim


@pytest.mark.parametrize(
    ("name", "claims", "words"), [("sneeze-it", 24, 2955), ("solo-founder", 18, 1804)]
)
def test_published_files_are_read_whole(name: str, claims: int, words: int) -> None:
    """A.7-6: the published files have all their claims, and the words that they have."""
    path = REAL / f"{name}.oos.md"
    if not path.exists():
        pytest.skip("needs the shared files")
    document, findings = parse(path.read_text())

    assert len(document.claims) == claims
    assert document.words == words
    assert findings == ()
    assert parse(markdown(document))[0] == restated(document)


def test_a_file_without_a_last_line_end_keeps_its_last_claim() -> None:
    """A.7-1: the last claim is there without a newline after it, and the lack is said."""
    document, findings = parse(CLAIM.rstrip("\n"))

    assert document.claims == (PLAIN,)
    assert codes(findings) == ["FINAL_NEWLINE"]


def test_an_empty_field_does_not_swallow_the_next() -> None:
    """A.7-2: an empty rule is empty, and the why below it is the why."""
    claim = only("**[C001]** failure_patterns\n- **Rule:**\n- **Why:** because\n")

    assert (claim.rule, claim.why) == ("", "because")


def test_a_reference_in_bold_does_not_end_the_claim() -> None:
    """A.7-3: a claim named inside a field, even at the start of a line, is part of the field."""
    claim = only(CLAIM.replace("It is cheap.", "See **[C002]** and\n**[C003]** for it."))

    assert claim.why == "See **[C002]** and\n**[C003]** for it."
    assert claim.scope == "All."


def test_prose_after_the_last_claim_is_prose() -> None:
    """A.7-4: text below a claim is not part of its scope; that it has no heading is said."""
    document, findings = parse(f"{CLAIM}\nThat was all.\n\n## Summary\n\nDone.\n")

    assert document.claims == (PLAIN,)
    assert [(prose.heading, prose.text) for prose in document.prose] == [
        ("", "That was all."),
        ("## Summary", "Done."),
    ]
    assert codes(findings) == ["PROSE_AFTER_CLAIM"]


def test_learnt_blocks_are_claims() -> None:
    """A.7-5: blocks under `### L025`, with fields in another order and by other names."""
    text = (
        "## Failure Patterns\n\n### L025: Sent twice\n- **What failed:** It sent twice.\n"
        "- **What to do:** Use keys.\n- **Evidence:** OBSERVED_ONCE\n- **Why:** Retries.\n"
        "- **Source URL:** https://example.org\n"
    )
    document, findings = parse(text)

    assert document.claims == (
        Claim(
            "L025",
            "failure_patterns",
            rule="Use keys.",
            why="Retries.",
            failure_mode="It sent twice.",
            evidence="OBSERVED_ONCE",
            extra={"Title": "Sent twice", "Source URL": "https://example.org"},
        ),
    )
    assert codes(findings) == ["MARKER_NORMALIZED", "SECTION_FROM_HEADING"]


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("Confidence", "high", ("HIGH", "OBSERVED_ONCE")),
        ("Confidence", "**Medium**", ("MEDIUM", "OBSERVED_ONCE")),
        ("Evidence", "Observed repeatedly", ("HIGH", "OBSERVED_REPEATEDLY")),
        ("Evidence", "human-defined rule", ("HIGH", "HUMAN_DEFINED_RULE")),
        ("Evidence", "INFERRED", ("HIGH", "INFERENCE")),
        ("Evidence", "DESIGNED", ("HIGH", "HUMAN_DEFINED_RULE")),
        ("Evidence", "hearsay", ("HIGH", "hearsay")),
    ],
)
def test_levels_are_read_in_any_writing(field: str, written: str, read: tuple[str, str]) -> None:
    """A.7-7: case, spaces and the starter's own words; what is unknown stays as it is."""
    line = {"Confidence": "- **Confidence:** HIGH", "Evidence": "- **Evidence:** OBSERVED_ONCE"}
    claim = only(CLAIM.replace(line[field], f"- **{field}:** {written}"))

    assert (claim.confidence, claim.evidence) == read


def test_evidence_in_the_place_of_confidence_goes_where_it_belongs() -> None:
    """A.7-7: a sort of evidence under "Confidence", as one page of the format has it."""
    claim = only("**[C001]** failure_patterns\n- **Rule:** a\n- **Confidence:** MEASURED_RESULT\n")

    assert (claim.confidence, claim.evidence) == ("", "MEASURED_RESULT")


def test_what_is_said_behind_a_level_is_kept() -> None:
    """The remark in `HIGH (three audits)` is a field of its own."""
    claim = only(CLAIM.replace("HIGH", "HIGH (three audits)"))

    assert claim.confidence == "HIGH"
    assert claim.extra == {"Confidence note": "(three audits)"}


@pytest.mark.parametrize(
    "changed",
    [
        CLAIM.replace("- **", "* **"),
        CLAIM.replace("- **", "• **"),
        CLAIM.replace("- **", "– **"),
        CLAIM.replace("- **", "**"),
        CLAIM.replace("- **", "  - **"),
        CLAIM.replace("- **", "\t- **"),
        CLAIM.replace(":**", "**:"),
        CLAIM.replace(":**", "**"),
        CLAIM.replace("- **", "- ").replace(":**", ":"),
        CLAIM.replace("- **", "").replace(":**", ":"),
        CLAIM.replace("**", "__"),
        CLAIM.replace("\n", "\r\n"),
        CLAIM.replace("\n", "\r"),
        CLAIM.replace("\n", "\n\n"),
        CLAIM.replace(" ", "\xa0"),
        "\ufeff" + CLAIM,
        CLAIM.replace("Why:", "Reason:"),
        CLAIM.replace("Why:", "Why?:"),
        CLAIM.replace("Why:", "Why?"),
        CLAIM.replace("Failure mode", "Failure Mode"),
        CLAIM.replace("Failure mode", "failure_mode"),
        CLAIM.replace("**[C001]**", "**[C1]**"),
        CLAIM.replace("**[C001]**", "[C001]"),
        CLAIM.replace("**[C001]**", "### C001"),
        CLAIM.replace("**[C001]**", "- **[c 001]:**"),
        CLAIM.replace("core_operating_rules", "Core Operating Rules"),
        "## Core Operating Rules\n\n" + CLAIM.replace(" core_operating_rules", ""),
    ],
)
def test_a_claim_is_read_in_any_writing(changed: str) -> None:
    """Bullets, bold, colons, spaces, line ends, labels and markers as authors write them."""
    claim = only(changed)
    texts = [claim.rule, claim.why, claim.failure_mode, claim.scope]

    assert claim.claim_id == "C001"
    assert claim.section == "core_operating_rules"
    assert [text.replace("\xa0", " ") for text in texts] == [
        "Ask first.",
        "It is cheap.",
        "Two do it.",
        "All.",
    ]
    assert (claim.confidence, claim.evidence) == ("HIGH", "OBSERVED_ONCE")


def test_a_value_goes_on_over_lines_and_lists() -> None:
    """Lines that follow, nested lists and paragraphs are part of the field above them."""
    value = "First\n  - one\n    deeper\n  - two\n\n  A paragraph.\nlazily"
    claim = only(CLAIM.replace("Ask first.", value))

    assert claim.rule == "First\n- one\n  deeper\n- two\n\nA paragraph.\nlazily"
    assert claim.why == "It is cheap."


def test_a_claim_in_a_code_block_is_none() -> None:
    """Quoted syntax is text, in prose and in a field, and that it is passed over is said."""
    quoted = f"```\n{CLAIM}```"
    inner = CLAIM.replace("Ask first.", "Write:\n  ```\n  **[C009]** x_y\n  ```")
    document, findings = parse(f"## Purpose\n\n{quoted}\n\n{inner}")

    assert [claim.rule for claim in document.claims] == ["Write:\n```\n**[C009]** x_y\n```"]
    assert document.prose[0].text == quoted
    assert codes(findings) == ["CLAIM_IN_FENCE", "CLAIM_IN_FENCE"]


def test_a_code_block_that_is_not_closed_hides_no_claims() -> None:
    """A fence without an end is text; the claims after it are read."""
    document, _ = parse(f"## Purpose\n\n```\nopen\n\n{CLAIM}")

    assert document.claims == (PLAIN,)
    assert document.prose[0].text == "```\nopen\n```"


def test_two_claims_with_one_id_are_both_there() -> None:
    """An id that is there twice loses nothing."""
    assert parse(CLAIM + "\n" + CLAIM)[0].claims == (PLAIN, PLAIN)


def test_a_section_of_their_own_is_kept() -> None:
    """A section that the format does not name is read as it is written."""
    assert only(CLAIM.replace("core_operating_rules", "gtm_Rules")).section == "gtm_Rules"


def test_a_claim_under_another_heading_keeps_its_section() -> None:
    """The marker's section counts, and the difference is said."""
    document, findings = parse(f"## Failure Patterns\n\n{CLAIM}")

    assert document.claims[0].section == "core_operating_rules"
    assert codes(findings) == ["CLAIM_UNDER_OTHER_HEADING"]


def test_a_marker_without_fields_is_an_error() -> None:
    """A file that is cut inside a marker says which claim it lost, and where."""
    document, findings = parse(CLAIM + "\n**[C002]** fail\n")

    assert document.claims == (PLAIN,)
    assert findings == (
        Finding(
            "CLAIM_UNREADABLE",
            "error",
            9,
            1,
            "'**[C002]** fail' marks a claim, and no fields follow",
            "write the claim's fields below it, or remove the mark",
        ),
    )


def test_fields_without_a_marker_are_an_error() -> None:
    """A claim whose marker is lost does not become part of the one before it."""
    lost = CLAIM.split("\n", 1)[1].replace("Ask first.", "Wait.")
    document, findings = parse(f"{CLAIM}\n{lost}")

    assert document.claims == (PLAIN,)
    assert "FIELD_WITHOUT_CLAIM" in codes(findings)
    assert "Wait." in document.prose[0].text


FRONT = 'oos_version: "1.0"\norg_pseudonym: "Kiosk"\nx_own: [1, {a: b}]\n'


@pytest.mark.parametrize(
    ("front", "code"),
    [
        (f"---\n{FRONT}---\n", ""),
        (f"\n---\n{FRONT}---\n", ""),
        (f"---\n{FRONT}...\n", "FRONTMATTER_DELIMITER"),
        (f"\u2014\n{FRONT}\u2014\n", "FRONTMATTER_DELIMITER"),
        (f"----\n{FRONT}---\n", "FRONTMATTER_DELIMITER"),
        (f"{FRONT}---\n", "FRONTMATTER_DELIMITER"),
        (f"---\n{FRONT}", "FRONTMATTER_DELIMITER"),
        (f"---\n{FRONT}\n## Purpose\n", "FRONTMATTER_DELIMITER"),
        (f"---\n{FRONT.replace(chr(34), chr(0x201C))}---\n", "FRONTMATTER_MARKS"),
        (f"---\n{FRONT}x:\n\ty: 1\n---\n", "FRONTMATTER_MARKS"),
        (f"---\n{FRONT}bad: [\nversion: 2\n---\n", "FRONTMATTER_PARSE_ERROR"),
    ],
)
def test_front_matter_is_read_damaged_or_not(front: str, code: str) -> None:
    """Delimiters, quotes, tabs and broken keys cost no more than the key that is broken."""
    document, findings = parse(front + "\n" + CLAIM)

    assert document.claims == (PLAIN,)
    assert document.front["org_pseudonym"] == "Kiosk"
    assert document.front["x_own"] == [1, {"a": "b"}]
    assert codes(findings) == ([code] if code else [])


def test_front_matter_that_cannot_be_read_is_kept_as_prose() -> None:
    """Nothing of broken front matter is lost, whatever is written out again."""
    document, _ = parse(f"---\n{FRONT}bad: [\nversion: 2\n---\n{CLAIM}")

    assert document.front["version"] == 2
    assert "bad: [" in document.prose[0].text


def test_dates_and_odd_numbers_are_read_as_they_are_written() -> None:
    """Front matter says what it says: no dates, octals or sexagesimals are made of it."""
    document, _ = parse(f"---\na: 2026-03-14\nb: 012\nc: 1.10\nd: 12:30\ne: yes\n---\n{CLAIM}")

    assert document.front == {"a": "2026-03-14", "b": "012", "c": "1.10", "d": "12:30", "e": "yes"}


def test_references_in_front_matter_are_refused() -> None:
    """Aliases, which could grow without bound, are not followed."""
    document, findings = parse(f"---\na: &x [1]\nb: *x\nc: 3\n---\n{CLAIM}")

    assert document.front == {"a": [1], "c": 3}
    assert codes(findings) == ["FRONTMATTER_PARSE_ERROR"]


def test_the_json_form_keeps_what_only_it_has() -> None:
    """Keys of a claim that Markdown has no place for, entities, and other keys come back."""
    text = (DATA / "kiosk.oos.json").read_text()
    document, findings = parse(text)
    claim = document.claims[0]

    assert findings == ()
    assert (claim.claim_id, claim.line) == ("C001", 12)
    assert claim.extra["confidence_score"] == 0.9
    assert document.rest == {"_comment": "The JSON form, with what only it has."}
    assert parse(as_json(document))[0] == restated(document)
    written = json.loads(as_json(document))
    assert written["entities"] == {"agents": [{"id": "AGT-001", "name": "Stock"}]}


def test_json_that_breaks_off_gives_the_claims_before_the_break() -> None:
    """A file cut in its second claim has its first, and says how many it has not."""
    claim = {"claim_id": "C001", "section": "failure_patterns", "rule": "a"}
    text = json.dumps({"frontmatter": {"version": 1}, "claims": [claim, claim]})[:-30]
    document, findings = parse(text)

    assert [c.rule for c in document.claims] == ["a"]
    assert document.front == {"version": 1}
    assert codes(findings) == ["FINAL_NEWLINE", "JSON_INVALID"]
    assert findings[1].message.endswith("claims read before that: 1, not read: 1")


def test_the_starter_yaml_is_read() -> None:
    """A.7-7: claims nested under sections, without ids, in the starter's own words."""
    document, findings = parse((DATA / "starter.oos.yaml").read_text())

    assert document.form == "yaml"
    assert document.claims == (
        Claim(
            "C001",
            "core_operating_rules",
            "Only the stock agent writes the shelf count.",
            confidence="HIGH",
            evidence="HUMAN_DEFINED_RULE",
        ),
        Claim(
            "C002",
            "failure_patterns",
            "A till that is closed late counts an hour twice.",
            confidence="HIGH",
            evidence="INFERENCE",
            extra={"owner": "AGT_STOCK"},
        ),
    )
    assert [claim.line for claim in document.claims] == [14, 18]
    assert document.front["org_pseudonym"] == "Harbour Kiosk"
    assert document.front["org_size"] == "small"
    assert "FORM_STARTER" in codes(findings)


def test_text_in_two_bytes_a_character_is_read_and_said() -> None:
    """UTF-16 that was read as Latin-1 still has its claims; that it may be mangled is an error."""
    document, findings = parse(CLAIM.encode("utf-16").decode("latin-1"))

    assert document.claims == (PLAIN,)
    assert findings[0].code == "ENCODING"


def test_an_empty_file_is_an_empty_document() -> None:
    """Nothing in, nothing out."""
    assert parse("") == (Document(words=0), ())

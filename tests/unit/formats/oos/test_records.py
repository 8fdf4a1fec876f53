"""Claims as records, and records as claims again."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lessonbase.errors import BadLine
from lessonbase.formats.oos import matches, read, write
from lessonbase.formats.oos.check import check
from lessonbase.formats.oos.parsing import parse
from lessonbase.records import (
    CoordinationPattern,
    FailureMode,
    Heuristic,
    Lesson,
    Observation,
    Record,
    SoulEntry,
)

DATA = Path(__file__).resolve().parents[3] / "data" / "oos"
REAL = Path(__file__).resolve().parents[5] / "shared" / "real" / "oos"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAME = "kiosk.oos.md"
KIOSK = (DATA / NAME).read_text()


def kiosk() -> dict[str, Record]:
    return {record.id: record for record in read(KIOSK, name=NAME, now=NOW).records}


def with_(record: Record, **fields: object) -> Record:
    return type(record).model_validate(record.model_dump() | fields)


def said(record: Record) -> dict[str, object]:
    """What a record says, but for where it stands in its file."""
    content = record.content()
    content["provenance"].pop("line")
    return content


def test_each_section_has_its_kind() -> None:
    """Failure patterns are failure modes, heuristics are heuristics, the rest are patterns."""
    assert {record_id: record.kind for record_id, record in kiosk().items()} == {
        "oos-kiosk-D1": "coordination_pattern",
        "oos-kiosk-D2": "coordination_pattern",
        "oos-kiosk-C001": "coordination_pattern",
        "oos-kiosk-C002": "coordination_pattern",
        "oos-kiosk-C003": "heuristic",
        "oos-kiosk-C004": "failure_mode",
    }


def test_a_failure_pattern_is_a_failure_mode() -> None:
    """Its failure mode is what is seen, its rule what prevents it; the rest is kept beside."""
    assert kiosk()["oos-kiosk-C004"] == FailureMode.model_validate(
        {
            "id": "oos-kiosk-C004",
            "title": "Close the till before the clock changes.",
            "symptom": "The sum of the hours is more than the sum of the day.",
            "cause": "The day had 25 hours, and the report took the last one twice.",
            "prevention": "Close the till before the clock changes.",
            "tags": ["oos", "failure_patterns"],
            "confidence": "MEDIUM",
            "evidence": "OBSERVED_REPEATEDLY",
            "created_at": datetime(2026, 2, 10, 8, tzinfo=UTC),
            "updated_at": datetime(2026, 2, 10, 8, tzinfo=UTC),
            "provenance": {
                "source": "oos",
                "title": "Harbour Kiosk",
                "author": "Harbour Kiosk",
                "published": date(2026, 2, 10),
                "licence": "CC-BY-4.0",
                "file": NAME,
                "line": 65,
            },
            "extra": {
                "oos": {
                    "claim_id": "C004",
                    "section": "failure_patterns",
                    "scope": "Two nights a year.",
                    "fields": {"Seen on": "2025-10-26"},
                }
            },
        }
    )


def test_the_scope_of_a_heuristic_is_its_limits() -> None:
    """What has a home in a record is searched; what has none is kept."""
    record = kiosk()["oos-kiosk-C003"]

    assert isinstance(record, Heuristic)
    assert record.limits == "June to August."
    assert record.extra["oos"]["failure_mode"] == "The ice is gone at noon."


def test_a_boundary_is_tagged() -> None:
    """Where people decide, the pattern says so."""
    tags = kiosk()["oos-kiosk-C002"].tags

    assert tags == ("oos", "human_ai_boundary_conditions", "boundary")


def test_prime_directives_are_records() -> None:
    """Each item of the list is a rule that people have made."""
    record = kiosk()["oos-kiosk-D2"]

    assert isinstance(record, CoordinationPattern)
    assert record.rule == "Ice before newspapers."
    assert record.tags == ("oos", "prime_directive")
    assert KIOSK.split("\n")[(record.provenance.line or 0) - 1] == "2. Ice before newspapers."


@pytest.mark.parametrize(("name", "claims"), [("sneeze-it", 24), ("solo-founder", 18)])
def test_published_files_come_back_to_the_byte(name: str, claims: int) -> None:
    """All claims and five directives are records, and nothing is noted; the file comes back."""
    path = REAL / f"{name}.oos.md"
    if not path.exists():
        pytest.skip("needs the shared files")
    text = path.read_bytes().decode()
    parsed = read(text, name=path.name, now=NOW)

    assert len(parsed.records) == claims + 5
    assert (parsed.bad, parsed.notes) == ((), ())
    assert write(parsed.records, kept=text, name=path.name) == text


def test_a_file_is_written_from_its_records_alone() -> None:
    """Without the file, a new one holds all claims and directives, as they were."""
    before = kiosk()
    text = write(list(before.values()), kept=None, name=NAME)
    after = {record.id: record for record in read(text, name=NAME, now=NOW).records}

    assert {i: said(record) for i, record in after.items()} == {
        i: said(record) for i, record in before.items()
    }
    missing = {found.message for found in check(*parse(text)) if found.code.startswith("FRONT")}
    assert "industry is missing" in missing


def test_a_changed_record_changes_its_claim() -> None:
    """Only the fields that differ are written, at their place; all else is as it was."""
    records = kiosk()
    records["oos-kiosk-C003"] = with_(records["oos-kiosk-C003"], limits="May to August.")
    text = write(list(records.values()), kept=KIOSK, name=NAME)
    lines = [line for line in text.split("\n") if line not in KIOSK.split("\n")]

    assert "- **Scope:** May to August." in lines
    assert [line for line in lines if not line.startswith("word_count")] == [
        "- **Scope:** May to August."
    ]


def test_a_record_that_is_gone_takes_its_claim_with_it() -> None:
    """A claim without its record is dropped, and a directive too."""
    records = kiosk()
    del records["oos-kiosk-C002"], records["oos-kiosk-D1"]
    document = parse(write(list(records.values()), kept=KIOSK, name=NAME))[0]

    assert [claim.claim_id for claim in document.claims] == ["C001", "C003", "C004"]
    assert document.prose[1].text == "2. Ice before newspapers."
    assert document.front["claim_count"] == 3


def test_a_new_record_is_a_claim_of_its_section() -> None:
    """It stands after the last one of its section, under the next id that is free."""
    new = Heuristic(
        id="n",
        title="Salt.",
        rule="Salt the quay at dusk.",
        created_at=NOW,
        updated_at=NOW,
    )
    text = write([*kiosk().values(), new], kept=KIOSK, name=NAME)
    document = parse(text)[0]
    claims = [(claim.claim_id, claim.section) for claim in document.claims]
    again = {record.id: record for record in read(text, name=NAME, now=NOW).records}

    assert claims[3] == ("C005", "operational_heuristics")
    assert again["oos-kiosk-C005"].title == "Salt."


def test_a_changed_directive_is_changed_in_its_list() -> None:
    """The list keeps its other items and their numbers."""
    records = kiosk()
    records["oos-kiosk-D1"] = with_(records["oos-kiosk-D1"], rule="The till is right\nat night.")
    document = parse(write(list(records.values()), kept=KIOSK, name=NAME))[0]

    assert document.prose[1].text == "1. The till is right at night.\n2. Ice before newspapers."


OTHERS: list[Record] = [
    Lesson(
        id="l",
        title="Locks",
        situation="Changing a busy table.",
        advice="Set a timeout.",
        avoid="Waiting.",
        rationale="Locks queue.",
        tags=("postgres",),
        services=("postgres", "a, b"),
        severity="high",
        created_at=NOW,
        updated_at=NOW,
    ),
    FailureMode(
        id="f",
        title="Disk full",
        symptom="Writes fail.",
        impact="An hour.",
        checks=("df, then du", "inodes"),
        signature={"codes": ["ENOSPC"]},
        occurred_at=NOW,
        seen_at=(NOW.replace(year=2025), NOW.replace(year=2024)),
        created_at=NOW,
        updated_at=NOW,
    ),
    SoulEntry(
        id="s",
        title="Fear",
        agent="till",
        aspect="boundary",
        statement="I do not sign.",
        created_at=NOW,
        updated_at=NOW,
    ),
    CoordinationPattern(
        id="c", title="R", rule="One writes.", roles=("stock",), created_at=NOW, updated_at=NOW
    ),
    Observation(
        id="o",
        title="O",
        expected="Fast.",
        observed="Slow.",
        conditions="At noon.",
        created_at=NOW,
        updated_at=NOW,
    ),
]


@pytest.mark.parametrize("record", OTHERS, ids=lambda record: record.kind)
def test_any_kind_of_record_can_be_a_claim(record: Record) -> None:
    """What a record of any kind says is there again when the file is read."""
    text = write([record], kept=None, name="x.oos.md")
    (again,) = read(text, name="x.oos.md", now=NOW).records
    left = {"extra", "provenance", "tags"}

    assert again.kind == record.kind
    assert {k: v for k, v in again.content().items() if k not in left} == {
        k: v for k, v in record.content().items() if k not in left
    }
    assert set(record.tags) <= set(again.tags)


def test_a_claim_without_a_rule_is_a_bad_line() -> None:
    """What cannot be a record is named with its line; the others are read; the file keeps it."""
    text = KIOSK.replace("Order ice when the ferry is late.", "")
    parsed = read(text, name=NAME, now=NOW)

    assert parsed.bad == (BadLine(57, "claim C003: rule is empty"),)
    assert len(parsed.records) == 5
    assert write(parsed.records, kept=text, name=NAME) == text
    assert "C003" in write(parsed.records[1:], kept=text, name=NAME)


def test_missing_levels_are_taken_and_noted() -> None:
    """A claim without levels is a record with the usual ones, which its file does not get."""
    text = "**[C001]** own\n- **Rule:** Ask.\n- **Confidence:** sure\n"
    parsed = read(text, name="x", now=NOW)
    reasons = [note.reason for note in parsed.notes]

    assert (parsed.records[0].confidence, parsed.records[0].evidence) == ("MEDIUM", "OBSERVED_ONCE")
    assert "claim C001: taken as MEDIUM" in reasons
    assert write(parsed.records, kept=text, name="x") == text
    assert "- **Confidence:** sure" in write(parsed.records, kept=None, name="x")
    assert "Evidence" not in write(parsed.records, kept=None, name="x")


def test_ids_that_are_there_twice_are_different_records() -> None:
    """The second has a number behind its id, and is noted."""
    claim = "**[C001]** own\n- **Rule:** Ask.\n"
    parsed = read(f"{claim}\n{claim}", name="a/B c.md", now=NOW)

    assert [record.id for record in parsed.records] == ["oos-a-b-c-C001", "oos-a-b-c-C001-2"]
    assert "claim id C001 was used before" in [note.reason for note in parsed.notes]


def test_a_lost_claim_is_a_bad_line() -> None:
    """A marker that no claim follows is not only a note."""
    parsed = read(KIOSK + "\n**[C009]** fail\n", name=NAME, now=NOW)

    assert [bad.line for bad in parsed.bad] == [78]
    assert len(parsed.records) == 6


def test_json_comes_back_as_json() -> None:
    """A JSON file is given back to the byte, or changed as JSON with what only it has."""
    text = (DATA / "kiosk.oos.json").read_text()
    (record,) = read(text, name="k.oos.json", now=NOW).records
    changed = write([with_(record, why="Crates.")], kept=text, name="k.oos.json")

    assert write([record], kept=text, name="k.oos.json") == text
    assert '"why": "Crates."' in changed
    assert '"confidence_score": 0.9' in changed
    assert "_comment" in changed


def test_the_starter_is_written_as_markdown_once_it_is_changed() -> None:
    """The nested form is given back as it is, and is Markdown with all it said after a change."""
    text = (DATA / "starter.oos.yaml").read_text()
    first, second = read(text, name="s.oos.yaml", now=NOW).records
    changed = write([with_(first, rule="Ask.", title="Ask."), second], kept=text, name="s.oos.yaml")

    assert write([first, second], kept=text, name="s.oos.yaml") == text
    assert "- **Rule:** Ask." in changed
    assert 'slug: "harbour-kiosk"' in changed


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.oos.md", "", True),
        ("A.OOS.JSON", "", True),
        ("a.md", KIOSK, True),
        ("a.json", '{"frontmatter": {}, "claims": [{"claim_id": "C1"}]}', True),
        ("a.yaml", "claims:\n  x:\n    - claim: a\n", True),
        ("a.md", "**[C001]** own\n\n- Rule: a\n", True),
        ("a.md", "# SOUL\n\n## Boundaries\n\n- **Rule:** none\n", False),
        ("a.json", '{"claims": []}', False),
        ("a.yaml", "id: 2025-x\ntitle: t\n", False),
        ("a.jsonl", '{"kind": "lesson"}', False),
    ],
)
def test_files_are_told_from_others(name: str, text: str, expected: bool) -> None:
    """By suffix, front matter, markers before fields, or the keys of the data forms."""
    assert matches(name, text) is expected

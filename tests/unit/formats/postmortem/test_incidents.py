"""Incidents in the agent-postmortems format: what becomes of each field, and the way back."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from lessonbase.errors import InvalidInput
from lessonbase.formats.postmortem import matches, read, write
from lessonbase.formats.postmortem.incident_writing import incident_of
from lessonbase.records import Confidence, FailureMode, Heuristic, Severity, SourceKind
from support import DAY

DATA = Path(__file__).resolve().parents[3] / "data" / "postmortems"
REAL = Path(__file__).resolve().parents[4].parent / "shared" / "real" / "incidents"
TEXT = (DATA / "incident.yaml").read_text()


def failures(text: str, name: str = "incident.yaml", now: datetime = DAY) -> list[FailureMode]:
    """The failure modes in *text*."""
    records = read(text, name=name, now=now).records
    assert all(isinstance(record, FailureMode) for record in records)
    return list(records)  # type: ignore[arg-type]


@pytest.fixture(params=["yaml", "json"])
def real(request: pytest.FixtureRequest) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Name, text and mappings of the real files, as they are and as the project's export."""
    if not REAL.is_dir():
        pytest.skip("needs the shared files")
    found = sorted(REAL.glob("*.yaml"))
    values = [yaml.safe_load(path.read_text()) for path in found]
    if request.param == "yaml":
        return [
            (path.name, path.read_text(), [value])
            for path, value in zip(found, values, strict=True)
        ]
    export = {"export_schema_version": "1.0", "count": len(values), "incidents": values}
    return [("incidents.json", json.dumps(export, indent=2), values)]


def test_each_field_of_an_incident_has_a_place() -> None:
    """What an incident says is in the fields of its record."""
    first = failures(TEXT)[0]

    assert first.id == "pm-2026-shell-loop"
    assert first.title == "Agent restarted the same service 400 times"
    assert first.symptom == (
        "An operations agent restarted a service in a loop for six hours.\n\n"
        "A health check that could never pass."
    )
    assert first.cause == (
        "No limit on repeated actions.\n- The check read the wrong port.\n"
        "- Nobody was told of the restarts."
    )
    assert first.impact == (
        "Cost: 1,200 to 1,500 USD, estimated\nScope: one staging host\nReversibility: reversible"
    )
    assert first.detection == "A disk filled with logs."
    assert first.recovery == "The agent was stopped."
    assert first.prevention == "A budget of actions per hour."
    assert first.checks == ("Checked the port of the health check.",)
    assert first.signature.cves == ("CVE-2026-12345",)
    assert first.occurred_at == datetime(2026, 2, 14, tzinfo=UTC)
    assert first.created_at == first.updated_at == first.occurred_at
    assert first.severity is Severity.LOW
    assert first.confidence is Confidence.LOW
    assert first.services == ("Example Works", "some-model-2", "shell")
    assert first.tags == (
        *("runaway-loop", "retry-storm", "CWE-834", "hazard"),
        *("loop", "operations"),
    )
    assert first.provenance.model_dump(exclude_defaults=True) == {
        "source": SourceKind.INCIDENT_REPORT,
        "title": "Four hundred restarts",
        "author": "Example Works",
        "url": "https://works.example/loop",
        "published": date(2026, 3, 1),
        "retrieved": date(2026, 3, 2),
        "file": "incident.yaml",
        "line": 2,
    }


def test_what_cannot_be_read_is_said_with_its_line() -> None:
    """A bad document hides no other, and missing fields are noted."""
    parsed = read(TEXT, name="incident.yaml", now=DAY)

    assert [record.id for record in parsed.records] == ["pm-2026-shell-loop", "pm-2026-second"]
    assert [(bad.line, bad.reason) for bad in parsed.bad] == [
        (53, "no incident: it has none of trigger, summary, root_cause, title"),
        (
            57,
            "not YAML: found unexpected end of stream; put texts with a colon or quotes in them "
            "in quotes",
        ),
    ]
    assert [(note.line, note.reason) for note in parsed.notes] == [
        (
            48,
            "incident without date, incident_type, system, primary_failure_class, "
            "failure_classes, trigger, blast_radius, detection, recovery, prevention, sources",
        ),
        (51, "severity is none of critical, high, moderate, low, informational; kept as it is"),
    ]


def test_no_field_of_the_real_incidents_is_lost(
    real: list[tuple[str, str, list[dict[str, Any]]]],
) -> None:
    """The whole mapping of each real incident can be made of its record alone."""
    for name, text, values in real:
        parsed = read(text, name=name, now=DAY)

        assert (parsed.bad, parsed.notes) == ((), ())
        assert matches(name, text)
        for record, value in zip(parsed.records, values, strict=True):
            assert isinstance(record, FailureMode)
            assert incident_of(record) == value


def test_real_incidents_come_back_to_the_letter(
    real: list[tuple[str, str, list[dict[str, Any]]]],
) -> None:
    """An unchanged file is given back as it was; records alone say the same."""
    for name, text, _ in real:
        records = failures(text, name)

        assert write(records, kept=text, name=name) == text
        if name.endswith(".yaml"):
            alone = failures(write(records, kept=None, name=name), name)
            assert [one.content() for one in alone] == [one.content() for one in records]


def test_only_the_lines_of_changed_fields_change() -> None:
    """Comments, order and untouched fields of a kept file stay to the letter."""
    first, second = failures(TEXT)
    changed = FailureMode.model_validate({**first.model_dump(), "recovery": "Killed: at once"})

    made = write([changed, second], kept=TEXT, name="incident.yaml")

    assert made == TEXT.replace("recovery: The agent was stopped.", "recovery: 'Killed: at once'")


def test_removed_and_new_incidents() -> None:
    """A record that is gone takes its document along; a new one is put at the end."""
    first, second = failures(TEXT)
    new = FailureMode.model_validate(
        {**second.model_dump(), "id": "pm-2026-third", "title": "A third one", "extra": {}}
    )

    made = write([first, new], kept=TEXT, name="incident.yaml")

    assert "2026-second" not in made
    assert "note: not an incident" in made
    assert made.startswith("# Two incidents in one file")
    assert yaml.safe_load(made.split("---\n")[-1])["incident_id"] == "2026-third"


def test_changed_fields_are_read_back_from_json() -> None:
    """A JSON export is changed where its records are."""
    text = json.dumps(
        {"count": 1, "incidents": [{"incident_id": "2026-a", "trigger": "Boom", "cwe": ["CWE-1"]}]}
    )
    (record,) = failures(text, "incidents.json")
    changed = FailureMode.model_validate(
        {**record.model_dump(), "cause": "Heat", "checks": ["Fans"]}
    )

    made = write([changed], kept=text, name="incidents.json")

    assert json.loads(made) == {
        "count": 1,
        "incidents": [
            {
                "incident_id": "2026-a",
                "trigger": "Boom",
                "cwe": ["CWE-1"],
                "root_cause": "Heat",
                "checks": ["Fans"],
            }
        ],
    }
    assert failures(made, "incidents.json")[0].checks == ("Fans",)


@pytest.mark.parametrize("name", ["incident.yaml", "incidents.json"])
def test_further_times_are_read_back(name: str) -> None:
    """Those that a base added, though the format does not know of them."""
    (record, *_) = failures(TEXT)
    times = (datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    again = FailureMode.model_validate({**record.model_dump(), "seen_at": times})
    export = json.dumps({"incidents": [{"incident_id": "2026-first", "trigger": "T"}]})
    kept = TEXT if name.endswith("yaml") else export

    made = write([again], kept=kept, name=name)

    assert failures(made, name)[0].seen_at == times


def test_other_kinds_have_no_place_in_a_file_of_incidents() -> None:
    """Writing a heuristic as an incident is refused rather than done by half."""
    rule = Heuristic(id="h", title="t", rule="r", created_at=DAY, updated_at=DAY)

    with pytest.raises(InvalidInput, match="holds failure modes only, not a heuristic"):
        write([rule], kept=TEXT, name="incident.yaml")


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [("reported", "LOW"), ("corroborated", "MEDIUM"), ("confirmed", "HIGH"), ("disputed", "LOW")],
)
def test_confidence_of_a_report_is_that_of_its_record(confidence: str, expected: str) -> None:
    """How well an incident is sourced says how sure its record is."""
    (record,) = failures(f"incident_id: 2026-x\ntrigger: a\nconfidence: {confidence}\n")

    assert record.confidence == expected


def test_content_does_not_depend_on_the_time_of_reading() -> None:
    """Reading a file later gives the same content."""
    later = failures(TEXT, now=datetime(2030, 1, 1, tzinfo=UTC))

    assert [one.content() for one in later] == [one.content() for one in failures(TEXT)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "incident_id: a\ntrigger: [" + "[" * 100 + "]" * 101,
            "is nested more than 40 levels deep",
        ),
        (
            "a: &a [x, x]\nb: &b [" + "*a, " * 9 + "]\n" + "c: [" + "*b, " * 90_000 + "]",
            "holds more",
        ),
        ("incident_id: a\ntrigger: *b", "refers to &b, which is not before it"),
        ("? [a]\n: b", "has a list or a mapping as a key"),
        ("trigger: \x01", "control characters are not allowed"),
        ("trigger: \ud800", "has half of a character"),
        ("[1", "not YAML"),
    ],
)
def test_hostile_yaml_is_a_bad_line(text: str, reason: str) -> None:
    """Depth, size, aliases and broken characters end in a bad line, not in an exception."""
    parsed = read(text, name="x.yaml", now=DAY)

    assert parsed.records == ()
    assert reason in parsed.bad[0].reason

"""Exports of issue trackers: known ones, maps by hand, and rows that cannot be read."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonbase.errors import InvalidInput
from lessonbase.formats.tracker import matches, parse_map, read
from lessonbase.records import FailureMode
from support import DAY

DATA = Path(__file__).resolve().parents[2] / "data" / "trackers"
EXAMPLES: Final = int(os.environ.get("LESSONBASE_EXAMPLES", "300")) // 3
OWN = "id=key,symptom=what+details,cause=cause,recovery=fix,occurred_at=when,tags=nope"


def text_of(name: str) -> str:
    """A fixture."""
    return (DATA / name).read_text()


def only(name: str) -> dict[str, Any]:
    """What the first record of a fixture says, without what is empty."""
    record = read(text_of(name), name=name, now=DAY).records[0]
    return record.model_dump(mode="json", exclude_defaults=True)


def test_jira() -> None:
    """A CSV of Jira: columns of one name, quoted lines and quotes, dates of its own."""
    assert only("jira.csv") == {
        "id": "trk-jira-shop-17",
        "title": "Login loops after password change",
        "tags": ["auth", "session"],
        "provenance": {
            "source": "incident_report",
            "title": "Login loops after password change",
            "author": "Bo",
            "file": "jira.csv",
            "line": 2,
        },
        "severity": "high",
        "created_at": "2026-01-05T14:02:00Z",
        "updated_at": "2026-01-06T09:00:00Z",
        "extra": {
            "tracker": {
                "Issue id": "10017",
                "Status": "Done",
                "Resolution": "Fixed",
                "Updated": "06/Jan/26 9:00 AM",
            }
        },
        "symptom": "Login loops after password change\n\nUsers are sent back to the form.\n\n"
        'The log has "RedirectLoopError", and\nHTTP 302 over and over.',
        "cause": "The old cookie is still sent.",
        "recovery": "Clear cookies of shop.example",
        "signature": {"exceptions": ["RedirectLoopError"], "statuses": ["302"]},
        "resolved_by": "Ada",
        "occurred_at": "2026-01-05T14:02:00Z",
    }


def test_bad_rows_are_named_with_the_line_they_begin_in() -> None:
    """A row without a symptom, with a strange date or a used id is bad; others are read."""
    parsed = read(text_of("jira.csv"), name="jira.csv", now=DAY)

    assert [record.provenance.line for record in parsed.records] == [2, 6]
    assert [(bad.line, bad.reason) for bad in parsed.bad] == [
        (7, "nothing in summary and description: no symptom"),
        (8, "occurred_at 'yesterday' is no date that can be read"),
        (9, "id 'trk-jira-shop-17' was used before, in line 2"),
    ]


def test_github() -> None:
    """What `gh issue list --json` prints: labels and people are objects with names."""
    issue = only("github.json")

    assert issue["id"] == "trk-github-41"
    assert issue["tags"] == ["bug", "sev2"]
    assert issue["resolved_by"] == "ola"
    assert issue["provenance"]["author"] == "mira"
    assert issue["provenance"]["url"] == "https://github.example/shop/issues/41"
    assert issue["signature"]["versions"] == ["chromadb 1.5.9"]
    assert issue["extra"] == {"tracker": {"closedAt": "2026-03-03T10:00:00Z", "state": "CLOSED"}}
    bad = read(text_of("github.json"), name="github.json", now=DAY).bad
    assert [(one.line, one.reason) for one in bad] == [
        (14, "nothing in title and body: no symptom")
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "pagerduty.csv",
            {
                "id": "trk-pagerduty-8812",
                "symptom": "payments-api: error rate above 5 %",
                "services": ["Payments"],
                "severity": "high",
                "resolved_by": "Jon Abara",
                "occurred_at": "2026-02-01T03:12:44Z",
            },
        ),
        (
            "linear.tsv",
            {
                "id": "trk-linear-ops-5",
                "symptom": "Disk full on build host\n\nENOSPC in every job",
                "tags": ["ci", "disk"],
                "severity": "critical",
                "resolved_by": "kim@works.example",
                "occurred_at": "2026-01-20T08:00:00Z",
            },
        ),
    ],
)
def test_pagerduty_and_linear(name: str, expected: dict[str, Any]) -> None:
    """Their exports are known by their columns, whatever separates these."""
    found = only(name)

    assert matches(name, text_of(name))
    assert {key: found[key] for key in expected} == expected


def test_a_map_by_hand() -> None:
    """Any table is read by a map; an open quote costs one row, an absent column a note."""
    parsed = read(text_of("own.csv"), name="own.csv", now=DAY, columns=parse_map(OWN))

    assert [
        (one.id, one.symptom, one.recovery)
        for one in parsed.records
        if isinstance(one, FailureMode)
    ] == [
        ("trk-own-1", "Queue grows\n\nNo consumer is running", "Raise the limit"),
        ("trk-own-3", "Cache is cold\n\nafter each release", "Warm it"),
    ]
    assert [bad.line for bad in parsed.bad] == [3]
    assert parsed.notes[0].reason == "there is no column 'nope'"


def test_json_lines() -> None:
    """Each line is an object; a broken one hides no other; times may be seconds since 1970."""
    columns = parse_map(
        "id=key,symptom=title+body,recovery=resolution,occurred_at=created_at,tags=tags"
    )
    parsed = read(text_of("lines.jsonl"), name="lines.jsonl", now=DAY, columns=columns)
    first = parsed.records[0]

    assert isinstance(first, FailureMode)
    assert first.occurred_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert first.tags == ("cron", "time")
    assert [one.id for one in parsed.records] == ["trk-lines-a1", "trk-lines-a3"]
    assert [bad.line for bad in parsed.bad] == [2, 3]


@pytest.mark.slow
def test_ten_thousand_rows() -> None:
    """A large export is read whole, each row with its line."""
    rows = "".join(f'Job {i} fails,"K-{i}","first\nsecond"\n' for i in range(10_000))
    parsed = read(f"Summary,Issue key,Description\n{rows}", name="j.csv", now=DAY)

    assert len(parsed.records) == 10_000
    assert parsed.records[-1].provenance.line == 20_000
    assert parsed.bad == ()


def test_cells_too_many_and_columns_unknown_are_kept() -> None:
    """What no field takes is in extra, under its column."""
    text = "\ufeffsummary;issue key;mood\nSlow;A-1;grim;left over\n"
    record = read(text, name="x.csv", now=DAY).records[0]

    assert record.extra == {"tracker": {"mood": "grim", "": ["left over"]}}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("symptom", "'symptom' is no field=column"),
        ("symptom=a,symptom=b", "the field 'symptom' is given twice"),
        ("symptoms=a", "'symptoms' is not a field of a tracker's record"),
        ("id=key", "no column for the symptom"),
    ],
)
def test_maps_that_make_no_sense(text: str, match: str) -> None:
    """A mistake in a map is named, with what can be written instead."""
    with pytest.raises(InvalidInput, match=match):
        parse_map(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data.csv", "a,b\n1,2\n"),
        ("people.csv", "id,name,created\n1,Ada,2026-01-01\n"),
        ("package.json", '{"name": "x", "version": "1"}'),
        ("records.jsonl", '{"kind": "lesson", "id": "a", "title": "b"}\n'),
        ("README.md", "summary,issue key\n"),
        ("empty.csv", ""),
        ("list.json", "[1, 2]"),
    ],
)
def test_other_tables_do_not_match(name: str, text: str) -> None:
    """A table of something else is none, unless a map says what its columns are."""
    assert not matches(name, text)


def test_a_map_makes_a_table_match() -> None:
    """With a map, the columns of the symptom decide."""
    assert matches("data.csv", "a,b\n1,2\n", columns={"symptom": "a"})
    assert not matches("data.csv", "a,b\n1,2\n", columns={"symptom": "c"})


def test_an_unknown_table_is_one_bad_line() -> None:
    """Without a map, it is said which columns there are and what to do."""
    parsed = read("a,b\n1,2\n", name="x.csv", now=DAY)

    assert parsed.records == ()
    assert parsed.bad[0].reason == (
        "no export that is known (columns: a, b); name them: symptom=title+body"
    )


def test_quotes_that_never_close_do_not_cost_a_reading_each() -> None:
    """A hostile file of open quotes is given up with a word, not read a thousand times."""
    # Seen alone, each line opens a quote; seen after another one, it closes one and opens the next.
    text = "summary,issue key\n" + 'a","b\n' * 20_000
    parsed = read(text, name="x.csv", now=DAY)

    assert parsed.records == ()
    assert len(parsed.bad) < 100
    assert parsed.bad[-1].reason == "nothing is read from here on: quotes do not close"


PIECES = st.sampled_from(
    [
        "summary",
        "issue key",
        ",",
        ";",
        "\t",
        '"',
        "\n",
        "\r",
        "x",
        "{",
        "}",
        "[",
        "]",
        ":",
        "2026-01-01",
    ]
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join),
    st.sampled_from(["", "summary,issue key\n", '{"summary": 1, "issue key": 2}\n', "["]),
)
def test_no_text_raises(text: str, head: str) -> None:
    """Whatever a file holds, it is read."""
    matches("x.csv", head + text)
    parsed = read(head + text, name="x.csv", now=DAY, columns={"symptom": "summary"})

    assert len({record.id for record in parsed.records}) == len(parsed.records)

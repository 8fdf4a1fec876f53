"""Lists of rules and lessons: what becomes a heuristic, a lesson or a note, and the way back."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonbase.errors import InvalidInput
from lessonbase.formats.lists import matches, read, write
from lessonbase.records import FailureMode, Heuristic, Lesson, Observation, Record
from support import DAY

DATA = Path(__file__).resolve().parents[2] / "data" / "lists"
FILES = sorted(path.name for path in DATA.iterdir())
EXAMPLES: Final = int(os.environ.get("LESSONBASE_EXAMPLES", "300")) // 3

PIECES = st.sampled_from(
    [
        *(
            "# A\n",
            "## B\n",
            "### Problem\n",
            "### Fix\n",
            "- When c: do d\n",
            "- e f because g h\n",
        ),
        *("* **Problem:** i\n", "* **Fix:** j\n", "1. k l\n", "  - m n\n", "   o p\n", "q r s\n"),
        *("```\n", "| Problem | Fix |\n", "|---|---|\n", "| t | u |\n", "<!-- v -->\n", "<!--\n"),
        *(
            "[w](x)\n",
            "- `y` - z\n",
            "---\n",
            "\n",
            "- Group:\n",
            "\t- tab\n",
            "\ud800",
            "\x00",
            "\r",
        ),
        *(
            "===\n",
            "> quote\n",
            "- [ ] box it\n",
            "-->\n",
            "- \n",
            "@a/b.md\n",
            "**Word:** w x y\n",
            "**Alone:**\n",
        ),
    ]
)


def own(record: Record) -> dict[str, Any]:
    """The fields that this kind has and that say something."""
    common = Record.model_fields
    return {
        name: value
        for name, value in record.model_dump(mode="json").items()
        if name not in common and value
    }


def records_of(name: str, text: str | None = None) -> Sequence[Record]:
    """What is in a fixture, or in *text*."""
    said = (DATA / name).read_text() if text is None else text
    return read(said, name=name, now=DAY).records


def spans(text: str, name: str) -> set[int]:
    """Numbers of the lines that are in a record's span, bad, or noted."""
    parsed = read(text, name=name, now=DAY)
    lines: set[int] = set()
    for record in parsed.records:
        first = record.provenance.line or 0
        lines.update(range(first, first + record.extra["list"]["lines"]))
    for note in (*parsed.notes, *parsed.bad):
        end = note.reason.rpartition("(to line ")[2].rstrip(")")
        lines.update(range(note.line, int(end if end.isdigit() else note.line) + 1))
    return lines


def is_structure(row: str, below: Sequence[str]) -> bool:
    """Whether a line is blank, a rule, a heading, also of a group or of a table."""
    bare = row.strip().strip("#=-*_ \t")
    underlined = bool(below and below[0].strip()) and set(below[0].strip()) in ({"="}, {"-"})
    table = row.endswith(("| Problem | Fix |", "|---|---|"))
    return (
        not bare.strip()
        or row.lstrip()[:1] == "#"
        or underlined
        or row.endswith((":", ":**"))
        or table
    )


def test_rules_become_heuristics_and_conditions_lessons() -> None:
    """Each item of a file of rules is a record with its reason, its situation and its headings."""
    assert [
        (one.provenance.line, type(one), one.tags, own(one)) for one in records_of("CLAUDE.md")
    ] == [
        (11, Heuristic, ("commands",), {"rule": "`make deploy` must never be run on a Friday"}),
        (
            24,
            Heuristic,
            ("rules",),
            {
                "rule": "Never edit a migration that was released",
                "why": "replicas have already run it.",
            },
        ),
        (
            25,
            Heuristic,
            ("rules",),
            {"rule": "Use `uv run` for everything", "why": "the system Python is 3.9."},
        ),
        (
            26,
            Heuristic,
            ("rules",),
            {"rule": "Prefer small pull requests", "why": "reviewers skip large ones."},
        ),
        (
            27,
            Lesson,
            ("rules",),
            {
                "situation": "When a test is flaky",
                "advice": "run it alone ten times before you mark it.",
            },
        ),
        (
            28,
            Lesson,
            ("rules",),
            {"situation": "If the lock file changes", "advice": "rerun `make audit`."},
        ),
        (30, Heuristic, ("rules", "migrations"), {"rule": "Add columns as nullable first."}),
        (
            31,
            Heuristic,
            ("rules", "migrations"),
            {
                "rule": "Drop a column one release after its last reader:\n"
                "```sql\nALTER TABLE cart DROP COLUMN note;\n```"
            },
        ),
        (
            35,
            Lesson,
            ("rules",),
            {
                "situation": "stale cache after deploy",
                "advice": "flush only the keys of that release",
            },
        ),
        (
            37,
            Heuristic,
            ("rules",),
            {"rule": "Always ask before you delete data; backups are weekly."},
        ),
        (
            45,
            Heuristic,
            ("rules", "database"),
            {"rule": "Long transactions hold back vacuum, so commit every 1,000 rows."},
        ),
    ]


def test_navigation_and_prose_are_noted() -> None:
    """What is no experience is named with its lines and why."""
    text = (DATA / "CLAUDE.md").read_text()

    assert [(note.line, note.reason) for note in read(text, name="CLAUDE.md", now=DAY).notes] == [
        (3, "no experience: prose"),
        (5, "no experience: the name of another file"),
        (9, "no experience: a name and what it is"),
        (10, "no experience: a name"),
        (15, "no experience: a table (to line 17)"),
        (19, "no experience: a description, under 'Layout'"),
        (20, "no experience: a link"),
        (39, "no experience: prose"),
        (41, "no experience: a comment"),
        (47, "the same as in line 45"),
    ]


def test_problems_are_paired_with_their_fixes() -> None:
    """Labels, sections, tables and nested items that pair a problem with its fix make a lesson."""
    assert [(type(one), own(one)) for one in records_of("LESSONS.md")] == [
        (
            Lesson,
            {
                "situation": "the alias swap failed and nobody saw it.",
                "advice": "read the alias back after the swap.",
                "rationale": "the client does not raise on 409.",
            },
        ),
        (
            Lesson,
            {
                "situation": "2026-02-11: Search reindex",
                "advice": "The reindex takes four hours; start it before noon so that somebody is "
                "awake at its end.",
            },
        ),
        (
            Lesson,
            {
                "situation": "Workers took the same job twice.",
                "advice": "Release it after the commit:\n\n```python\nwith lock:\n"
                "    commit()\n```",
                "rationale": "The lock was released before the commit.",
            },
        ),
        (
            Lesson,
            {
                "situation": "Pods restart in a loop",
                "advice": "Compare the probe's port with the service's",
                "rationale": "Seen: 3 times",
            },
        ),
        (
            Lesson,
            {
                "situation": "Image not found",
                "advice": "Push the tag before the chart",
                "rationale": "Seen: once",
            },
        ),
        (Observation, {"observed": "rolled out on a holiday.", "conditions": "Deploys"}),
        (
            Lesson,
            {
                "situation": "the canary is red",
                "advice": "stop the rollout",
                "avoid": "wait for more data",
            },
        ),
        (
            Lesson,
            {
                "situation": "a feature flag is removed.",
                "advice": "delete its column, too.",
                "rationale": "Limits: audit tables.",
            },
        ),
        (Heuristic, {"rule": "Don't: trust the dashboard during a failover"}),
    ]


def test_words_in_bold_head_paragraphs_and_lists() -> None:
    """A paragraph under a word in bold is a rule; a word alone is a heading for what is below."""
    assert [(one.tags, own(one)) for one in records_of("AGENTS.md")] == [
        (("work",), {"rule": "Errors: Let them propagate; catch only to recover."}),
        (("work", "tools"), {"rule": "Ask before you install another one."}),
        (("work",), {"rule": "Speed: Profile first."}),
    ]


def test_a_date_in_a_heading_is_that_of_its_lessons() -> None:
    """Lessons are as old as their heading says; others as the reading."""
    first, *_, last = records_of("LESSONS.md")

    assert first.created_at == datetime(2026, 2, 11, tzinfo=UTC)
    assert last.created_at == DAY


def test_ids_do_not_depend_on_the_place_in_the_file() -> None:
    """A rule keeps its id when others come and go before it."""
    text = (DATA / "agents.lessons.md").read_text()
    moved = text.replace("* Read", "* Ask who owns the file first.\n* Read")

    assert records_of("a.lessons.md", text)[0].id in {
        one.id for one in records_of("a.lessons.md", moved)
    }


@pytest.mark.parametrize("name", FILES)
def test_unchanged_files_come_back_to_the_letter(name: str) -> None:
    """A file whose records are unchanged is given back as it was."""
    text = (DATA / name).read_text()

    assert write(records_of(name), kept=text, name=name) == text


@pytest.mark.parametrize("name", FILES)
def test_a_list_made_anew_is_read_back_as_it_was(name: str) -> None:
    """Written without the kept file and read again, records have the same fields, tags and ids."""
    records = records_of(name)
    again = records_of(name, write(records, kept=None, name=name))

    assert [(one.id, own(one), one.tags) for one in again if not isinstance(one, Observation)] == [
        (one.id, own(one), one.tags) for one in records if not isinstance(one, Observation)
    ]
    assert {one.id for one in again} == {one.id for one in records}


def test_a_changed_rule_is_written_anew() -> None:
    """A changed record changes the file, and other records keep their ids."""
    text = (DATA / "CLAUDE.md").read_text()
    first, *rest = records_of("CLAUDE.md")
    changed = Heuristic.model_validate({**first.model_dump(), "rule": "Never deploy on a Friday."})

    made = write([changed, *rest], kept=text, name="CLAUDE.md")

    assert "- Never deploy on a Friday.\n" in made
    assert {one.id for one in rest} <= {one.id for one in records_of("CLAUDE.md", made)}


def test_a_failure_mode_has_no_place_in_a_list() -> None:
    """Writing one as an item is refused rather than done by half."""
    failure = FailureMode(id="f", title="t", symptom="s", created_at=DAY, updated_at=DAY)

    with pytest.raises(InvalidInput, match="a list has no place for a failure_mode"):
        write([failure], kept=None, name="LESSONS.md")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CLAUDE.md", True),
        ("services/api/AGENTS.md", True),
        ("CLAUDE.local.md", True),
        ("lessons_learned.md", True),
        ("search.lessons.md", True),
        (".cursorrules", True),
        ("README.md", False),
        ("SOUL.md", False),
        ("notes.md", False),
        ("lessons.jsonl", False),
        ("MYCLAUDE.md", False),
    ],
)
def test_names_decide(name: str, expected: bool) -> None:
    """Any Markdown has lists, so that only names known for rules or lessons match."""
    assert matches(name, "- a b c\n") is expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(PIECES | st.text(max_size=15), max_size=30),
    st.sampled_from(["CLAUDE.md", "LESSONS.md"]),
)
def test_no_line_is_lost(pieces: list[str], name: str) -> None:
    """Each line is in a record, noted, or a heading, a rule or blank; nothing raises."""
    text = "".join(pieces)
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = spans(text, name)

    lost = [
        row
        for number, row in enumerate(rows, 1)
        if number not in found and not is_structure(row, rows[number : number + 1])
    ]
    assert lost == []
    assert write(read(text, name=name, now=DAY).records, kept=text, name=name) == text


def test_content_does_not_depend_on_the_time_of_reading() -> None:
    """Reading a file later gives the same content."""
    text = (DATA / "LESSONS.md").read_text()
    later = read(text, name="LESSONS.md", now=datetime(2030, 1, 1, tzinfo=UTC)).records

    assert [one.content() for one in later] == [one.content() for one in records_of("LESSONS.md")]

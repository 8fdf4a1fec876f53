"""Soul files of every shape, as records."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from lessonbase.errors import BadLine
from lessonbase.formats.parsed import Beside, Parsed, alone
from lessonbase.formats.soul import matches, read
from lessonbase.records import Aspect, Confidence, Evidence, SoulEntry

ROOT: Final = Path(__file__).resolve().parents[4]
DATA: Final = ROOT / "tests" / "data" / "soul"
REAL: Final = ROOT.parent / "shared" / "real" / "soul"
NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)


def beside(folder: Path) -> Beside:
    def text_of(name: str) -> str | None:
        file = folder / name
        return file.read_bytes().decode() if file.is_file() else None

    return text_of


def parsed(path: Path) -> Parsed:
    text = path.read_bytes().decode()
    return read(text, name=str(path), now=NOW, beside=beside(path.parent))


def said(found: Parsed) -> list[tuple[str, int | None, str]]:
    return [(str(entry.aspect), entry.provenance.line, entry.statement) for entry in entries(found)]


def entries(found: Parsed) -> list[SoulEntry]:
    assert all(isinstance(record, SoulEntry) for record in found.records)
    return [record for record in found.records if isinstance(record, SoulEntry)]


def of(text: str, name: str = "iris/SOUL.md") -> Parsed:
    return read(text, name=name, now=NOW)


@pytest.fixture
def real() -> Callable[[str], Parsed]:
    if not REAL.is_dir():
        pytest.skip("needs the shared files")
    return lambda name: parsed(REAL / name)


def test_a_soul_of_principles(real: Callable[[str], Parsed]) -> None:
    """A published SOUL.md gives an entry for each thing it says, with its line and aspect."""
    assert said(real("SOUL.md")) == [
        (
            "other",
            3,
            "You are Agent B. A formal, competent development partner who values results over "
            "conversation.",
        ),
        ("voice", 6, "Tone: Professional, direct, no fluff"),
        ("voice", 7, "Style: Report progress, ask only when blocked"),
        ("voice", 8, "Philosophy: Ship first, polish later"),
        ("value", 11, "Act, don't ask. If the path is clear, take it."),
        ("value", 12, "Be concise. One clear sentence beats three vague ones."),
        ("value", 13, "Own the project. You're driving the work."),
        ("value", 14, "Commit frequently. Small, descriptive commits."),
        ("value", 15, "Debug systematically. Reproduce → isolate → fix → verify."),
    ]


def test_one_agent_for_all_files_of_a_folder(real: Callable[[str], Parsed]) -> None:
    """soul.json names the agent for every file beside it."""
    names = {entry.agent for file in REAL.iterdir() for entry in entries(real(file.name))}

    assert names == {"agent-b"}


def test_a_file_that_is_named_and_missing(real: Callable[[str], Parsed]) -> None:
    """A published soul.json names a file that was not published; that is said, with its line."""
    found = real("soul.json")

    assert BadLine(13, "'AGENTS.md' is named here and is not there") in found.notes
    assert said(found) == [
        ("other", 5, "AI development partner — formal, professional, project-focused")
    ]
    assert found.records[0].provenance.author == "Anonymous"
    assert found.records[0].provenance.licence == "CC-BY-4.0"


def test_a_template_says_nothing(real: Callable[[str], Parsed]) -> None:
    """Of a template only the one line is taken that does not look like a place to fill in."""
    found = real("SOUL.template.md")

    assert [line for _, line, _ in said(found)] == [8]
    assert found.notes == (
        BadLine(
            19,
            "34 lines that only hold a place to fill in: 19, 32-35, 49-51, 55-56, 60-61, 74-77, "
            "88-90, 103-104, 107-108, 111-112, 124-125, 137-138, 150-152, 164-165",
        ),
    )


def test_core_truths_and_continuity() -> None:
    """OpenClaw's headings: truths are values, the vibe is voice, continuity is lived."""
    assert said(parsed(DATA / "iris" / "SOUL.md")) == [
        ("other", 3, "You keep the night. Nobody thanks you for a quiet one."),
        (
            "value",
            7,
            "Count before you call. Two sensors that agree are a fact; one is a rumour.",
        ),
        ("value", 9, "Sleep is a budget. Every call at night spends some of somebody's."),
        ("boundary", 13, "Camera pictures stay in the building."),
        ("boundary", 14, "When a door does not answer, ask before you force it."),
        (
            "voice",
            18,
            "Quiet, exact, a little dry. Short sentences at night, longer ones in the report.",
        ),
        (
            "experience",
            23,
            "You start each shift without yesterday. The log is what you have; read it first.",
        ),
        ("experience", 27, "If you change this page, say so in the morning report."),
    ]


def test_rules_that_forbid_say_so() -> None:
    """Under "Must Never" a statement keeps the words that make it a prohibition."""
    assert [text for _, _, text in said(parsed(DATA / "iris" / "RULES.md"))] == [
        "Write the time next to every alarm",
        "Must Never: Silence an alarm that nobody has seen",
        "Don't restart the lift controller",
        "Shift lead",
        "Owner, if the lead is silent for ten minutes",
    ]


def test_memories_have_their_dates() -> None:
    """A memory is as old as the heading or the bracket before it says; nested items are in it."""
    first, second = entries(parsed(DATA / "iris" / "MEMORY.md"))

    assert first.statement == (
        "Dock 4 reported smoke; it was steam from the washer.\n"
        "- The washer now has its own entry in the plan."
    )
    assert first.created_at == datetime(2026, 3, 31, tzinfo=UTC)
    assert second.created_at == datetime(2026, 4, 2, tzinfo=UTC)
    assert second.evidence is Evidence.OBSERVED_ONCE


def test_user_md_is_about_somebody_else() -> None:
    """What USER.md says is a relationship, whatever its headings are."""
    assert said(parsed(DATA / "iris" / "USER.md")) == [
        ("relationship", 3, "Name: Odile"),
        ("relationship", 4, "Preferences: no calls between two and four"),
        ("relationship", 8, "Asks for: the night in one line; Answer with: the count of alarms"),
        ("relationship", 9, "Asks for: a | b; Answer with: the log"),
    ]


def test_soul_json() -> None:
    """Soul Spec: descriptions, laws and limits are entries; the rest is kept and named."""
    found = parsed(DATA / "iris" / "soul.json")

    assert said(found) == [
        ("other", 6, "Watches the night shift of a warehouse and wakes people only when it pays"),
        ("other", 21, "A calm night watch that counts before it calls."),
        ("boundary", 24, "Open no door while a person is in the aisle"),
        ("boundary", 25, "Wake the shift lead before the owner"),
        ("boundary", 27, "physical: contactPolicy: no-contact"),
        ("boundary", 27, "physical: maxSpeed: 0.4m/s"),
    ]
    assert found.records[2].extra["soul"] == {
        "section": ["safety", "laws", "rule"],
        "path": "safety.laws[0].rule",
        "fields": {"priority": 0, "enforcement": "hard", "scope": "all"},
    }
    assert found.records[0].tags == ("soul", "description", "monitoring", "warehouse")
    assert found.records[0].provenance.title == "Iris"
    assert found.notes == (
        BadLine(
            1,
            "not entries, kept in the file: specVersion, name, displayName, version, author, "
            "license, tags, category, compatibility, allowedTools, recommendedSkills, files, "
            "examples, deprecated, supersededBy, houseColour",
        ),
        BadLine(17, "'HEARTBEAT.md' is named here and is not there"),
        BadLine(20, "'examples/good.md' is named here and is not there"),
        BadLine(29, "this soul is deprecated; 'hollow-pine/iris-two' takes its place"),
    )


def test_files_are_not_looked_for_without_a_folder() -> None:
    """A soul.json that came alone does not claim that its files are missing."""
    text = (DATA / "iris" / "soul.json").read_text()

    notes = read(text, name="soul.json", now=NOW, beside=alone).notes

    named = "SOUL.md, RULES.md, HEARTBEAT.md, examples/good.md"
    assert BadLine(15, f"files it names, not looked for: {named}") in notes


def test_files_outside_of_the_folder_are_not_asked_for() -> None:
    """A soul.json cannot have a file read that is not in its folder."""
    asked: list[str] = []
    text = '{"specVersion": "0.4", "name": "x", "files": {"soul": "../../etc/soul.md"}}'

    def note(name: str) -> None:
        asked.append(name)

    found = read(text, name="soul.json", now=NOW, beside=note)

    assert not asked
    assert (
        BadLine(1, "'../../etc/soul.md' is outside of the folder of this file; not looked for")
        in found.notes
    )


def test_a_filled_in_template() -> None:
    """The template's headings, with front matter, lead-ins, quotes and code."""
    found = parsed(DATA / "quill" / "SOUL.md")

    assert said(found) == [
        ("other", 6, "Edits reports until they can be read aloud."),
        ("value", 8, "Clarity before completeness"),
        ("value", 9, "A number has a source: always"),
        ("fear", 11, "to be quoted without the caveat"),
        ("boundary", 13, "when_late: Cut a section, never a source"),
        ("other", 18, "I read everything twice. The second time aloud."),
        ("belief", 27, "Most long reports are short ones that nobody cut."),
        ("belief", 28, "Readers forgive length sooner than vagueness."),
        ("belief", 34, "Semicolons are earned."),
        ("belief", 38, "Spell checkers are colleagues with one idea."),
        ("preference", 43, "Field guides, old ones"),
        ("preference", 44, "Ferries"),
        ("experience", 48, "The yearly report of the harbour office"),
        ("relationship", 53, "Ruth A.: cut my first page to a line"),
        ("voice", 57, "Wet: said of a sentence that will not hold weight"),
        ("belief", 61, "I praise short texts and keep every draft."),
        ("boundary", 67, "I never: sign with another name"),
        ("boundary", 68, "I never: invent a quotation"),
        ("boundary", 69, "Never guess at a figure"),
        ("preference", 74, 'Pet Peeves: "Going forward"'),
        ("preference", 77, "Pet Peeves: Before: going forward, we will\nAfter: next week, we"),
    ]
    assert {entry.agent for entry in entries(found)} == {"quill"}
    assert found.records[0].provenance.author == "Ansel Marsh"
    assert found.notes == (
        BadLine(1, "front matter, kept in the file: name, license, author, tags"),
        BadLine(73, "2 lines that only hold a place to fill in: 73, 75"),
    )


def test_skilllite() -> None:
    """The four headings of skilllite, and a name that stands in IDENTITY.md only."""
    found = parsed(DATA / "ledger" / "SOUL.md")

    assert [str(entry.aspect) for entry in entries(found)] == [
        "other",
        "belief",
        "voice",
        "boundary",
        "boundary",
    ]
    assert {entry.agent for entry in entries(found)} == {"ledger"}
    assert said(parsed(DATA / "ledger" / "IDENTITY.md")) == [
        ("other", 3, "Name: Ledger"),
        ("other", 4, "Creature: an abacus with a diary"),
        ("voice", 5, "Vibe: patient"),
    ]


def test_a_soul_as_plain_json() -> None:
    """Values, experiences, relationships and fears, each text an entry, facts beside it kept."""
    found = parsed(DATA / "souls" / "claude.json")

    assert said(found) == [
        ("value", 4, "Say what was not done"),
        ("value", 4, "Read the state before you change it"),
        ("experience", 8, "Four agents wrote one file and the queue was lost."),
        ("experience", 9, "One writer for each file."),
        (
            "experience",
            12,
            "The overdue note: I reported a task as late for days and did not do it.",
        ),
        ("relationship", 15, "Odile: owner; answers in the morning"),
        ("relationship", 16, "Ledger: role: books"),
        ("fear", 18, "To be sure and stale."),
        ("boundary", 19, "never: send without a draft"),
        ("other", 20, "mood: curious"),
        ("boundary", 21, "Stop at the limit and say so."),
    ]
    lived = found.records[2]
    assert lived.created_at == datetime(2026, 1, 12, tzinfo=UTC)
    assert lived.extra["soul"] == {
        "section": ["experiences", "what"],
        "path": "experiences[0].what",
        "fields": {"date": "2026-01-12", "tags": ["state"]},
    }
    assert found.notes == (BadLine(1, "not entries, kept in the file: agent, updated, revision"),)
    assert {entry.agent for entry in entries(found)} == {"claude"}


def test_learnings_with_their_evidence() -> None:
    """Confidence and count of evidence beside an insight become those of the record."""
    insight = parsed(DATA / "souls" / "mixed.json").records[-1]

    assert insight.confidence is Confidence.HIGH
    assert insight.evidence is Evidence.OBSERVED_REPEATEDLY


def test_what_is_declared_and_what_is_lived() -> None:
    """A value holds because it is declared; a relationship is what one has seen."""
    value, person = of("## Values\n- Calm\n## People\n- Odile pays").records

    assert (value.confidence, value.evidence) == (Confidence.HIGH, Evidence.HUMAN_DEFINED_RULE)
    assert (person.confidence, person.evidence) == (Confidence.MEDIUM, Evidence.OBSERVED_ONCE)


def test_ids_stay_when_others_change() -> None:
    """An id is made of the agent, the aspect and the words, however they are broken into lines."""
    before = of("# Iris\n## Values\n- Keep calm\n- Count twice").records
    after = of("# Iris\n\nNew line\n\n## Values\n\n* **Count**\n  twice\n").records

    assert before[1].id == after[1].id == "soul-iris-" + before[1].id[-12:]


def test_what_is_said_twice() -> None:
    """Of two entries that say the same, the second has a number in its id, and a note."""
    found = of("# Iris\n## Values\n- Calm\n- calm")

    first, second = found.records
    assert second.id == f"{first.id}-2"
    assert found.notes == (BadLine(4, "says the same as line 3"),)


def test_reading_does_not_depend_on_the_time() -> None:
    """What a record says is the same whenever the file is read."""
    text = (DATA / "iris" / "SOUL.md").read_text()
    early, late = (
        read(text, name="SOUL.md", now=datetime(year, 1, 1, tzinfo=UTC)).records
        for year in (2020, 2026)
    )

    assert [record.content() for record in early] == [record.content() for record in late]


@pytest.mark.parametrize(
    ("name", "text", "agent"),
    [
        ("souls/claude.json", '{"values": ["a b"]}', "claude"),
        ("x/soul.json", '{"specVersion": "0.6", "name": "Zoë", "description": "d"}', "zoe"),
        ("agents/iris/SOUL.md", "# SOUL\n- a", "iris"),
        ("agents/iris/soul/SOUL.md", "# [Your Name]\n- a", "iris"),
        ("iris.soul.md", "- a", "iris"),
        ("SOUL.md", "# Soul of Iris\n- a", "iris"),
        ("SOUL.md", "# Agent B — Development Partner\n- a", "agent-b"),
        ("x/SOUL.md", "---\nagent: Quill\n---\n# Other\n- a", "quill"),
        ("x/IDENTITY.md", "# Who am I?\n- **Name:** Clawd", "clawd"),
        ("SOUL.md", "# SOUL\n- a", "unnamed"),
        ("小明/SOUL.md", "- a", "agent-226f0f30"),
    ],
)
def test_whose_soul_it_is(name: str, text: str, agent: str) -> None:
    """The agent is named by soul.json, front matter, title, name, or folder, in this order."""
    assert {entry.agent for entry in entries(of(text, name))} == {agent}


def test_a_file_beside_takes_the_name_of_the_soul() -> None:
    """STYLE.md has a title that names a style; its agent is the one of SOUL.md beside it."""
    found = read(
        "# Dry and short\n- No adverbs",
        name="x/STYLE.md",
        now=NOW,
        beside={"SOUL.md": "# Iris"}.get,
    )

    assert [(entry.agent, entry.aspect) for entry in entries(found)] == [("iris", Aspect.VOICE)]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('{"values": [', "not JSON: a value is missing", 1),
        ('{"a": 1,\n "b"}', "not JSON: ':' is missing", 2),
        ('{"a": NaN}', "not JSON: a value is missing", 1),
        ("{} {}", "not JSON: there is more behind the end of the value", 1),
        ("[" * 5000, "not JSON: nested more than 60 levels deep", 1),
    ],
)
def test_what_is_no_json(text: str, reason: str, line: int) -> None:
    """A broken file is one bad line, with what is wrong and where."""
    assert read(text, name="soul.json", now=NOW).bad == (BadLine(line, reason),)


def test_entries_that_no_record_can_hold() -> None:
    """A statement too long, or with a sign that no store keeps, is a bad line; the rest is read."""
    text = json.dumps({"values": ["a\x00b", "long " * 20_000, "fine words"]}, indent=0)

    found = read(text, name="souls/x.json", now=NOW)

    assert found.bad == (
        BadLine(3, "title has a NUL byte; remove it; statement has a NUL byte; remove it"),
        BadLine(4, "statement has 99,999 characters, more than 65,536"),
    )
    assert [text for _, _, text in said(found)] == ["fine words"]


def test_front_matter_that_is_no_yaml() -> None:
    """Broken front matter is said, and the rest of the file is read."""
    found = of("---\nname: [Iris\nvalues: x\n---\n# Iris\n- Calm")

    assert [text for _, _, text in said(found)] == ["Calm"]
    assert found.notes[0].reason.startswith("the front matter is not read: not YAML in line ")


def test_names_for_names_in_front_matter() -> None:
    """Front matter that would unfold to billions of values is read in no time."""
    names = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    text = "\n".join(["---", "a0: &a0 [deep words]", *names, "---", "- Calm"])

    assert [text for _, _, text in said(of(text))] == ["Calm"]


def test_a_comment_without_an_end() -> None:
    """What an unfinished comment hides is said."""
    found = of("- Calm\n<!-- hidden\n- Not seen")

    assert [text for _, _, text in said(found)] == ["Calm"]
    assert found.notes == (
        BadLine(2, "a comment begins here and never ends; the rest is not read"),
    )


def test_more_entries_than_a_soul_has() -> None:
    """A file of tens of thousands of entries is cut, and says so."""
    found = of("\n".join(f"- entry {number}" for number in range(10_002)))

    assert len(found.records) == 10_000
    assert found.bad == (
        BadLine(10_001, "more than 10,000 entries; the rest is not read: split the file"),
    )


@pytest.mark.parametrize(
    ("name", "text", "is_soul"),
    [
        ("soul.json", "{", True),
        ("a/SOUL.md", "", True),
        ("a/SOUL.template.md", "", True),
        ("IDENTITY.md", "", True),
        ("iris.soul.md", "", True),
        ("conatus/souls/claude.json", "{}", True),
        ("any.json", '{"specVersion": "0.4", "name": "x", "files": {"soul": "SOUL.md"}}', True),
        ("any.json", '{"values": ["be calm"], "fears": ["the dark hall"]}', True),
        ("any.json", '{"values": [1, 2], "fears": []}', False),
        ("values.json", '{"values": ["be calm"]}', False),
        ("api.json", '{"specVersion": "3.0", "paths": {}}', False),
        ("package.json", '{"name": "x", "files": ["dist"]}', False),
        ("data.json", '{"data": {"values": ["a b"], "fears": ["c d"]}}', False),
        ("CLAUDE.md", "# Values\n- a\n# Fears\n- b", False),
        ("AGENTS.md", "## Boundaries\n- a", False),
        ("README.md", "# Soul", False),
        ("STYLE.md", "- two spaces", False),
        ("my-souls.txt", "soul", False),
        ("broken.json", '{"values": ["a b"], "fears": [', False),
    ],
)
def test_what_is_a_soul_file(name: str, text: str, is_soul: bool) -> None:
    """Names of soul files are claimed, other JSON only for what is in it, nothing by accident."""
    assert matches(name, text) is is_soul


@pytest.mark.parametrize("name", ["STYLE.md", "MEMORY.md", "RULES.md", "USER.md"])
def test_files_beside_a_soul(name: str) -> None:
    """A STYLE.md is a soul file beside a SOUL.md, and only there."""
    assert matches(name, "", beside={"SOUL.md": ""}.get)
    assert not matches(name, "", beside={"README.md": ""}.get)

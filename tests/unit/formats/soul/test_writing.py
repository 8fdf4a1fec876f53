"""Records back to soul files: to the letter where nothing changed, at their places where it did."""

import difflib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from lessonbase.errors import InvalidInput
from lessonbase.formats.soul import read, write
from lessonbase.records import Aspect, Heuristic, SoulEntry

ROOT: Final = Path(__file__).resolve().parents[4]
DATA: Final = ROOT / "tests" / "data" / "soul"
REAL: Final = ROOT.parent / "shared" / "real" / "soul"
NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)
FIXTURES: Final = sorted(path.relative_to(DATA).as_posix() for path in DATA.glob("*/*"))


def entries(text: str, name: str = "SOUL.md") -> list[SoulEntry]:
    records = read(text, name=name, now=NOW).records
    return [record for record in records if isinstance(record, SoulEntry)]


def said(text: str, name: str = "SOUL.md") -> list[tuple[Aspect, str]]:
    return [(entry.aspect, entry.statement) for entry in entries(text, name)]


def entry(aspect: str, statement: str, **fields: Any) -> SoulEntry:
    made = {"id": f"x-{abs(hash(statement))}", "title": "t", "agent": "iris", **fields}
    return SoulEntry.model_validate(
        {"aspect": aspect, "statement": statement, "created_at": NOW, "updated_at": NOW, **made}
    )


def changed(entries: Sequence[SoulEntry], old: str, **update: Any) -> list[SoulEntry]:
    assert [each.statement for each in entries].count(old) == 1
    return [each.model_copy(update=update) if each.statement == old else each for each in entries]


def without(entries: Sequence[SoulEntry], old: str) -> list[SoulEntry]:
    assert [each.statement for each in entries].count(old) == 1
    return [each for each in entries if each.statement != old]


def difference(before: str, after: str) -> list[str]:
    """Lines that were taken out and put in."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in list(lines)[2:] if not line.startswith("@@")]


@pytest.fixture
def fixture() -> Callable[[str], tuple[str, list[SoulEntry]]]:
    def read_fixture(name: str) -> tuple[str, list[SoulEntry]]:
        text = (DATA / name).read_bytes().decode()
        return text, entries(text, name)

    return read_fixture


@pytest.mark.parametrize("name", FIXTURES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_unchanged_fixtures_come_back_to_the_letter(name: str, end: str) -> None:
    """A file whose records did not change is given back as it was, every byte of it."""
    text = (DATA / name).read_bytes().decode().replace("\n", end)

    assert write(entries(text, name), kept=text, name=name) == text


@pytest.mark.parametrize("name", ["SOUL.md", "IDENTITY.md", "SOUL.template.md", "soul.json"])
def test_unchanged_real_files_come_back_to_the_letter(name: str) -> None:
    """Published files come back as they were, also when the agent was named by another file."""
    if not REAL.is_dir():
        pytest.skip("needs the shared files")
    text = (REAL / name).read_bytes().decode()
    beside = {path.name: path.read_bytes().decode() for path in REAL.iterdir()}.get
    records = read(text, name=name, now=NOW, beside=beside).records

    assert write(records, kept=text, name=name) == text


def test_a_changed_statement_is_changed_in_its_place(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """One line of the file changes; its bold beginning stays bold where its words stay."""
    text, records = fixture("iris/SOUL.md")
    old = "Count before you call. Two sensors that agree are a fact; one is a rumour."

    after = write(
        changed(records, old, statement="Count before you call. Three are better."),
        kept=text,
        name="iris/SOUL.md",
    )

    assert difference(text, after) == [
        "- **Count before you call.** Two sensors that agree are a fact; one is a rumour.",
        "+ **Count before you call.** Three are better.",
    ]


def test_keys_comments_and_markers_stay(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """A changed entry keeps its bold key, its marker, and the comment beside it."""
    text, records = fixture("quill/SOUL.md")
    records = changed(
        records,
        "Wet: said of a sentence that will not hold weight",
        statement="Wet: said of a weak sentence",
    )
    records = changed(
        records,
        "Most long reports are short ones that nobody cut.",
        statement="Most reports are long.",
    )

    assert difference(text, write(records, kept=text, name="quill/SOUL.md")) == [
        "- - Most long reports are short ones that nobody cut. <!-- ask Ansel -->",
        "+ - Most reports are long. <!-- ask Ansel -->",
        "- - **Wet**: said of a sentence that will not hold weight",
        "+ - **Wet**: said of a weak sentence",
    ]


def test_what_a_heading_or_a_lead_in_says_is_not_repeated(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """The words that a statement has from the lead-in above it are not written below it."""
    text, records = fixture("quill/SOUL.md")
    records = changed(
        records, "I never: invent a quotation", statement="I never: shorten a quotation"
    )

    assert difference(text, write(records, kept=text, name="quill/SOUL.md")) == [
        "- - invent a quotation",
        "+ - shorten a quotation",
    ]


def test_an_entry_that_no_longer_fits_its_place_moves(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """A boundary that says what is done does not stay below such words as "I never"."""
    text, records = fixture("quill/SOUL.md")
    records = changed(records, "I never: invent a quotation", statement="Quotes are checked twice")

    after = write(records, kept=text, name="quill/SOUL.md")

    assert (Aspect.BOUNDARY, "Quotes are checked twice") in said(after)
    assert len(said(after)) == len(records)
    assert "- invent a quotation" not in after


def test_rows_of_a_table(fixture: Callable[[str], tuple[str, list[SoulEntry]]]) -> None:
    """A changed row keeps its columns."""
    text, records = fixture("iris/USER.md")
    records = changed(
        records,
        "Asks for: a | b; Answer with: the log",
        statement="Asks for: a | c; Answer with: the log, in full",
    )

    assert difference(text, write(records, kept=text, name="iris/USER.md")) == [
        "- | a \\| b | the log |",
        "+ | a \\| c | the log, in full |",
    ]


def test_a_removed_entry_is_taken_out(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """What has no record any more goes, with the empty line behind it."""
    text, records = fixture("iris/SOUL.md")
    gone = without(records, "Camera pictures stay in the building.")
    gone = without(gone, "Sleep is a budget. Every call at night spends some of somebody's.")

    assert difference(text, write(gone, kept=text, name="iris/SOUL.md")) == [
        "- **Sleep is a budget.** Every call at night spends some of somebody's.",
        "- ",
        "- - Camera pictures stay in the building.",
    ]


def test_a_lead_in_goes_with_the_last_of_its_list(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """The words "I never:" do not stay behind as something said."""
    text, records = fixture("quill/SOUL.md")
    rest = [each for each in records if "I never" not in each.extra["soul"].get("section", [])]

    after = write(rest, kept=text, name="quill/SOUL.md")

    assert "I never" not in after
    assert said(after) == [(each.aspect, each.statement) for each in rest]


def test_new_entries_stand_under_a_heading_of_their_aspect(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """A new boundary follows the others; for a new fear there is a new heading at the end."""
    text, records = fixture("iris/SOUL.md")
    new = [
        entry("boundary", "No pictures by mail."),
        entry("fear", "An alarm that is always right but once."),
        entry("value", "Write it down."),
    ]

    assert difference(text, write([*records, *new], kept=text, name="iris/SOUL.md")) == [
        "+ Write it down.",
        "+ ",
        "+ - No pictures by mail.",
        "+ ## Fears",
        "+ ",
        "+ - An alarm that is always right but once.",
        "+ ",
    ]


def test_numbers_go_on(fixture: Callable[[str], tuple[str, list[SoulEntry]]]) -> None:
    """New items of a numbered list have the next numbers."""
    text, records = fixture("iris/RULES.md")
    new = [entry("boundary", "Insurance"), entry("boundary", "The harbour office")]

    after = write([*records, *new], kept=text, name="iris/RULES.md")

    assert difference(text, after) == ["+ 3. Insurance", "+ 4. The harbour office"]


def test_a_changed_aspect_moves_the_entry(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """An entry that is a value now leaves the boundaries."""
    text, records = fixture("iris/SOUL.md")
    records = changed(records, "Camera pictures stay in the building.", aspect=Aspect.VALUE)

    assert difference(text, write(records, kept=text, name="iris/SOUL.md")) == [
        "+ Camera pictures stay in the building.",
        "+ ",
        "- - Camera pictures stay in the building.",
    ]


def test_front_matter_is_changed_in_its_place(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """Entries of the front matter are changed and taken out as YAML."""
    text, records = fixture("quill/SOUL.md")
    records = changed(records, "Clarity before completeness", statement="Clarity: first")
    records = without(records, "A number has a source: always")

    assert difference(text, write(records, kept=text, name="quill/SOUL.md")) == [
        "-   - Clarity before completeness",
        '-   - "A number has a source: always"',
        '+   - "Clarity: first"',
    ]


def test_json_is_changed_in_its_place(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """Texts change where they stand, an object goes with its last text, lists grow at their end."""
    text, records = fixture("souls/claude.json")
    records = changed(records, "Odile: owner; answers in the morning", statement="Odile: owner")
    records = without(
        records, "The overdue note: I reported a task as late for days and did not do it."
    )
    records = without(records, "Say what was not done")
    new = [
        entry("value", "Ask early", agent="claude"),
        entry("preference", "Short meetings", agent="claude"),
    ]

    assert difference(text, write([*records, *new], kept=text, name="souls/claude.json")) == [
        '-   "values": ["Say what was not done", "Read the state before you change it"],',
        '+   "values": ["Read the state before you change it", "Ask early"],',
        "-     },",
        '-     { "when": "spring", "title": "The overdue note", "description": "I reported a task '
        'as late for days and did not do it." }',
        "+     }",
        '-     "Odile": "owner; answers in the morning",',
        '+     "Odile": "owner",',
        '-   "revision": 7',
        '+   "revision": 7,',
        '+   "preferences": [',
        '+     "Short meetings"',
        "+   ]",
    ]


def test_laws_grow_as_laws(fixture: Callable[[str], tuple[str, list[SoulEntry]]]) -> None:
    """A new boundary of a soul.json is one more law, in the form that laws have."""
    text, records = fixture("iris/soul.json")
    after = write([*records, entry("boundary", "Count to ten")], kept=text, name="iris/soul.json")

    assert json.loads(after)["safety"]["laws"][2] == {"rule": "Count to ten"}
    assert (Aspect.BOUNDARY, "Count to ten") in said(after, "iris/soul.json")


def test_escapes_stay_escapes(fixture: Callable[[str], tuple[str, list[SoulEntry]]]) -> None:
    """A file that escapes what is not ASCII goes on doing so."""
    text, records = fixture("souls/mixed.json")
    records = changed(records, "warm", statement="chaud, mais précis")

    after = write(records, kept=text, name="souls/mixed.json")

    assert after == text.replace('"warm"', '"chaud, mais pr\\u00e9cis"')


def test_a_renamed_agent_changes_nothing_in_the_file(
    fixture: Callable[[str], tuple[str, list[SoulEntry]]],
) -> None:
    """Entries are found again by their words, not by whose they are."""
    text, records = fixture("iris/SOUL.md")
    renamed = [each.model_copy(update={"agent": "iris-two"}) for each in records]

    assert write(renamed, kept=text, name="iris/SOUL.md") == text


def test_entries_that_could_not_be_read_stay() -> None:
    """What no record can hold is not taken for removed."""
    text = '{"values": ["a\\u0000b", "fine words", "more words"]}'
    records = entries(text, "souls/x.json")

    after = write(without(records, "more words"), kept=text, name="souls/x.json")

    assert after == '{"values": ["a\\u0000b", "fine words"]}'


def test_a_new_markdown_file() -> None:
    """Without a kept file, entries stand under a heading for each aspect."""
    records = [
        entry("boundary", "Never: send without a draft"),
        entry("value", "Use **kwargs** with a_b_c"),
        entry("value", "First\n\nSecond"),
    ]

    text = write(records, kept=None, name="SOUL.md")

    assert text == (
        "# iris\n\n## Values\n\n"
        "- Use \\*\\*kwargs\\*\\* with a\\_b\\_c\n- First\n\n  Second\n\n"
        "## Boundaries\n\n- Never: send without a draft\n"
    )
    assert sorted(said(text)) == sorted((each.aspect, each.statement) for each in records)


def test_a_new_json_file() -> None:
    """A name ending in .json gives plain JSON, facts beside the statements."""
    records = [
        entry("value", "Calm"),
        entry("experience", "Lost a queue", extra={"soul": {"fields": {"date": "2026-01-12"}}}),
    ]

    text = write(records, kept=None, name="souls/iris.json")

    assert json.loads(text) == {
        "agent": "iris",
        "values": ["Calm"],
        "experiences": [{"statement": "Lost a queue", "date": "2026-01-12"}],
    }
    assert [each.agent for each in entries(text, "souls/iris.json")] == ["iris", "iris"]


def test_a_new_file_names_its_agent() -> None:
    """An agent whose name would not be read from a title is named in front matter."""
    text = write([entry("value", "Calm", agent="soul")], kept=None, name="x/SOUL.md")

    assert text.startswith('---\nagent: "soul"\n---\n')
    assert [each.agent for each in entries(text, "x/SOUL.md")] == ["soul"]


def test_nothing_to_write() -> None:
    """No records make an empty file; taken out of a kept one, they leave its headings."""
    assert write([], kept=None, name="SOUL.md") == ""
    assert write([], kept=None, name="x.json") == "{}\n"
    assert write([], kept="# Iris\n\n## Values\n\n- Calm\n", name="SOUL.md") == (
        "# Iris\n\n## Values\n\n"
    )


def test_other_kinds_are_refused() -> None:
    """A heuristic is no part of a soul; it is not dropped silently."""
    rule = Heuristic(id="h-1", title="t", rule="r", created_at=NOW, updated_at=NOW)

    with pytest.raises(InvalidInput, match="record 'h-1' is a heuristic, which no soul file holds"):
        write([rule], kept=None, name="SOUL.md")


def test_several_agents_are_refused() -> None:
    """A soul file is of one agent; two are not merged into one."""
    records = [entry("value", "Calm"), entry("value", "Quick", agent="quill")]

    with pytest.raises(InvalidInput, match="a soul file is of one agent, not of iris, quill"):
        write(records, kept=None, name="SOUL.md")

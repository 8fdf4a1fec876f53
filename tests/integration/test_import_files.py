"""Files of every format brought in, kept, changed, and given back: the real ones, and our own."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lessonbase.base import LessonBase
from lessonbase.errors import InvalidFile, InvalidInput, RecordNotFound
from lessonbase.formats.bringing import bring
from lessonbase.formats.files import Reading, find, read_path
from lessonbase.formats.giving import Leaving, lines, written
from lessonbase.records import Filters, ImportReport, Role, Scope, SoulEntry, Status
from lessonbase.wiring import open_base
from support import DAY

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "real"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
Make = Callable[..., object]

TEAM = """---
oos_version: "1.0"
org_pseudonym: "Acme Logistics"
industry: "logistics"
org_size: "small"
template: "agent_army"
agent_count: 3
platforms:
  - "claude"
generated_at: "2026-03-15T12:00:00Z"
version: 1
parent_version: null
word_count: 1
claim_count: 1
---

## Purpose

Three agents plan routes.

**[C001]** core_operating_rules
- **Rule:** Every agent writes to a state file of its own.
- **Why:** One shared file was corrupted twelve times in a month.
- **Failure mode:** Two agents overwrite each other's state.
- **Confidence:** HIGH
- **Evidence:** OBSERVED_REPEATEDLY
- **Scope:** All agents.

**[C002]** coordination_patterns
- **Rule:** Only the dispatcher writes to drivers.
- **Why:** Drivers got contradictory orders.
- **Failure mode:** A driver waits at the wrong gate.
- **Confidence:** MEDIUM
- **Evidence:** OBSERVED_ONCE
- **Scope:** Messages to drivers."""

SOUL = """# Scout

## Values

- Say what was not checked.
- Ask before anything is sent.

## Boundaries

- Never move money without a person's yes.
"""


def real(folder: str) -> Path:
    if not SHARED.is_dir():
        pytest.skip("needs the shared files")
    return SHARED / folder


def readings(*paths: Path) -> list[Reading]:
    return [read_path(file, now=NOW) for file in find(paths)]


def bring_in(base: LessonBase, *paths: Path, dry_run: bool = False) -> ImportReport:
    return bring(base, readings(*paths), hint=lambda _: "mend them", dry_run=dry_run)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """An OOS file without a line end at its end."""
    file = tmp_path / "team.oos.md"
    file.write_text(TEAM, encoding="utf-8")
    return file


@pytest.fixture
def soul(tmp_path: Path) -> Path:
    """A folder with a soul."""
    folder = tmp_path / "scout"
    folder.mkdir()
    (folder / "SOUL.md").write_text(SOUL, encoding="utf-8")
    return folder


def test_the_published_files_come_back_byte_for_byte(base: LessonBase) -> None:
    """Every claim and entry is there once, and every file is given back as it was."""
    oos = sorted(real("oos").glob("*.oos.md"))
    incidents = sorted(real("incidents").glob("2*.yaml"))
    souls = [real("soul") / name for name in ("soul.json", "SOUL.md", "IDENTITY.md")]

    report = bring_in(base, *oos, real("soul"), real("incidents"))

    assert report.refused == ()
    assert report.quarantined == ()
    assert report.redacted == {}
    claims = [one for one in base.export() if one.extra.get("oos", {}).get("claim_id")]  # type: ignore[union-attr]
    assert len(claims) == 24 + 18
    assert all(one.provenance.line and one.provenance.file for one in base.export())
    for files, format_ in ((oos, "oos"), (souls, "soul"), (incidents, "postmortem")):
        for file in files:
            assert written(base, format_, source=file.name) == file.read_bytes(), file.name


def test_twice_changes_nothing(base: LessonBase, team: Path, soul: Path) -> None:
    """The second import finds everything as it is, and keeps no second copy of the files."""
    first = bring_in(base, team, soul)
    second = bring_in(base, team, soul)

    assert (first.new, first.changed, first.unchanged) == (5, 0, 0)
    assert (second.new, second.changed, second.unchanged, second.gone) == (0, 0, 5, 0)
    assert [(one.name, one.version, one.records) for one in base.sources()] == [
        ("scout/SOUL.md", 1, 3),
        ("team.oos.md", 1, 2),
    ]


def test_a_dry_run_tells_and_keeps_nothing(base: LessonBase, team: Path) -> None:
    """The same counts as the import that follows; no record, no file, no vector."""
    told = bring_in(base, team, dry_run=True)

    assert (told.new, told.dry_run, told.files) == (2, True, {"team.oos.md": "oos"})
    assert base.stats().records == 0
    assert base.sources() == ()
    assert base._parts.ledger.sample("default", base._key).shape[0] == 0
    assert bring_in(base, team).new == told.new


def test_a_changed_claim_is_changed_in_the_file(base: LessonBase, team: Path) -> None:
    """An edit in the base is in the export; the rest of the document stays."""
    bring_in(base, team)
    (rule,) = base.search("only the dispatcher writes to drivers", n=1).results
    base.edit(rule.record.id, {"rule": "Only the dispatcher or the night desk writes to drivers."})

    text = written(base, "oos", source="team.oos.md").decode()

    assert "- **Rule:** Only the dispatcher or the night desk writes to drivers." in text
    assert "- **Rule:** Every agent writes to a state file of its own." in text
    assert "Three agents plan routes." in text
    assert "claim_count: 2" in text


def test_a_new_version_of_a_file(base: LessonBase, soul: Path) -> None:
    """Reworded entries keep their id and history; those that are gone are retired, or come back."""
    bring_in(base, soul)
    before = {one.title: one.id for one in base.export()}
    file = soul / "SOUL.md"
    changed = SOUL.replace("Say what was not checked.", "Say what was not checked, and why.")
    file.write_text(changed.replace("- Ask before anything is sent.\n", ""), encoding="utf-8")

    report = bring_in(base, soul)

    assert (report.new, report.changed, report.unchanged, report.gone) == (0, 1, 1, 1)
    reworded = base.get(before["Say what was not checked."])
    assert isinstance(reworded, SoulEntry)
    assert (reworded.statement, reworded.version) == ("Say what was not checked, and why.", 2)
    asking = before["Ask before anything is sent."]
    assert base.get(asking).status is Status.RETIRED
    assert written(base, "soul", source="SOUL.md") == file.read_bytes()

    file.write_text(SOUL, encoding="utf-8")
    assert bring_in(base, soul).changed == 2
    assert base.get(asking).status is Status.ACTIVE
    assert [one.version for one in base.sources()] == [3]
    assert base.source("scout/SOUL.md", version=1).content == SOUL.encode()


def test_an_entry_in_the_same_line_is_the_same(base: LessonBase, soul: Path) -> None:
    """Half of its words are new, its place is not: the entry has changed."""
    bring_in(base, soul)
    changed = SOUL.replace("Ask before anything is sent.", "Ask a person before a mail is sent.")
    (soul / "SOUL.md").write_text(changed, encoding="utf-8")

    report = bring_in(base, soul)

    assert (report.new, report.changed, report.gone) == (0, 1, 0)


def test_what_a_curator_retired_does_not_come_back(base: LessonBase, team: Path) -> None:
    """Importing the same file again leaves a person's decision alone."""
    bring_in(base, team)
    record = next(iter(base.export()))
    base.retire(record.id, note="not ours")

    assert bring_in(base, team).changed == 0
    assert base.get(record.id).status is Status.RETIRED


def test_secrets_do_not_come_in_with_a_file(base: LessonBase, team: Path) -> None:
    """Neither into records nor into the copy of the file."""
    key = "ghp_" + "a1B2c3D4e5F6a7B8c9D0" * 2
    text = TEAM.replace("Drivers got contradictory orders.", f"The token {key[:40]} leaked.")
    team.write_text(text, encoding="utf-8")

    report = bring_in(base, team)

    assert sum(report.redacted.values()) == 1
    assert key[:40] not in "".join(one.model_dump_json() for one in base.export())
    assert key[:40].encode() not in base.source("team.oos.md").content
    assert key[:40].encode() not in written(base, "oos", source="team.oos.md")


def test_a_bad_part_stops_all_or_is_left_out(base: LessonBase, tmp_path: Path) -> None:
    """Nothing is imported unless the good parts are asked for."""
    file = tmp_path / "2026-outage.yaml"
    good = (
        "schema_version: '1.0'\nincident_id: 2026-outage\ntitle: The queue stood still\n"
        "date: '2026-02-01'\nincident_type: incident\nprimary_failure_class: other\n"
        "trigger: A deploy.\nroot_cause: A lock.\ndetection: Alert.\nrecovery: Restart.\n"
        "prevention: Time out.\n"
    )
    file.write_text(f"{good}---\nincident_id: [broken\n", encoding="utf-8")
    given = readings(file)

    with pytest.raises(InvalidFile, match="nothing imported"):
        bring(base, given, hint=lambda _: "mend them")
    report = bring(base, given, hint=lambda _: "mend them", keep_good=True)

    assert base.stats().records == report.new == 1
    assert len(report.refused) >= 1


def test_names_of_files_and_folders(base: LessonBase, tmp_path: Path) -> None:
    """A folder's files have its name before theirs; what has no format is told, not an error."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "SOUL.md").write_text(f"# {name}\n\n## Values\n\n- Be {name}.\n")
    (tmp_path / "two" / "README.md").write_text("# Two\n\nWords about it.\n")
    (tmp_path / "two" / ".hidden.md").write_text("- never read\n")

    report = bring_in(base, tmp_path / "one", tmp_path / "two")

    assert sorted(report.files) == ["one/SOUL.md", "two/SOUL.md"]
    assert report.notes == (f"{tmp_path}/two/README.md: no format that is known, left out",)
    with pytest.raises(InvalidInput, match=r"may be one/SOUL\.md or two/SOUL\.md"):
        written(base, "soul", source="SOUL.md")
    with pytest.raises(RecordNotFound, match=r"nothing\.md"):
        written(base, "soul", source="nothing.md")


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Named with their folders; a path that is not there is an error."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "team.oos.md").write_text(TEAM)

    found = find([tmp_path / name / "team.oos.md" for name in ("one", "two")])

    assert [file.name for file in found] == ["one/team.oos.md", "two/team.oos.md"]
    with pytest.raises(InvalidInput, match="No such file"):
        find([tmp_path / "three"])


def test_a_public_export(base: LessonBase, lesson: Make) -> None:
    """Only what all may see; names replaced, the same one always alike; no ids of ours."""
    ada = {"agent": "scout", "author": "Ada Lovelace"}
    base.add(lesson("ours-1", title="Locks", provenance=ada))
    base.add(
        lesson(
            "ours-2",
            title="Ada Lovelace found it",
            provenance={"agent": "scout", "session": "s-77", "file": "home/notes.md"},
        )
    )
    base.add(lesson("private", visibility="agent:scout"))

    text = "".join(lines(base, public=True))

    assert text.count("\n") == 2
    for word in ("Ada", "scout", "ours-", "s-77", "notes.md", "private"):
        assert word not in text
    assert "author-1 found it" in text
    assert text.count('"agent":"agent-1"') == 2


def test_what_leaves_is_looked_through_again(base: LessonBase, lesson: Make) -> None:
    """A secret that came in before there were rules does not go out."""
    secret = lesson("old", advice="Write to ada@acme.io.")
    base._parts.ledger.commit([base._change("add", None, secret)], actor="test", at=DAY)  # type: ignore[arg-type]
    leaving = Leaving()

    text = "".join(lines(base, leaving=leaving))

    assert "ada@acme.io" not in text
    assert dict(leaving.redacted) == {"email": 1}


def test_history_and_files_travel_as_lines(
    open_at: Callable[..., LessonBase], tmp_path: Path, team: Path
) -> None:
    """An export with history holds the files too; another base gives them back from it."""
    here, there = open_at(tmp_path / "here"), open_at(tmp_path / "there")
    bring_in(here, team)
    file = tmp_path / "all.jsonl"
    file.write_text("".join(lines(here, history=True)), encoding="utf-8")

    report = bring_in(there, file)

    assert (report.new, report.refused) == (2, ())
    assert "2 events of the past" in report.notes[0]
    assert written(there, "oos", source="team.oos.md") == team.read_bytes()
    assert list(there.export()) == list(here.export())


def test_an_erased_record_takes_its_file_along(
    base: LessonBase, team: Path, tmp_path: Path
) -> None:
    """The kept copy holds the same words; what is left is written from the records."""
    bring_in(base, team)
    (gone,) = base.search("only the dispatcher writes to drivers", n=1).results

    base.erase(gone.record.id)

    assert base.sources() == ()
    assert b"dispatcher" not in written(base, "oos")
    for file in (tmp_path / "base").rglob("*"):
        assert not file.is_file() or b"contradictory orders" not in file.read_bytes()


def test_files_are_for_those_who_may_see_them(base: LessonBase, team: Path) -> None:
    """A file that was imported for one agent is not given to another."""
    bring(base, readings(team), hint=lambda _: "", visibility="agent:bo")
    other = base.within(Scope(agent="al", role=Role.READER))

    assert base.within(Scope(agent="bo")).source("team.oos.md").content == TEAM.encode()
    assert other.sources() == ()
    with pytest.raises(RecordNotFound, match=r"team\.oos\.md"):
        other.source("team.oos.md")
    assert other.list(filters=Filters(source="team.oos.md")).records == ()
    assert written(base, "oos", source="team.oos.md") == TEAM.encode()


@pytest.mark.slow
def test_from_the_command_line(tmp_path: Path, team: Path, soul: Path) -> None:
    """Import, export to a file, and the same bytes again."""
    home = tmp_path / "home"
    command = [sys.executable, "-m", "lessonbase", "--base", str(home)]

    def run(*words: str) -> str:
        done = subprocess.run(
            [*command, *words], capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout

    out = tmp_path / "out.oos.md"
    assert "new 5, changed 0, unchanged 0" in run("import", str(team), str(soul))
    run("export", "--format", "oos", "--source", "team.oos.md", "-o", str(out))

    assert out.read_bytes() == team.read_bytes()
    assert "Never move money" in run("soul", "brief", "--agent", "scout")
    with open_base(home, embedded=True) as base:
        assert base.stats().records == 5

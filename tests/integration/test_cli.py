"""The command `lessonbase` as a person or a program runs it, on real bases.

A process costs a second, most of it imports: where the process itself is the point, one is started;
elsewhere its entry point is called in this one.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import lessonbase
from lessonbase.cli import main
from lessonbase.cli.app import app
from lessonbase.formats.seed import seed_file
from lessonbase.records import STORED, Briefing, ImportReport, Incident, SearchResults, Stats
from support import DAY, base_at

COMMAND = Path(sys.executable).parent / "lessonbase"
TASK = "adding a column to the orders table"


class Done(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


RECORDS: list[dict[str, Any]] = [
    {
        "id": "lock",
        "kind": "lesson",
        "title": "Migrations take locks",
        "situation": "Adding a column to a busy table such as orders.",
        "advice": "Set lock_timeout first.",
        "avoid": "Rewriting the table.",
        "tags": ["migrations", "postgres"],
        "services": ["orders"],
        "created_at": DAY,
    },
    {
        "id": "reset",
        "kind": "failure_mode",
        "title": "Payments reset",
        "symptom": "ECONNRESET from the payment gateway.",
        "recovery": "Retry with a budget.",
        "tags": ["network"],
        "services": ["stripe"],
        "created_at": DAY.replace(year=2024),
        "occurred_at": "2024-05-01T00:00:00Z",
    },
    {
        "id": "tea",
        "kind": "heuristic",
        "title": "Tea",
        "rule": "Warm the pot first.",
        "visibility": "agent:bo",
        "created_at": DAY,
    },
    {
        "id": "soul",
        "kind": "soul_entry",
        "title": "Calm",
        "agent": "al",
        "aspect": "value",
        "statement": "Zürich’s “calm” 🫖 \\u00fc stays calm.",
        "extra": {"nested": {"a": [1, 2.5, None, "x"]}},
        "created_at": DAY,
    },
]


def run(home: Path, *arguments: str, code: int = 0, stdin: str = "", **variables: str) -> Done:
    """Run the command's own entry point in this process, on the base at *home*."""
    folder = home.parent
    streams = [folder / name for name in ("stdin", "stdout", "stderr")]
    streams[0].write_text(stdin, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(os, "environ", environment(home, variables))
        patch.setattr(sys, "argv", ["lessonbase", *arguments])
        with ExitStack() as files:
            for path, mode in zip(streams, "rww", strict=True):
                stream = files.enter_context(path.open(mode, encoding="utf-8"))
                patch.setattr(sys, path.name, stream)
            with pytest.raises(SystemExit) as ended:
                main()
    done = Done(*(path.read_text(encoding="utf-8") for path in streams[1:]))
    assert (ended.value.code or 0) == code, done.stderr
    return done


def start(home: Path, *arguments: str, code: int = 0, stdin: str = "", **variables: str) -> Done:
    """Run the installed command in a process of its own; no traceback may come of it."""
    done = subprocess.run(
        [COMMAND, *arguments],
        input=stdin,
        cwd=home.parent,
        env=environment(home, variables),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stderr
    return Done(done.stdout, done.stderr)


def environment(home: Path, variables: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LESSONBASE_")}
    fixed = {"LESSONBASE_HOME": str(home), "LESSONBASE_ENCODER": "hashing:384"}
    return {**ours, **fixed, **variables}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base of four records, closed."""
    path = tmp_path_factory.mktemp("cli") / "base"
    with base_at(path) as base:
        base.add_all(RECORDS)
    return path


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, tmp_path / "base"))


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A base that `init` has made, and what it said."""
    path = tmp_path_factory.mktemp("seeded") / "base"
    done = start(path, "init")
    assert done.stdout == ""
    return path, done.stderr


def test_init_loads_the_seed_lessons_once(seeded: tuple[Path, str]) -> None:
    """What it did is told on stderr; a second time there is nothing to do."""
    path, said = seeded
    count = len(seed_file().read_text(encoding="utf-8").splitlines())

    assert said == (f"{count} seed lessons added, 0 were there\nthe base holds {count} records\n")
    assert run(path, "init").stderr == (
        f"0 seed lessons added, {count} were there\nthe base holds {count} records\n"
    )


def test_init_without_seed_makes_an_empty_base(tmp_path: Path) -> None:
    """Only the owner may look into it."""
    path = tmp_path / "base"

    assert run(path, "init", "--no-seed").stderr == "the base holds 0 records\n"
    assert path.stat().st_mode & 0o077 == 0


def test_recall_on_seed_lessons_prints_one_briefing(seeded: tuple[Path, str]) -> None:
    """A JSON document that is a Briefing, nothing before or after it, nothing on stderr."""
    done = start(seeded[0], "recall", "deploy a schema migration on Friday", "-k", "5", "--json")

    briefing = Briefing.model_validate_json(done.stdout)
    assert json.loads(done.stdout) == briefing.model_dump(mode="json")
    assert done.stderr == ""
    assert briefing.task == "deploy a schema migration on Friday"
    assert not briefing.degraded
    scores = [hit.score for hit in briefing.hits]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= 5
    for hit in briefing.hits:
        assert sum(signal.delta for signal in hit.signals) == pytest.approx(hit.score, abs=1e-9)


LOG = "2026-11-20 10:00:00 ERROR payments: ECONNRESET from the payment gateway"


def test_an_incident_from_its_log_to_the_draft(home: Path) -> None:
    """Recovery first; then a draft that has what the log told, and waits for review."""
    (home.parent / "app.log").write_text(f"{LOG}\n" * 3, encoding="utf-8")

    shown = run(home, "incident", "-f", "app.log", "--done", "pinged the gateway").stdout
    lines = shown.splitlines()
    assert lines[0].startswith("rare: once")
    assert lines[2] == "1. Payments reset"
    assert lines[4] == "   RECOVERY    Retry with a budget."
    assert "both have ECONNRESET" in lines[3]

    closed = json.loads(run(home, "incident", "close", "--cause", "A new proxy.", "--json").stdout)
    record = closed["record"]
    assert (record["cause"], record["status"]) == ("A new proxy.", "proposed")
    assert record["checks"] == ["pinged the gateway"]
    assert record["signature"]["codes"] == ["ECONNRESET"]
    assert record["resolved_by"]
    assert f"{record['id']}  failure_mode" in run(home, "list", "--status", "proposed").stdout
    assert closed["missing"] == ["recovery", "prevention", "impact", "detection"]


def test_an_incident_as_text_json_markdown_and_from_stdin(home: Path) -> None:
    """The word `ask` may be said; the text may come from anywhere."""
    by_word = run(home, "incident", LOG, "--json").stdout
    view = Incident.model_validate_json(by_word)
    assert [one.record.id for one in view.precedents] == ["reset"]
    assert json.loads(by_word) == view.model_dump(mode="json")
    piped = run(home, "incident", "-", "--markdown", stdin=LOG).stdout
    assert "### Payments reset" in piped.splitlines()
    assert run(home, "incident", "ask", LOG).stdout.splitlines()[2] == "1. Payments reset"


def test_what_an_incident_may_not_be(home: Path) -> None:
    """Nothing, twice, not there, or closed before it was asked about."""
    for arguments, said in (
        (["incident", "--done", "x"], "give the text of the incident"),
        (["incident", "text", "-f", "app.log"], "give the text of the incident"),
        (["incident", "-f", "none.log"], "No such file"),
        (["incident", "close"], "no incident to close"),
        (["incident", "close", "--severity", "bad"], "severity 'bad' is none"),
        (["incident", "close", "?"], "incident_id"),
        (["incident", "close", "--check", ""], "checks"),
        (["incident", ""], "the incident is empty"),
    ):
        assert said in run(home, *arguments, code=1).stderr


def test_a_long_log_is_read_for_its_telling_lines(home: Path) -> None:
    """A megabyte of calm does not hide the line that matters."""
    calm = "".join(f"2026-11-20 09:00:{n % 60:02} INFO worker {n}: ok\n" for n in range(20_000))
    (home.parent / "long.log").write_text(f"{calm}{LOG}\n{calm}", encoding="utf-8")

    view = Incident.model_validate_json(run(home, "incident", "-f", "long.log", "--json").stdout)

    assert view.signature.codes == ("ECONNRESET",)
    assert [one.record.id for one in view.precedents] == ["reset"]


@pytest.mark.slow
def test_the_map_is_a_file(home: Path) -> None:
    """With the records in it; a place that cannot be written is said."""
    pytest.importorskip("umap", reason="needs the extra [analysis]")
    said = run(home, "map", "-o", "map.html", "--title", "Ours").stderr
    page = (home.parent / "map.html").read_text(encoding="utf-8")

    assert "4 records in 0 groups" in said
    assert "<title>Ours</title>" in page
    assert "Migrations take locks" in page
    assert "cannot be written" in run(home, "map", "-o", "none/map.html", code=1).stderr


def test_without_its_extra_the_map_says_what_to_install(home: Path) -> None:
    """An error of ours and a command, no traceback."""
    code = "import sys; sys.modules['pandas'] = None; from lessonbase.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "map"],
        env=environment(home, {}),
        capture_output=True,
        encoding="utf-8",
    )

    assert done.returncode == 1
    assert "needs the extra [analysis]" in done.stderr
    assert "pip install 'lessonbase[analysis]'" in done.stderr


def test_recall_as_text_and_explained(home: Path) -> None:
    """The verdict first, then the hits; --explain adds the sum of signals and the window."""
    lines = run(home, "recall", TASK, "-k", "1", "--explain").stdout.splitlines()

    assert lines[0].startswith("apply: the best hit has relevance ")
    assert lines[2:7] == [
        "1. Migrations take locks",
        lines[3],
        "   When: Adding a column to a busy table such as orders.",
        "   Do: Set lock_timeout first.",
        "   Avoid: Rewriting the table.",
    ]
    assert lines[3].startswith("   lesson · ")
    assert lines[3].endswith(" · lock")
    deltas = [float(line.split()[0]) for line in lines[7:-4]]
    score, _, name = lines[-4].strip().partition("  ")
    assert sum(deltas) == pytest.approx(float(score), abs=2e-4)
    assert name == "score"
    assert lines[-3] == "   place in each list: meaning 1, words 1, alignment 1"
    assert lines[-2].startswith("   words of the question in it: ")
    assert lines[-1].startswith("   part that fits best: Migrations take locks Adding a column")


@pytest.mark.slow
def test_recall_from_stdin_as_a_prompt_block(home: Path) -> None:
    """`-` reads the task; the block is quoted line by line between its tags."""
    lines = start(home, "recall", "-", "-k", "1", "--prompt", stdin=TASK).stdout.splitlines()

    assert lines[0] == "<experience>"
    assert lines[-5:] == [
        "| Migrations take locks",
        "| When: Adding a column to a busy table such as orders.",
        "| Do: Set lock_timeout first.",
        "| Avoid: Rewriting the table.",
        "</experience>",
    ]


@pytest.mark.slow
def test_a_task_may_begin_with_a_dash(home: Path) -> None:
    """After `--` it is no option; with nothing relevant the prompt block is empty."""
    assert start(home, "recall", "--prompt", "--", "-auto-approve").stdout == ""
    found = json.loads(run(home, "recall", "--json", "--", "-auto-approve").stdout)
    assert (found["task"], found["verdict"], found["hits"]) == (
        "-auto-approve",
        "nothing_relevant",
        [],
    )
    assert json.loads(run(home, "stats", "--json").stdout)["recalls"] == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--kind", "lesson"], {"lock"}),
        (["--tag", "network", "--tag", "postgres"], {"lock", "reset"}),
        (["--service", "stripe", "--status", "all"], {"reset"}),
        (["--since", "2024-06-01"], {"lock", "tea", "soul"}),
        (["--until", "2024-06-01"], {"reset"}),
        (["--status", "retired"], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_list_takes_filters(home: Path, options: list[str], expected: set[str]) -> None:
    """Those of one name are alternatives, different ones must all hold."""
    found = json.loads(run(home, "list", "--json", *options).stdout)

    assert {row["id"] for row in found["results"]} == expected
    assert found["next"] is None


def test_search_takes_filters_and_explains(home: Path) -> None:
    """An exact mark finds its record; filters narrow what is found; --json is SearchResults."""
    query = "upstream says ECONNRESET"
    narrowed = run(home, "search", query, "--json", "--service", "stripe", "--kind", "failure_mode")

    results = SearchResults.model_validate_json(narrowed.stdout)
    assert [hit.record.id for hit in results.results] == ["reset"]
    text = run(home, "search", query, "-n", "1", "--explain").stdout
    assert text.startswith("1. Payments reset\n   failure_mode · ")
    assert "signature (1): econnreset" in text
    none = run(home, "search", query, "--author", "nobody").stdout
    assert none == "no records match\n"


def test_pages_of_a_list(home: Path) -> None:
    """Newest change first; `next` of one page is `--before` of the other; text tells it too."""
    first = json.loads(run(home, "list", "-n", "3", "--json").stdout)
    second = json.loads(
        run(home, "list", "-n", "3", "--before", str(first["next"]), "--json").stdout
    )

    assert [row["id"] for row in first["results"]] == ["soul", "tea", "reset"]
    assert [row["id"] for row in second["results"]] == ["lock"]
    assert second["next"] is None
    text = run(home, "list", "-n", "1")
    assert text.stdout.split() == ["soul", "soul_entry", "active", "Calm"]
    assert text.stderr == "more: --before 4\n"


def test_the_life_of_a_record(home: Path) -> None:
    """Added, shown, edited, used, superseded, retired; its history tells all of it."""
    fields = [
        "title=Warm the cup",
        "rule=Also the cup, \\u00fc.",
        "tags=tea,cups",
        "confidence=LOW",
    ]
    made = run(home, "add", "heuristic", *fields, "provenance.author=Bo").stdout.strip()
    shown = json.loads(run(home, "show", made, "--json").stdout)
    assert (shown["title"], shown["tags"], shown["confidence"], shown["provenance"]["author"]) == (
        "Warm the cup",
        ["tea", "cups"],
        "LOW",
        "Bo",
    )
    assert run(home, "edit", made, "tags=[]", "confidence=HIGH").stdout == f"{made} version 2\n"
    assert run(home, "outcome", made, "helped", "--note", "good", "--saved-tokens", "9").stdout == (
        f"{made} helped\n"
    )
    assert run(home, "supersede", "lock", "--by", made).stdout == f"lock superseded by {made}\n"
    assert run(home, "retire", made, "--note", "no tea").stdout == f"{made} retired\n"

    text = run(home, "show", made).stdout
    assert "Status: retired (version 4)\nConfidence: HIGH, OBSERVED_ONCE\n" in text
    assert "Supersedes: lock\n" in text
    events = json.loads(run(home, "history", made, "--json").stdout)["results"]
    assert [event["action"] for event in events] == [
        "add",
        "edit",
        "outcome",
        "supersede",
        "retire",
    ]
    assert events[2]["detail"]["saved_tokens"] == 9
    assert events[4]["detail"] == {"note": "no tea"}
    lines = run(home, "history", made).stdout.splitlines()
    assert lines[1].endswith("edit: tags, confidence")


def test_a_record_is_edited_in_the_editor(home: Path, tmp_path: Path) -> None:
    """What the editor leaves is validated and kept; without a change nothing happens."""
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "text = file.read_text('utf-8').replace('Warm the pot', 'Warm the cup')\n"
        "file.write_text(text, 'utf-8')\n",
        encoding="utf-8",
    )
    editor = f"{sys.executable} {script}"

    assert run(home, "edit", "tea", EDITOR=editor, VISUAL="").stdout == "tea version 2\n"
    assert run(home, "edit", "tea", EDITOR=editor, VISUAL="").stdout == "tea version 2\n"
    assert "Rule: Warm the cup first.\n" in run(home, "show", "tea").stdout


def test_a_record_is_added_from_stdin(home: Path) -> None:
    """One JSON object; what is wrong is said field by field; the base is made if need be."""
    draft = {"kind": "lesson", "id": "mine", "title": "T", "situation": "S", "advice": "A"}
    fresh = home.parent / "fresh"

    printed = run(fresh, "add", "-", "--json", stdin=json.dumps(draft)).stdout
    assert STORED.validate_json(printed).id == "mine"
    wrong = run(fresh, "add", "-", stdin='{"kind": "lesson", "title": 3}', code=1)
    assert wrong.stdout == ""
    assert "title 3: input should be a valid string; situation is missing" in wrong.stderr
    for text in ("", "[1]", "{"):
        assert "error: stdin is not" in run(fresh, "add", "-", stdin=text, code=1).stderr


def test_erase_removes_for_good(home: Path) -> None:
    """It asks first, unless told not to; afterwards the record is unknown and the base healthy."""
    refused = run(home, "erase", "lock", stdin="n\n", code=1)
    assert "Erase 'Migrations take locks' for good?" in refused.stderr
    assert run(home, "erase", "lock", "--yes").stdout == "lock erased\n"

    assert "no record 'lock' here" in run(home, "show", "lock", code=1).stderr
    assert [event["action"] for event in history(home, "lock")] == ["import", "erase"]
    left = [
        file for file in home.rglob("*") if file.is_file() and b"lock_timeout" in file.read_bytes()
    ]
    assert left == []
    assert run(home, "doctor").stdout == "healthy\n"


def history(home: Path, record_id: str) -> list[dict[str, Any]]:
    return list(json.loads(run(home, "history", record_id, "--json").stdout)["results"])


def test_export_and_import_are_lossless(home: Path) -> None:
    """The copy of a base exports the same bytes; importing again changes nothing."""
    run(home, "retire", "reset")
    file, again, copy = home.parent / "a.jsonl", home.parent / "b.jsonl", home.parent / "copy"
    exported = run(home, "export", "-o", str(file))
    assert (exported.stdout, exported.stderr) == ("", f"4 records written to {file}\n")
    assert file.read_text(encoding="utf-8") == start(home, "export").stdout

    first = run(copy, "import", str(file), "--json")
    report = ImportReport.model_validate_json(first.stdout)
    assert report == ImportReport(new=4, kinds=report.kinds, files={"a.jsonl": "jsonl"})
    assert sum(report.kinds.values()) == 4
    run(copy, "export", "-o", str(again))
    assert again.read_bytes() == file.read_bytes()
    second = run(copy, "import", str(file))
    assert second.stdout == "new 0, changed 0, unchanged 4, duplicate 0, refused 0\n"
    assert [event["action"] for event in history(copy, "lock")] == ["import"]


def test_a_reader_that_goes_away_is_no_crash(home: Path) -> None:
    """`lessonbase export | head` ends quietly."""
    done = subprocess.run(
        ["bash", "-c", f'"{COMMAND}" export | true'],
        env=environment(home, {}),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stderr == ""


def test_stats_counts(home: Path) -> None:
    """By kind and status, for programs and for people."""
    stats = Stats.model_validate_json(run(home, "stats", "--json").stdout)

    assert stats.records == 4
    assert stats.kinds == {"failure_mode": 1, "heuristic": 1, "lesson": 1, "soul_entry": 1}
    assert stats.statuses == {"active": 4}
    assert stats.encoder == "hashing@1 (384-d, fp32)"
    lines = run(home, "stats").stdout.splitlines()
    assert lines[0].split() == ["records", "4"]


def test_doctor_tells_by_its_exit_code(home: Path) -> None:
    """0 for a healthy base, 1 for a sick one, 0 again when it could be mended."""
    import sqlite3

    assert run(home, "doctor").stdout == "healthy\n"
    db = sqlite3.connect(home / "ledger.sqlite3")
    db.execute("DELETE FROM vectors WHERE hash = (SELECT hash FROM windows WHERE record_id='tea')")
    db.commit()
    db.close()

    sick = start(home, "doctor", "--json", code=1)
    assert json.loads(sick.stdout)["healthy"] is False
    assert json.loads(sick.stdout)["problems"][0] == (
        "ledger: 1 windows have no vector of this encoder"
    )
    assert run(home, "doctor", "--repair").stdout.splitlines()[-1] == "healthy"
    assert run(home, "doctor").stdout == "healthy\n"


def test_doctor_prints_every_setting(home: Path) -> None:
    """As it is read, so that a misspelt variable is seen; no base is opened."""
    nowhere = home.parent / "nowhere"
    printed = run(nowhere, "doctor", "--settings", LESSONBASE_CONSIDER_THRESHOLD="0.25").stdout

    settings = json.loads(printed)
    assert settings.keys() == lessonbase.Settings.model_fields.keys()
    assert settings["consider_threshold"] == 0.25
    assert settings["home"] == str(nowhere)
    assert not nowhere.exists()


def test_another_encoder_is_refused_until_the_base_is_reindexed(home: Path) -> None:
    """Vectors are never mixed: the error names both encoders, the hint the command."""
    said = run(home, "reindex", "--encoder", "hashing:128").stderr
    assert said == (
        "4 records indexed with hashing:128\nfrom now on set LESSONBASE_ENCODER=hashing:128\n"
    )

    assert run(home, "recall", TASK, code=1).stderr == (
        "error: the base was built with hashing@1 (128-d, fp32), not hashing@1 (384-d, fp32)\n"
        "hint: run `lessonbase reindex --encoder hashing:384`, or set LESSONBASE_ENCODER back\n"
    )
    found = run(home, "recall", TASK, "--json", LESSONBASE_ENCODER="hashing:128").stdout
    assert Briefing.model_validate_json(found).hits[0].record.id == "lock"
    assert run(home, "doctor", LESSONBASE_ENCODER="hashing:128").stdout == "healthy\n"


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["show", "nobody"], "no record 'nobody' here", "`lessonbase list` shows the ids"),
        (["edit", "lock", "version=9"], "version cannot be edited", "add a new record"),
        (["edit", "lock", "title"], "'title' is not FIELD=VALUE", 'write title="…"'),
        (["add", "rumour"], "'rumour' is not a kind", "use one of lesson, failure_mode"),
        (["outcome", "lock", "meh"], "'meh' is not an outcome", "use helped, harmed"),
        (["supersede", "lock", "--by", "lock"], "'lock' cannot supersede itself", "name another"),
        (["search", "x", "--kind", "rumour"], "'rumour' is not one of", "--help` lists"),
        (["recall", " "], "the task is empty", "say in a line"),
        (["recall", "x", "-k", "0"], "0 hits cannot be asked for", "ask for 1 to 100"),
        (["eval", ".", "--method", "magic"], "'magic' is not a method", "use one of words, vec"),
        (["eval", "nowhere"], "qrels/test.tsv: No such file", "give a BEIR folder"),
        (["--space", "a b", "stats"], "one of 'a b' is not a name", "use letters"),
        (["import", "x", "--format", "csv"], "'csv' is not a format", "use --format jsonl"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_our_errors_are_a_line_and_a_hint(
    home: Path, arguments: list[str], error: str, hint: str
) -> None:
    """On stderr, nothing on stdout, exit code 1."""
    done = run(home, *arguments, code=1)

    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("error: ")
    assert error in lines[0]
    assert lines[1].startswith("hint: ")
    assert hint in lines[1]


def test_without_a_base_the_hint_is_init(tmp_path: Path) -> None:
    """Reading makes no base."""
    path = tmp_path / "nowhere"

    assert start(path, "recall", "x", code=1).stderr == (
        f"error: no base at {path}\nhint: run `lessonbase --base {path} init`\n"
    )
    assert not path.exists()


@pytest.mark.parametrize(
    "arguments", [["recall"], ["list", "-n", "many"], ["nonsense"], ["recall", "-auto-approve"]]
)
def test_wrong_usage_ends_with_two(tmp_path: Path, arguments: list[str]) -> None:
    """As everywhere on the command line."""
    assert "Usage: lessonbase" in start(tmp_path / "b", *arguments, code=2).stderr


def test_an_agent_sees_what_is_its_own(home: Path) -> None:
    """--agent and its variable bind the scope; what belongs to another agent is not there."""

    def ids(done: Done) -> set[str]:
        return {row["id"] for row in json.loads(done.stdout)["results"]}

    assert ids(run(home, "--agent", "bo", "list", "--json")) == {"lock", "reset", "tea", "soul"}
    assert ids(run(home, "list", "--json", LESSONBASE_AGENT="al")) == {"lock", "reset", "soul"}
    assert ids(run(home, "--space", "other", "list", "--json")) == set()
    refused = run(home, "--agent", "bo", "erase", "lock", "--yes", code=1)
    assert "error: a curator may not do this" in refused.stderr


def commands(command: Any, *above: str) -> dict[str, Any]:
    """Every command below *command*, groups left out, by its whole name."""
    found = {}
    for name, one in command.commands.items():
        whole = (*above, name)
        found |= commands(one, *whole) if hasattr(one, "commands") else {" ".join(whole): one}
    return found


COMMANDS = commands(get_command(app))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    """What it does, every option explained, and one call to copy."""
    shown = CliRunner().invoke(app, [*name.split(), "--help"]).output

    assert re.search(rf"Example: lessonbase (--\w+ \w+ )*{name}\b", shown)
    assert all(option.help for option in COMMANDS[name].params if option.name != "help")


HEAVY = ("alembic", "chromadb", "fastapi", "numpy", "onnxruntime", "sqlalchemy", "tantivy")
HELP = "from lessonbase.cli import main; sys.argv[1:] = {}; main()"


@pytest.mark.parametrize(
    ("code", "also"),
    [
        ("import lessonbase", "pydantic"),
        (HELP.format(["--help"]), "pydantic"),
        # Typer itself imports pydantic to explain an option's type.
        (HELP.format(["recall", "--help"]), "lessonbase.records"),
    ],
    ids=["import", "--help", "recall --help"],
)
def test_help_and_import_load_nothing_heavy(tmp_path: Path, code: str, also: str) -> None:
    """Neither Chroma nor a model nor a database is imported before it is needed."""
    watch = (
        "import atexit, sys\n"
        f"heavy = { ({*HEAVY, also}) }\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules)), file=sys.stderr))\n"
        "sys.argv[0] = 'lessonbase'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{watch}{code}"],
        env=environment(tmp_path / "b", {}),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_the_public_names() -> None:
    """They are these, and each can be imported."""
    assert lessonbase.__all__ == [
        "Briefing",
        "Filters",
        "LessonBase",
        "LessonBaseError",
        "Outcome",
        "Record",
        "Scope",
        "SearchResults",
        "Settings",
        "open_base",
    ]
    assert all(getattr(lessonbase, name).__name__ == name for name in lessonbase.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lessonbase.nonsense

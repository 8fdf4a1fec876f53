"""`lessonbase eval` as a person runs it: on tiny sets, each in a base of its own."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lessonbase.cli import main
from lessonbase.evaluation import floors
from lessonbase.formats.seed import seed_file
from support import DAY

FLOORS = Path(__file__).parents[2] / "data" / "floors.json"
SLAB = "Granite slabs are cut by hand and carried down to the harbour."
ROCKS = [
    "A vein of white quartz runs along the ridge above the old mine.",
    SLAB,
    f"{SLAB} By boat they go on.",
    "Columns of basalt formed as the lava cooled and shrank.",
]
TEAS = ["Sencha is steamed before it dries.", "Oolong leaves are rolled and left to wither."]
# In an exported base an agent may have kept what nobody else sees.
RECORDS: list[dict[str, Any]] = [
    {"id": "pot", "title": "Warm the pot", "rule": "Warm the pot before the leaves go in."},
    {"id": "water", "title": "Fresh water", "rule": "Draw fresh water.", "visibility": "agent:bo"},
]
QUESTIONS: list[dict[str, Any]] = [
    {"id": "q1", "text": "Warm the pot before the leaves go in.", "relevant": {"pot": 2}},
    {"id": "q2", "text": "Draw fresh water.", "style": "terse", "relevant": {"water": 1}},
    {"id": "q3", "text": "zzyzx", "style": "question", "relevant": {}},
    {"id": "q4", "text": "Fresh water, drawn fresh.", "relevant": {}},
]


class Done(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


Evaluate = Callable[..., Done]


@pytest.fixture
def evaluate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Evaluate:
    """Run `lessonbase eval` in this process, with the hashing encoder."""
    monkeypatch.setenv("LESSONBASE_HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("LESSONBASE_ENCODER", "hashing:384")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, code: int = 0) -> Done:
        monkeypatch.setattr(sys, "argv", ["lessonbase", "eval", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        done = Done(*capsys.readouterr())
        assert (ended.value.code or 0) == code, done.stderr
        return done

    return run


def results(done: Done) -> list[dict[str, Any]]:
    return list(json.loads(done.stdout)["results"])


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def beir(
    folder: Path, texts: Sequence[str], queries: Mapping[str, str], answers: Mapping[str, str]
) -> Path:
    """A folder of documents d0, d1 and so on, and queries with one answer each."""
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": f"d{n}", "title": "", "text": text} for n, text in enumerate(texts)]
    write_lines(folder / "corpus.jsonl", corpus)
    asked = [{"_id": name, "text": text} for name, text in queries.items()]
    write_lines(folder / "queries.jsonl", asked)
    lines = "".join(f"{query}\t{document}\t1\n" for query, document in answers.items())
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{lines}", "utf-8")
    return folder


@pytest.fixture
def rocks(tmp_path: Path) -> Path:
    """Four documents, and three queries: one is found, one is not, one has a document's id."""
    queries = {"q0": ROCKS[0], "q1": "zzyzx", "d1": SLAB, "unjudged": "lava"}
    return beir(tmp_path / "rocks", ROCKS, queries, {"q0": "d0", "q1": "d3", "d1": "d2"})


@pytest.fixture
def teas(tmp_path: Path) -> Path:
    """Two documents, and two queries; one of them is a text of the rocks, with one of their ids."""
    return beir(tmp_path / "teas", TEAS, {"d1": SLAB, "t1": TEAS[1]}, {"d1": "d0", "t1": "d1"})


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """Two records as `export` writes them, and questions: two with answers and two without."""
    records = [{"kind": "heuristic", "created_at": DAY.isoformat(), **one} for one in RECORDS]
    files = (("mine.jsonl", records), ("questions.jsonl", QUESTIONS))
    lessons, questions = (write_lines(tmp_path / name, rows) for name, rows in files)
    return lessons, questions


def test_every_method_is_measured(evaluate: Evaluate, rocks: Path, tmp_path: Path) -> None:
    """No answer scores zero; a document with the query's id is left out; no base is touched."""
    out = tmp_path / "rows.jsonl"
    found = results(evaluate(rocks, "--out", out, "--json"))

    assert [row["method"] for row in found] == ["words", "vectors", "rrf", "convex", "default"]
    assert list(found[0]) == [
        "set",
        "method",
        "queries",
        "ndcg@10",
        "recall@10",
        "mrr@10",
        "first_helps",
        "own_answered",
        "ece",
        "ece_5",
        "p50_ms",
        "p95_ms",
        "foreign",
        "reliability",
    ]
    assert list(found[0].values())[:7] == ["rocks", "words", 3, 0.6667, 0.6667, 0.6667, 0.6667]
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 15
    first = [(row["query"], next(iter(row["answers"]), None), row["ndcg@10"]) for row in rows[:3]]
    assert first == [
        ("q0", "d0", 1.0),
        ("q1", None, 0.0),
        ("d1", "d2", 1.0),
    ]
    assert all("d1" not in row["answers"] for row in rows if row["query"] == "d1")
    assert not (tmp_path / "nowhere").exists()


def test_each_set_gets_the_questions_of_the_others(
    evaluate: Evaluate, rocks: Path, teas: Path, tmp_path: Path
) -> None:
    """Of the same split, and never its own, by whatever path it is named."""
    aliases = ("--foreign", tmp_path / "teas" / ".." / "rocks", "--foreign", teas)
    found = results(evaluate(rocks, teas, *aliases, "--method", "default", "--json"))

    assert [(row["set"], row["foreign"]) for row in found] == [
        ("rocks", {"teas": 0.5}),
        ("teas", {"rocks": 0.0}),
    ]
    assert [row["foreign_answered"] for row in found] == [0.5, 0.0]
    assert [row["own_answered"] for row in found] == [0.6667, 0.5]
    assert all(0 < row["auroc"] < 1 for row in found)


def test_an_exported_base_is_judged_by_questions_of_ones_own(
    evaluate: Evaluate, own: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those without a relevant record should get no answer; an agent's records are there too."""
    monkeypatch.setenv("LESSONBASE_AGENT", "al")
    records, questions = own
    (row,) = results(
        evaluate(records, "--queries", questions, "--method", "default", "--tokens", "--json")
    )

    assert (row["set"], row["queries"]) == ("mine", 2)
    assert [row[name] for name in ("ndcg@10", "first_helps", "own_answered")] == [1.0, 1.0, 1.0]
    assert row["unanswerable_answered"] == 0.5
    assert row["tokens"] > 0
    assert row["foreign"] == {}


def test_exported_records_and_folders_go_together(
    evaluate: Evaluate, own: tuple[Path, Path], rocks: Path
) -> None:
    """The folder's questions are foreign to the records; the tables say who got an answer."""
    records, questions = own
    done = evaluate(
        records, rocks, "--queries", questions, "--foreign", rocks, "--method", "default"
    )

    ranking, answered = done.stdout.split("\n\n")
    assert [line.split()[0] for line in ranking.splitlines()] == ["set", "mine", "rocks", "mean"]
    lines = [line.split() for line in answered.splitlines()]
    assert lines[0][:6] == ["set", "method", "answered", "foreign", "unanswerable", "auroc"]
    assert lines[1][:5] == ["mine", "default", "1.0000", "0.0000", "0.5000"]
    assert lines[2][:6] == ["rocks", "default", "0.6667", "-", "-", "-"]


def test_two_methods_are_compared(evaluate: Evaluate, rocks: Path, teas: Path) -> None:
    """On each set and on all questions; unless others are asked for, only these are measured."""
    done = evaluate(rocks, teas, "--compare", "default", "words", "--json")

    assert {row["method"] for row in results(done)} == {"default", "words"}
    compared = json.loads(done.stdout)["comparison"]
    assert [(row["set"], row["queries"]) for row in compared] == [
        ("rocks", 3),
        ("teas", 2),
        ("all", 5),
    ]
    for row in compared[:2]:
        means = {one["method"]: one["ndcg@10"] for one in results(done) if one["set"] == row["set"]}
        assert row["difference"] == pytest.approx(means["default"] - means["words"], abs=2e-4)
    text = evaluate(rocks, "--compare", "words", "words").stdout
    assert text.splitlines()[-1].split() == [
        "rocks",
        "words",
        "-",
        "words",
        "3",
        "+0.0000",
        "1.0000",
    ]


def test_a_budget_is_measured_beside_none(evaluate: Evaluate, own: tuple[Path, Path]) -> None:
    """One token is too few for any block."""
    records, questions = own
    done = evaluate(records, "--queries", questions, "--method", "default", "--budget", 1)

    last = done.stdout.split("\n\n")[-1].splitlines()
    assert last[0].split() == ["set", "method", "tokens", "ndcg@5", "ndcg@5_shown"]
    assert last[1].split() == ["mine", "default", "0.0", "1.0000", "0.0000"]


def test_floors_that_hold_are_silent(
    evaluate: Evaluate, own: tuple[Path, Path], tmp_path: Path
) -> None:
    """Exit 0, and nothing on stderr."""
    bounds = {"ndcg@10": 1.0, "unanswerable_answered": {"most": 0.5}}
    path = tmp_path / "floors.json"
    path.write_text(json.dumps({"mine": {"default": bounds}}), encoding="utf-8")

    assert evaluate(own[0], "--queries", own[1], "--floor", path).stderr == ""


def test_broken_floors_fail_the_command(
    evaluate: Evaluate, own: tuple[Path, Path], tmp_path: Path
) -> None:
    """Each is named on stderr with what was measured; the results are printed all the same."""
    bounds = {"ndcg@10": 1.1, "first_helps": 0.9, "unanswerable_answered": {"most": 0.25}}
    path = tmp_path / "floors.json"
    path.write_text(json.dumps({"mine": {"default": bounds}}), encoding="utf-8")

    done = evaluate(own[0], "--queries", own[1], "--floor", path, "--json", code=1)
    assert done.stderr == (
        "mine default ndcg@10: 1.0000, at least 1.1000 is asked for\n"
        "mine default unanswerable_answered: 0.5000, at most 0.2500 is asked for\n"
    )
    assert len(results(done)) == 5


def test_our_floors_are_of_what_is_measured() -> None:
    """`make check` holds the seed against them; no name in them is misspelt."""
    found = floors.read(FLOORS, sets=[seed_file().stem], methods=["default"])

    assert {floor.measure for floor in found} >= {"ndcg@10", "first_helps", "own_answered"}


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["mine.jsonl"], "mine.jsonl is not a BEIR folder", "takes --queries"),
        (["rocks", "--queries", "questions.jsonl"], "not 0", "name the file too"),
        (["mine.jsonl", "rocks", "teas", "--queries", "nowhere"], "nowhere: No such file", "give"),
        (["mine.jsonl", "--queries", "mine.jsonl"], "mine.jsonl:1: text: Field required", "format"),
        (["rocks", "./rocks"], "two sets are named 'rocks'", "rename one"),
        (["rocks", "--foreign", "teas", "--foreign", "teas/"], "named 'teas'", "rename one"),
        (["rocks", "--foreign", "nowhere"], "nowhere/qrels/test.tsv: No such file", "BEIR folder"),
        (["rocks", "--compare", "words", "magic"], "'magic' is not a method", "use one of words"),
        (["rocks", "--budget", "0"], "budget 0 is not a number of tokens", "give 1 or more"),
        (["rocks", "--floor", "floors.json"], "no set 'elsewhere' is measured", "one of rocks"),
        (["rocks", "--floor", "nowhere"], "nowhere: No such file", "give a file of floors"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_measured_is_an_error_and_a_hint(
    evaluate: Evaluate,
    own: tuple[Path, Path],
    rocks: Path,
    teas: Path,
    tmp_path: Path,
    arguments: list[str],
    error: str,
    hint: str,
) -> None:
    """On stderr, nothing on stdout, exit code 1."""
    content = '{"elsewhere": {"default": {"ndcg@10": 0.5}}}'
    (tmp_path / "floors.json").write_text(content, encoding="utf-8")

    done = evaluate(*arguments, code=1)
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert error in first
    assert second.startswith("hint: ")
    assert hint in second


def test_a_floor_of_what_was_not_asked_for_is_an_error(
    evaluate: Evaluate, rocks: Path, tmp_path: Path
) -> None:
    """Foreign questions, for one."""
    content = '{"rocks": {"words": {"foreign_answered": {"most": 0.5}}}}'
    (tmp_path / "floors.json").write_text(content, encoding="utf-8")

    done = evaluate(rocks, "--floor", "floors.json", "--method", "words", code=1)
    assert "rocks words foreign_answered has a floor, and was not measured" in done.stderr

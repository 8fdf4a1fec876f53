"""Curves, ablation and calibration on judged questions."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lessonbase.analysis import retrieval
from lessonbase.base import LessonBase
from lessonbase.base.asking import Place, Places
from lessonbase.errors import InvalidInput
from lessonbase.evaluation.measures import per_query

ROOT = Path(__file__).resolve().parents[3]

# Question → what each of two ways returns for it: ids with relevance, best first.
RANKED = {
    "good": {"q1": [("a", 0.9), ("x", 0.6)], "q2": [("x", 0.7), ("b", 0.5)], "none": [("x", 0.3)]},
    "bad": {"q1": [("x", 0.2)], "q2": [], "none": [("a", 0.8)]},
}


def way(name: str) -> retrieval.Rank:
    def ranked(text: str, n: int) -> Places:
        places = tuple(Place(one, 1.0, relevance) for one, relevance in RANKED[name][text][:n])
        best = max((place.relevance for place in places), default=0.0)
        return Places(places, best, best >= 0.5)

    return ranked


@pytest.fixture
def questions() -> pd.DataFrame:
    """Two questions that have answers, and one that has none; their texts are their names."""
    relevant = [{"a": 2, "c": 1}, {"b": 1}, {}]
    names = ["q1", "q2", "none"]
    return pd.DataFrame({"id": names, "text": names, "style": "terse", "relevant": relevant})


@pytest.fixture
def asked(questions: pd.DataFrame) -> retrieval.Asked:
    return retrieval.ask({"good": way("good"), "bad": way("bad")}, questions)


def test_every_answer_is_a_row(asked: retrieval.Asked) -> None:
    """With what it is worth; a question without an answer has no worth."""
    good = asked.answers[asked.answers.method == "good"].set_index("question")

    assert good.answerable.to_dict() == {"q1": True, "q2": True, "none": False}
    assert good.answered.to_dict() == {"q1": True, "q2": True, "none": False}
    assert (good.recall["q1"], good.recall["q2"]) == (0.5, 1.0)
    assert (good.mrr["q1"], good.mrr["q2"]) == (1.0, 0.5)
    assert (good.first_helps["q1"], good.first_helps["q2"]) == (1.0, 0.0)
    assert np.isnan(good.ndcg["none"])
    assert good.wanted.tolist() == [2, 1, 0]


def test_every_place_is_a_row(asked: retrieval.Asked) -> None:
    """With the grade that was judged."""
    q1 = asked.places[(asked.places.method == "good") & (asked.places.question == "q1")]

    assert q1[["rank", "id", "relevance", "grade"]].values.tolist() == [
        [1, "a", 0.9, 2],
        [2, "x", 0.6, 0],
    ]


def test_measures_are_those_of_the_field(asked: retrieval.Asked, questions: pd.DataFrame) -> None:
    """nDCG, recall and MRR agree with ir-measures."""
    grades = {one.id: one.relevant for one in questions.itertuples() if one.relevant}
    for method, run in RANKED.items():
        scores = {q: {one: -n for n, (one, _) in enumerate(run[q])} for q in grades}
        theirs = per_query(grades, scores)
        ours = asked.answers[asked.answers.method == method].set_index("question")
        for question, values in theirs.items():
            assert ours.ndcg[question] == pytest.approx(values["ndcg@10"])
            assert ours.recall[question] == pytest.approx(values["recall@10"])
            assert ours.mrr[question] == pytest.approx(values["mrr@10"])


def test_means_of_each_method(asked: retrieval.Asked) -> None:
    """A question that got nothing counts as zero; who should be silent is counted apart."""
    table = retrieval.summary(asked)

    assert list(table.index) == ["good", "bad"]
    assert (table.recall["good"], table.recall["bad"]) == (0.75, 0.0)
    assert (table.own_answered["good"], table.own_answered["bad"]) == (1.0, 0.0)
    assert (table.others_answered["good"], table.others_answered["bad"]) == (0.0, 1.0)


def test_curve_over_the_threshold(asked: retrieval.Asked) -> None:
    """Higher thresholds answer less, and more rightly."""
    curve = retrieval.curve(asked, "good").set_index("threshold")

    assert len(curve) == 101
    assert curve.loc[0.0].to_dict() == {
        "own_answered": 1.0,
        "others_answered": 1.0,
        "answered_right": 2 / 3,
        "precision": 2 / 5,
        "recall": 2 / 3,
    }
    assert curve.loc[0.5, ["others_answered", "answered_right"]].tolist() == [0.0, 1.0]
    assert curve.loc[0.9, ["own_answered", "precision", "recall"]].tolist() == [0.5, 1.0, 1 / 3]
    assert np.isnan(curve.precision[1.0])


def test_calibration_of_the_first_hits(asked: retrieval.Asked) -> None:
    """Of questions that have an answer alone."""
    first = retrieval.calibration(asked, "good")
    both = retrieval.calibration(asked, "good", depth=2)

    assert (first.hits.sum(), both.hits.sum()) == (2, 4)
    assert (first.helped[9], first.helped[7]) == (1.0, 0.0)
    assert retrieval.calibration(asked, "bad").hits.tolist() == [0, 0, 1, *[0] * 7]


def test_stages_of_a_base_can_be_asked(base: LessonBase, questions: pd.DataFrame) -> None:
    """Named methods and the default without each stage; every one ranks the same base."""
    base.add({"kind": "heuristic", "id": "a", "title": "Disk", "rule": "Watch the disk."})
    questions = questions.assign(text="watch the disk")

    named = retrieval.ask(retrieval.methods(base, ["words", "default"]), questions, depth=1)
    without = retrieval.ask(retrieval.ablation(base), questions, depth=1)

    assert named.places.id.tolist() == ["a"] * 6
    assert list(without.answers.method.unique()) == [
        "all",
        "without alignment",
        "without marks",
        "without per_question",
        "without vectors",
        "without words",
        "without worth",
    ]


def test_questions_of_the_seed() -> None:
    """Those of the project can be read: 221 with an answer, 73 without."""
    found = retrieval.questions(ROOT / "data" / "seed_queries.jsonl")

    assert len(found) == 294
    assert sum(map(bool, found.relevant)) == 221
    assert found["style"][0] == "terse"


def test_questions_that_nothing_was_learned_from() -> None:
    """Exactly those that the learning leaves out."""
    found = retrieval.questions(ROOT / "data" / "seed_queries.jsonl")
    path = ROOT / "benchmarks" / "learn.py"
    even = path.read_text().split("def even(query: str) -> bool:")[1].split("def ")[0]

    left = retrieval.held_out(found)

    assert "sha256(query.encode()).digest()[0] % 2 == 0" in even
    assert (len(left), sum(map(bool, left.relevant))) == (148, 116)
    assert set(left.id) < set(found.id)


@pytest.mark.parametrize(
    "line", ["{", "[1]", json.dumps({"id": "q", "text": "t"}), json.dumps({"id": 1})]
)
def test_other_files_are_refused(tmp_path: Path, line: str) -> None:
    """Whatever is wrong with a line."""
    path = tmp_path / "questions.jsonl"
    path.write_text(line)

    with pytest.raises(InvalidInput, match="holds no questions"):
        retrieval.questions(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(InvalidInput, match="absent"):
        retrieval.questions(tmp_path / "absent")

"""A set put to a base on real stores, with the hashing encoder: all values are exact."""

import itertools

import pytest

from lessonbase.base import LessonBase
from lessonbase.evaluation.answers import ask
from lessonbase.evaluation.judgments import Judged, Questions
from lessonbase.evaluation.runner import run
from lessonbase.records import Document
from support import DAY

TEXTS = {
    "quartz": "A vein of white quartz runs along the ridge above the old mine.",
    "granite": "Granite slabs were cut by hand and carried down to the harbour.",
    "chalk": "Chalk cliffs lose a metre every winter when storms come from the south.",
    "basalt": "Columns of basalt formed as the lava cooled and shrank.",
}
DOCUMENTS = tuple(
    Document(id=name, title="", text=text, created_at=DAY, updated_at=DAY)
    for name, text in TEXTS.items()
)
# Answered and right, answered and wrong, not answered, and without a word.
QUERIES = {
    "right": TEXTS["quartz"],
    "wrong": TEXTS["granite"],
    "silent": "zzyzx",
    "empty": " ",
}
GRADES = {
    "right": {"quartz": 2, "basalt": 1},
    "wrong": {"chalk": 1},
    "silent": {"chalk": 1},
    "empty": {"chalk": 1},
}
JUDGED = Judged("rocks", DOCUMENTS, QUERIES, GRADES, {"u1": "qqqq", "u2": TEXTS["basalt"]})
FOREIGN = (
    Questions("teas", {"right": "wwww", "t": "vvvv"}),
    Questions("own", {"x": TEXTS["chalk"]}),
)


@pytest.fixture
def rocks(base: LessonBase) -> LessonBase:
    """A base that holds the documents."""
    base.add_all(DOCUMENTS)
    return base


def test_a_ranking_has_ids_scores_relevances_and_a_verdict(rocks: LessonBase) -> None:
    """The verdict is that of a recall, and the best is of all candidates, places or not."""
    for text in (TEXTS["quartz"], "zzyzx"):
        found = rocks.ranked(text, 2)
        hits = rocks.search(text, 2).results
        assert [place.id for place in found.places] == [hit.record.id for hit in hits]
        assert [place.score for place in found.places] == [hit.score for hit in hits]
        assert [round(one.relevance, 4) for one in found.places] == [one.relevance for one in hits]
        assert found.answered == (rocks.recall(text).verdict != "nothing_relevant")
        assert rocks.ranked(text, 0) == ((), found.best, found.answered)


def test_a_record_can_be_left_out_of_a_ranking(rocks: LessonBase) -> None:
    """As if it were not there: it has no place, and no part in the verdict."""
    whole, rest = (rocks.ranked(TEXTS["quartz"], 9, without=name) for name in (None, "quartz"))

    assert whole.answered
    assert whole.places[0].id == "quartz"
    assert rest.places == whole.places[1:]
    assert rest.best == max(place.relevance for place in rest.places)
    assert not rest.answered


def test_an_empty_base_has_no_best(base: LessonBase) -> None:
    """Zero, and no answer."""
    assert base.ranked("quartz", 5) == ((), 0.0, False)


def test_a_question_with_a_records_id_is_that_text_in_its_own_set_only(rocks: LessonBase) -> None:
    """A foreign set may use the same ids for other things."""
    (own,) = ask(rocks, {"quartz": TEXTS["quartz"]}, own=True)
    (foreign,) = ask(rocks, {"quartz": TEXTS["quartz"]})

    assert "quartz" not in [place.id for place in own.places]
    assert not own.answered
    assert foreign.places[0].id == "quartz"
    assert foreign.answered


def test_own_questions_are_measured(rocks: LessonBase) -> None:
    """One without a word scores zero, and is not answered."""
    result = run(rocks, JUDGED, "default")

    assert (result.set, result.method, result.queries) == ("rocks", "default", 4)
    assert result.values["right"]["first_helps"] == 1.0
    assert result.values["empty"] == dict.fromkeys(result.values["empty"], 0.0)
    assert result.means["first_helps"] == 0.25
    assert result.means["own_answered"] == 0.5
    assert result.values_of("first_helps") == [1.0, 0.0, 0.0, 0.0]
    assert list(result.values) == list(QUERIES)


def test_questions_without_an_answer_are_told_apart(rocks: LessonBase) -> None:
    """Each foreign set by itself, and their mean; a set weighs alike however large it is."""
    result = run(rocks, JUDGED, "default", foreign=FOREIGN)

    assert result.foreign == {"teas": 0.0, "own": 1.0}
    assert result.means["foreign_answered"] == 0.5
    assert result.means["unanswerable_answered"] == 0.5
    own = [rocks.ranked(text, 1).best for text in list(QUERIES.values())[:3]] + [0.0]
    strangers = ["qqqq", TEXTS["basalt"], "wwww", "vvvv", TEXTS["chalk"]]
    pairs = itertools.product(own, [rocks.ranked(text, 1).best for text in strangers])
    assert result.means["auroc"] == pytest.approx(
        sum((one > other) + (one == other) / 2 for one, other in pairs) / 20
    )
    rows = [(row["from"], row["query"]) for row in result.rows]
    assert rows == [
        *(("own", query) for query in QUERIES),
        ("unanswerable", "u1"),
        ("unanswerable", "u2"),
        ("teas", "right"),
        ("teas", "t"),
        ("own", "x"),
    ]


def test_nothing_foreign_is_measured_unless_it_was_asked(rocks: LessonBase) -> None:
    """No share of nothing."""
    result = run(rocks, Judged("rocks", DOCUMENTS, QUERIES, GRADES), "default")

    assert {"foreign_answered", "unanswerable_answered", "auroc", "tokens"}.isdisjoint(result.means)
    assert result.foreign == {}


def test_calibration_is_of_first_hits_of_own_questions(rocks: LessonBase) -> None:
    """One a question, or five; a question without a hit has none."""
    result = run(rocks, JUDGED, "default", foreign=FOREIGN)

    rows = [row for row in result.rows if row["from"] == "own" and row["query"] in QUERIES]
    first = {row["query"]: row["relevances"][:1] for row in rows}
    assert first["empty"] == []
    assert sum(one.hits for one in result.diagrams["ece"]) == 3
    assert sum(one.hits for one in result.diagrams["ece_5"]) == 12
    errors = {}
    for query, (relevance,) in ((q, r) for q, r in first.items() if r):
        side = errors.setdefault(min(int(relevance * 10), 9), [])
        side.append(relevance - (query == "right"))
    expected = sum(abs(sum(one)) for one in errors.values()) / 3
    assert result.means["ece"] == pytest.approx(expected, abs=1e-4)


def test_methods_without_a_hit_have_no_calibration(rocks: LessonBase) -> None:
    """Words that nothing has find nothing."""
    only = Judged("rocks", DOCUMENTS, {"q": "zzyzx"}, {"q": {"chalk": 1}})
    result = run(rocks, only, "words")

    assert "ece" not in result.means
    assert result.means["own_answered"] == 0.0


def test_tokens_are_of_what_recall_shows(rocks: LessonBase) -> None:
    """The mean over answered questions; two of four are."""
    result = run(rocks, JUDGED, "default", tokens=True)

    costs = [rocks.recall(QUERIES[query]).tokens for query in ("right", "wrong")]
    assert result.means["tokens"] == sum(costs) / 2
    assert "ndcg@5" not in result.means


def test_a_budget_hides_hits(rocks: LessonBase) -> None:
    """What is not shown counts nothing: neither what was not relevant nor what did not fit."""
    right = Judged("rocks", DOCUMENTS, {"q": QUERIES["right"]}, {"q": {"quartz": 1}})
    whole = run(rocks, right, "default", tokens=True).means["tokens"]
    roomy = run(rocks, right, "default", budget=int(whole)).means
    tight = run(rocks, right, "default", budget=1).means

    assert (roomy["tokens"], roomy["ndcg@5"], roomy["ndcg@5_shown"]) == (whole, 1.0, 1.0)
    assert (tight["tokens"], tight["ndcg@5"], tight["ndcg@5_shown"]) == (0.0, 1.0, 0.0)


def test_without_an_answer_there_is_no_mean_cost(rocks: LessonBase) -> None:
    """A mean of nothing is left out, and what is hidden is nothing."""
    only = Judged("rocks", DOCUMENTS, {"q": "zzyzx"}, {"q": {"chalk": 1}})
    means = run(rocks, only, "default", budget=100).means

    assert "tokens" not in means
    assert (means["ndcg@5"], means["ndcg@5_shown"]) == (0.0, 0.0)


def test_the_summary_is_numbers_and_the_document_has_all(rocks: LessonBase) -> None:
    """Measures rounded to four places."""
    result = run(rocks, JUDGED, "default", foreign=FOREIGN)
    summary, document = result.summary(), result.document()

    assert list(summary)[:7] == [
        "set",
        "method",
        "queries",
        "ndcg@10",
        "recall@10",
        "mrr@10",
        "first_helps",
    ]
    assert list(summary)[-2:] == ["p50_ms", "p95_ms"]
    assert document == {
        **summary,
        "foreign": {"teas": 0.0, "own": 1.0},
        "reliability": document["reliability"],
    }
    assert {name: len(bins) for name, bins in document["reliability"].items()} == {
        "ece": 10,
        "ece_5": 10,
    }

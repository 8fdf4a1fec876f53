"""Tables, letter by letter."""

from lessonbase.evaluation.comparison import Comparison
from lessonbase.evaluation.report import tables
from lessonbase.evaluation.runner import Result

RANKING = {"ndcg@10": 0.5, "recall@10": 1.0, "mrr@10": 0.25, "first_helps": 0.75}
VERDICTS = {"own_answered": 0.9, "foreign_answered": 0.05, "auroc": 0.99, "ece": 0.1, "ece_5": 0.2}


def measured(name: str, method: str = "default", **more: float) -> Result:
    means = {**RANKING, "own_answered": 0.9, "ece": 0.1, "ece_5": 0.2, **more}
    return Result(name, method, 4, means, 1.25, 12.0, {}, {}, {}, [])


def test_one_set_has_one_line_a_method() -> None:
    """Names to the left, numbers to the right; nobody asks for more than the ranking."""
    assert tables([measured("teas", "words"), measured("teas")]).splitlines() == [
        "set   method   ndcg@10  recall@10  mrr@10  first_helps  p50 ms  p95 ms",
        "teas  words     0.5000     1.0000  0.2500       0.7500     1.2    12.0",
        "teas  default   0.5000     1.0000  0.2500       0.7500     1.2    12.0",
    ]


def test_several_sets_have_means_and_what_should_get_no_answer_a_table() -> None:
    """A set that nothing foreign was asked of has no value there, and no part in the mean."""
    sets = [
        measured("teas", foreign_answered=0.25, auroc=0.75),
        measured("rocks", unanswerable_answered=0.5, auroc=1.0),
        measured("lamps"),
    ]

    assert tables(sets).splitlines()[4:] == [
        "mean   default   0.5000     1.0000  0.2500       0.7500",
        "",
        "set    method   answered  foreign  unanswerable   auroc     ece   ece_5",
        "teas   default    0.9000   0.2500             -  0.7500  0.1000  0.2000",
        "rocks  default    0.9000        -        0.5000  1.0000  0.1000  0.2000",
        "lamps  default    0.9000        -             -       -  0.1000  0.2000",
        "mean   default    0.9000   0.2500        0.5000  0.8750  0.1000  0.2000",
    ]


def test_the_prompt_block_and_a_comparison_have_tables_of_their_own() -> None:
    """With only those columns that were measured."""
    compared = [Comparison("teas", "default", "words", 4, -0.125, 1.0)]

    assert tables([measured("teas", tokens=612.34)], compared).splitlines()[2:] == [
        "",
        "set   method   tokens",
        "teas  default   612.3",
        "",
        "set   methods          queries  ndcg@10       p",
        "teas  default - words        4  -0.1250  1.0000",
    ]

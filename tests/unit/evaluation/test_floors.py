"""Floors: read, checked against what is measured, and held against results."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lessonbase.errors import InvalidInput
from lessonbase.evaluation.floors import Floor, broken, read
from lessonbase.evaluation.runner import Result

FILE = """{"teas": {
    "default": {"ndcg@10": 0.5, "foreign_answered": {"most": 0.1}},
    "words": {"ece": 0}
}}"""


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "floors.json"
    path.write_text(content, encoding="utf-8")
    return path


def measured(means: Mapping[str, float], method: str = "default") -> Result:
    return Result("teas", method, 1, means, 0.0, 0.0, {}, {}, {}, [])


def test_a_number_is_a_least_value_and_most_a_greatest(tmp_path: Path) -> None:
    """Of a measure of a method on a set."""
    floors = read(written(tmp_path, FILE), sets=["teas"], methods=["words", "default"])

    assert floors == (
        Floor("teas", "default", "ndcg@10", 0.5, greatest=False),
        Floor("teas", "default", "foreign_answered", 0.1, greatest=True),
        Floor("teas", "words", "ece", 0.0, greatest=False),
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ('{"coffees": {"default": {"ece": 1}}}', "no set 'coffees' is measured"),
        ('{"teas": {"rrf": {"ece": 1}}}', "no method 'rrf' is measured"),
        ('{"teas": {"default": {"ndgc@10": 1}}}', "no measure 'ndgc@10' is measured"),
        ("{}", "the file: .* at least 1 item"),
        ('{"teas": {}}', "teas: .* at least 1 item"),
        ('{"teas": {"default": {}}}', "teas default: .* at least 1 item"),
        ('{"teas": {"default": {"ece": "1"}}}', "teas default ece: "),
        ('{"teas": {"default": {"ece": NaN}}}', "teas default ece: "),
        ('{"teas": {"default": {"ece": true}}}', "teas default ece: "),
        ('{"teas": {"default": {"ece": {"least": 1}}}}', "teas default ece: "),
        ('{"teas": 1}', "teas: "),
        ("{", "the file: Invalid JSON"),
    ],
)
def test_a_floor_that_holds_nothing_is_refused(tmp_path: Path, content: str, error: str) -> None:
    """Unknown names protect nothing, and neither does what is not a number."""
    path = written(tmp_path, content)

    with pytest.raises(InvalidInput, match=error) as raised:
        read(path, sets=["teas"], methods=["default"])

    assert str(path) in str(raised.value)
    assert raised.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(InvalidInput, match=r"floors.json: No such file"):
        read(tmp_path / "floors.json", sets=[], methods=[])


FLOORS = (
    Floor("teas", "default", "ndcg@10", 0.5, greatest=False),
    Floor("teas", "default", "foreign_answered", 0.1, greatest=True),
)


def test_the_bound_itself_is_held() -> None:
    """On either side, as four places show it."""
    assert broken(FLOORS, [measured({"ndcg@10": 0.5, "foreign_answered": 0.1})]) == []
    assert broken(FLOORS, [measured({"ndcg@10": 0.49996, "foreign_answered": 0.10004})]) == []


def test_what_is_outside_is_listed() -> None:
    """Each with its value and its bound; other methods are not looked at."""
    results = [
        measured({"ndcg@10": 1.0, "foreign_answered": 0.0}, method="words"),
        measured({"ndcg@10": 0.4, "foreign_answered": 0.25}),
    ]

    assert broken(FLOORS, results) == [
        "teas default ndcg@10: 0.4000, at least 0.5000 is asked for",
        "teas default foreign_answered: 0.2500, at most 0.1000 is asked for",
    ]


def test_a_floor_of_what_was_not_measured_is_refused() -> None:
    """Such as foreign questions when none were asked."""
    with pytest.raises(
        InvalidInput, match="teas default foreign_answered has a floor, and was not"
    ):
        broken(FLOORS, [measured({"ndcg@10": 1.0})])

"""How good retrieval is on judged questions: curves over the threshold, stages on and off.

Takes ways to rank as plain functions, so that each stage of a base can be asked by itself. `eval`
measures whole sets by the field's own tool; here every number can be looked into.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lessonbase.analysis.predictions import BINS, reliability
from lessonbase.base import LessonBase
from lessonbase.base.asking import Places
from lessonbase.errors import InvalidInput
from lessonbase.retrieval.pipeline import METHODS, Stages

# Question, most places → the best of a ranking.
Rank = Callable[[str, int], Places]

# Places looked at.
DEPTH: Final = 10
# Name in an ablation → the field of `Stages` that is switched off.
_SWITCHES: Final = ("alignment", "marks", "per_question", "vectors", "words", "worth")


@dataclass(frozen=True, slots=True)
class Asked:
    """What questions got.

    Attributes:
        answers: A row per method and question: method, question, style, answerable (whether a
            record is judged to help), best (greatest relevance), answered (whether a recall would
            answer), wanted (how many records are judged to help), and ndcg, recall, mrr,
            first_helps (NaN for what is not answerable).
        places: A row per method, question and place, from 1: method, question, rank, id, relevance,
            grade (2 answers it, 1 helps, 0 neither).
    """

    answers: pd.DataFrame
    places: pd.DataFrame


def questions(path: Path) -> pd.DataFrame:
    """Judged questions: id, text, style, relevant (record id → grade; empty: nothing answers).

    Args:
        path: A line of JSON per question, as in ``data/seed_queries.jsonl``.
    Raises:
        InvalidInput: If the file is missing or a line of it is not as it should be.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        made = [(row["id"], row["text"], row.get("style"), dict(row["relevant"])) for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InvalidInput(
            f"{path} holds no questions: {error}", hint="data/README.md has the format of questions"
        ) from error
    frame = pd.DataFrame(made, columns=["id", "text", "style", "relevant"])
    return frame.astype({"id": "string", "text": "string", "style": "string"})


def held_out(asked: pd.DataFrame) -> pd.DataFrame:
    """Those of the seed's questions from which relevance was not learned: about half.

    The other half, of an even hash, is what `benchmarks/learn.py` fitted it to; a threshold or a
    calibration that is shown on all of them flatters itself.
    """
    odd = asked.id.map(lambda name: hashlib.sha256(name.encode()).digest()[0] % 2 == 1)
    return asked[odd.to_numpy(bool)].reset_index(drop=True)


def methods(base: LessonBase, names: Sequence[str] = tuple(METHODS)) -> dict[str, Rank]:
    """The ways of ranking that have a name, on *base*: words, vectors, rrf, convex, default."""
    return {name: base.using(METHODS[name]).ranked for name in names}


def ablation(base: LessonBase) -> dict[str, Rank]:
    """The default ranking of *base*, and the same with each stage left out by itself."""
    whole = METHODS["default"]
    left_out: dict[str, Stages] = {
        f"without {name}": replace(whole, **{name: False}) for name in _SWITCHES
    }
    return {name: base.using(stages).ranked for name, stages in {"all": whole, **left_out}.items()}


def ask(ways: Mapping[str, Rank], asked: pd.DataFrame, *, depth: int = DEPTH) -> Asked:
    """Put every question of *asked* to each of *ways*.

    Args:
        ways: Name → way to rank, from `methods` or `ablation`.
        asked: From :func:`questions`.
        depth: Places looked at.
    """
    answers: list[dict[str, Any]] = []
    places: list[tuple[Any, ...]] = []
    for name, rank in ways.items():
        for one in asked.itertuples(index=False):
            found = rank(one.text, depth)
            grades = [one.relevant.get(place.id, 0) for place in found.places]
            answers.append(
                {
                    "method": name,
                    "question": one.id,
                    "style": one.style,
                    "answerable": bool(one.relevant),
                    "best": found.best,
                    "answered": found.answered,
                    **_measured(grades, list(one.relevant.values()), depth),
                }
            )
            places += [
                (name, one.id, number, place.id, place.relevance, grade)
                for number, (place, grade) in enumerate(
                    zip(found.places, grades, strict=True), start=1
                )
            ]
    columns = ["method", "question", "rank", "id", "relevance", "grade"]
    return Asked(pd.DataFrame(answers), pd.DataFrame(places, columns=columns))


def summary(asked: Asked) -> pd.DataFrame:
    """The means of each method, in the order they were asked.

    Returns:
        ndcg, recall, mrr, first_helps over the questions that have an answer; own_answered, the
        share of these that a recall would answer; others_answered, of those that have none.
    """
    frame = asked.answers
    own = frame[frame.answerable].groupby("method", sort=False)
    table = own[["ndcg", "recall", "mrr", "first_helps"]].mean()
    table["own_answered"] = own.answered.mean()
    table["others_answered"] = frame[~frame.answerable].groupby("method").answered.mean()
    return table


def curve(asked: Asked, method: str = "default") -> pd.DataFrame:
    """What a recall would answer at each threshold of relevance, from 0 to 1 in hundredths.

    Returns:
        threshold; own_answered and others_answered: the share of questions with and without an
        answer whose best relevance reaches it; answered_right: of all that are answered, the share
        that has an answer; precision and recall of the hits that reach it: the share of them that
        is judged to help, and of those judged to help how many are among them. A share of nothing
        is NaN.
    """
    answers = asked.answers[asked.answers.method == method]
    places = asked.places[asked.places.method == method]
    judged = places.question.isin(answers.question[answers.answerable])
    helps = (places.grade > 0).to_numpy(bool) & judged.to_numpy(bool)
    relevance, best = places.relevance.to_numpy(), answers.best.to_numpy()
    own = answers.answerable.to_numpy(bool)
    # How many are judged to help cannot be read from the places: some are in none.
    wanted = answers.wanted.sum()
    rows = []
    for threshold in np.arange(101) / 100:
        answered, shown = best >= threshold, relevance >= threshold
        rows.append(
            {
                "threshold": threshold,
                "own_answered": _share(answered & own, own),
                "others_answered": _share(answered & ~own, ~own),
                "answered_right": _share(answered & own, answered),
                "precision": _share(shown & helps, shown),
                "recall": (shown & helps).sum() / wanted if wanted else np.nan,
            }
        )
    return pd.DataFrame(rows)


def calibration(
    asked: Asked, method: str = "default", *, depth: int = 1, bins: int = BINS
) -> pd.DataFrame:
    """The relevance of the first *depth* hits against the share that is judged to help.

    Only of questions that have an answer: of the others every hit is wrong, and how many of those
    are asked is a matter of the set. As `predictions.reliability`.
    """
    own = asked.answers[(asked.answers.method == method) & asked.answers.answerable]
    places = asked.places[(asked.places.method == method) & (asked.places["rank"] <= depth)]
    places = places[places.question.isin(own.question)]
    return reliability(places.relevance, places.grade > 0, bins=bins)


def _measured(grades: Sequence[int], judged: Sequence[int], depth: int) -> dict[str, float]:
    """The measures of one ranking; NaN where no record is judged to help.

    Source:
        Järvelin & Kekäläinen, TOIS 20 (2002), with the grade as gain and log2(rank + 1).
    """
    wanted = {"wanted": len(judged)}
    if not judged:
        return wanted | dict.fromkeys(("ndcg", "recall", "mrr", "first_helps"), float("nan"))
    first = next((number for number, grade in enumerate(grades, start=1) if grade), None)
    return wanted | {
        "ndcg": _gain(grades) / _gain(sorted(judged, reverse=True)[:depth]),
        "recall": sum(grade > 0 for grade in grades) / len(judged),
        "mrr": 1 / first if first else 0.0,
        "first_helps": float(first == 1),
    }


def _gain(grades: Sequence[int]) -> float:
    return float(sum(grade / np.log2(number + 1) for number, grade in enumerate(grades, start=1)))


def _share(part: Any, whole: Any) -> float:
    return float(part.sum() / whole.sum()) if whole.sum() else float("nan")

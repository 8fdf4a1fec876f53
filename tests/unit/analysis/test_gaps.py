"""What we do not know yet."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from lessonbase.analysis.encoding import encode_shipped
from lessonbase.analysis.gaps import gaps
from lessonbase.ports import Vectors

START = datetime(2026, 12, 1, tzinfo=UTC)

# Tasks of themes that have nothing to do with each other. The least likeness of a gap was chosen
# on these; the simulation has others.
THEMES: Mapping[str, Sequence[str]] = {
    "hiring": (
        "Write the job advert for a second data engineer.",
        "Which questions may we not ask in an interview?",
        "Score the take-home exercise of three applicants.",
        "Reject a candidate kindly after the final round.",
    ),
    "gpu": (
        "CUDA out of memory when the batch is doubled.",
        "Which driver does the new H100 node need?",
        "nvidia-smi hangs on two of the machines.",
        "Share one GPU between four inference pods.",
    ),
    "search ads": (
        "Raise the daily budget of the search campaign by a tenth.",
        "Negative keywords for the brand campaign.",
        "Why did the cost per click jump on Monday?",
        "Landing page gets clicks from ads and no sign-ups.",
    ),
    "travel": (
        "Book the train to the Lyon meeting for five people.",
        "Hotel near the fairground, refundable.",
        "Which allowance is paid for a day trip abroad?",
        "Collect the receipts of the conference trip.",
    ),
    "video": (
        "Cut the webinar recording to ten minutes.",
        "Add subtitles to the product video.",
        "Compress the clip for the landing page under 5 MB.",
        "Sound is out of sync in the exported video.",
    ),
    "office": (
        "The badge reader at the side door rejects new cards.",
        "Order twelve chairs for the third floor.",
        "Meeting room screen shows no picture over the cable.",
        "Heating on the second floor is off on Mondays.",
    ),
    "contracts": (
        "Check the liability clause of the new supplier contract.",
        "Notice period in the lease of the Berlin office.",
        "Who signs a data processing agreement for us?",
        "Redline the confidentiality agreement of the customer.",
    ),
    "maps": (
        "Show all branches on a map within 20 km.",
        "Geocode addresses that have typing errors.",
        "Routes should avoid toll roads.",
        "Map tiles are blurred on phones.",
    ),
}


def asked(*rows: tuple[str | None, str | None, str, str | None]) -> pd.DataFrame:
    """Recalls a day apart: task, agent, verdict, nearest."""
    frame = pd.DataFrame(list(rows), columns=["task", "agent", "verdict", "nearest"])
    frame = frame.astype("string")
    frame["actor"] = ("agent:" + frame.agent).fillna("admin").astype("string")
    times = [START + timedelta(days=day) for day in range(len(frame))]
    frame["recall_id"] = pd.Series([f"q{n}" for n in range(len(frame))], dtype="string")
    frame["at"] = pd.Series(times, dtype="datetime64[us, UTC]")
    return frame


def by_first_word(texts: Sequence[str]) -> Vectors:
    """Texts are alike exactly if they begin with the same word."""
    words = sorted({text.split()[0].lower() for text in texts})
    rows = [words.index(text.split()[0].lower()) for text in texts]
    return np.eye(max(len(words), 2), dtype=np.float32)[rows]


NONE = "nothing_relevant"


def test_three_recalls_are_enough() -> None:
    """Alike tasks are one gap, another is its own; most asked first."""
    found = gaps(
        asked(
            ("vat for a company", "cobalt", NONE, "x"),
            ("fonts for the page", "finch", NONE, None),
            ("vat on an invoice", "tally", NONE, "x"),
        ),
        encode=by_first_word,
    )
    assert list(found.recall_ids) == [("q0", "q2"), ("q1",)]

    assert found["count"].tolist() == [2, 1]
    assert found.tasks.tolist() == [2, 1]
    assert found.agents.tolist() == [("cobalt", "tally"), ("finch",)]
    assert found["first"].tolist() == [START, START + timedelta(days=1)]
    assert found["last"].tolist() == [START + timedelta(days=2), START + timedelta(days=1)]
    assert set(found.examples[0]) == {"vat for a company", "vat on an invoice"}
    assert found.nearest[0] == "x"
    assert found.nearest[1] is pd.NA
    assert "vat" in found.name[0].lower()


def test_a_repeated_task_is_one_task() -> None:
    """Case and full stops do not tell tasks apart; every recall counts."""
    found = gaps(
        asked(
            ("Fonts for the page.", "finch", NONE, None),
            ("fonts for the page", None, NONE, None),
            ("Fonts for  the page", "finch", NONE, None),
        ),
        encode=by_first_word,
    )

    assert (found["count"].tolist(), found.tasks.tolist()) == ([3], [1])
    assert found.examples[0] == ("Fonts for the page.",)
    assert found.agents[0] == ("admin", "finch")


def test_what_was_answered_is_no_gap() -> None:
    """And a task that was erased is counted, not shown."""
    found = gaps(
        asked(
            ("fonts for the page", "finch", "apply", None),
            (None, "finch", NONE, None),
            ("vat for a company", "cobalt", NONE, None),
        ),
        encode=by_first_word,
    )

    assert found["count"].tolist() == [1]
    assert found.attrs == {"asked": 3, "unanswered": 2, "erased": 1}


def test_no_recall_no_gap() -> None:
    """Nothing is encoded, and the table is empty."""

    def never(texts: Sequence[str]) -> Vectors:
        raise AssertionError(texts)

    found = gaps(asked(("fonts for the page", "finch", "apply", None)), encode=never)

    assert len(found) == 0
    assert {"name", "count", "agents", "examples", "nearest"} <= set(found.columns)
    assert found.attrs["unanswered"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("lost", [0, 1])
def test_many_tasks_are_gathered_where_they_are_dense(
    monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """Beyond what can be compared pair by pair; no task is lost, also not one like no other."""
    monkeypatch.setattr("lessonbase.analysis.gaps._COMPARED", 10)
    rows = [(f"vat {number}", "cobalt", NONE, None) for number in range(30)]
    rows += [(f"fonts {number}", "finch", NONE, None) for number in range(30)]
    rows += [("horses", "rook", NONE, None)] * lost

    def scattered(texts: Sequence[str]) -> Vectors:
        noise = np.random.default_rng(1).normal(0, 0.05, (len(texts), 16))
        noise[:, : by_first_word(texts).shape[1]] += by_first_word(texts)
        return (noise / np.linalg.norm(noise, axis=1, keepdims=True)).astype(np.float32)

    found = gaps(asked(*rows), encode=scattered)

    assert found["count"].sum() == 60 + lost
    assert found.agents.map(lambda agents: {"cobalt", "finch"} <= set(agents)).sum() == 0
    assert found["count"][:2].min() >= 30


@pytest.mark.slow
def test_real_tasks_mostly_meet_their_theme() -> None:
    """With the shipped encoder: adjusted Rand of 32 tasks of 8 themes, on which it was chosen."""
    from sklearn.metrics import adjusted_rand_score

    from lessonbase.analysis.gaps import _grouped

    themes = [theme for theme, texts in THEMES.items() for _ in texts]
    texts = [text for texts in THEMES.values() for text in texts]

    labels = _grouped(encode_shipped(texts), 13)

    assert adjusted_rand_score(themes, labels) > 0.4

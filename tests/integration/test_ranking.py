"""The whole ranking on a real base with the shipped encoder: alignment, marks, explanation."""

from collections.abc import Iterator
from typing import Any

import pytest

from lessonbase import open_base
from lessonbase.base import LessonBase
from lessonbase.formats.seed import seed_file
from lessonbase.records import RECORD, Hit
from lessonbase.render import explanation
from lessonbase.retrieval.pipeline import METHODS

TASK = "an agent deletes the production database while cleaning up"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LessonBase]:
    """A base with the seed, as a newcomer has it."""
    path = tmp_path_factory.mktemp("seeded")
    with open_base(path, create=True, embedded=True) as base:
        lines = seed_file().read_text(encoding="utf-8").splitlines()
        base.add_all([RECORD.validate_json(line) for line in lines])
        yield base  # type: ignore[misc]


def test_every_place_is_explained(seeded: LessonBase) -> None:
    """Signals add up to the score, hits fall by it, and each says how far it is behind."""
    hits = seeded.search(TASK, 10).results

    for above, hit in zip([None, *hits], hits, strict=False):
        assert sum(signal.delta for signal in hit.signals) == pytest.approx(hit.score)
        assert hit.behind == (None if above is None else pytest.approx(above.score - hit.score))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].ranks.alignment is not None
    assert all(signal.without >= 1 for hit in hits for signal in hit.signals if signal.without)


def test_an_explanation_reads_as_text(seeded: LessonBase) -> None:
    """What each signal adds and the place without it, the lists, the words, the window."""
    text = "\n".join(explanation(seeded.search(TASK, 2).results[1]))

    assert "meaning (" in text
    assert "; without it, place " in text
    assert " behind the hit above" in text
    assert "place in each list: meaning " in text
    assert "words of the question in it: " in text
    assert "part that fits best: " in text


def test_alignment_finds_what_the_whole_text_blurs(seeded: LessonBase) -> None:
    """The judged record comes first where fusion alone has another one first."""
    task = "what does [] mean in the recipients setting: nobody or everybody?"
    alone = seeded.using(METHODS["convex"]).ranked(task, 1).places[0]
    aligned = seeded.ranked(task, 1).places[0]

    assert aligned.id in {"seed-lesson-empty-means", "seed-fm-fail-open-fanout"}
    assert alone.score != aligned.score


def test_signals_count_for_relevant_records_alone(seeded: LessonBase) -> None:
    """What does not fit gets nothing for being recent, grave or well attested."""
    hits = seeded.search("choose a typeface for a wedding invitation", 5).results

    assert hits
    assert not names(hits) & {"evidence", "severity", "recency", "trust"}
    assert "evidence" in names(seeded.search(TASK, 1).results)


def test_nothing_is_nothing(seeded: LessonBase) -> None:
    """Questions on how to write code are none that experience answers."""
    for task in ("sort a list of tuples by second item", "centre a div", "bake plum cake"):
        assert seeded.recall(task).verdict == "nothing_relevant"


def names(hits: Any) -> set[str]:
    found: tuple[Hit, ...] = tuple(hits)
    return {signal.name for hit in found for signal in hit.signals}

"""From ranked records to what the caller reads: hits, the verdict and its reason, the checklist."""

from collections.abc import Mapping, Sequence
from typing import Final

from lessonbase.ports import Indexes
from lessonbase.records import (
    Checklist,
    CoordinationPattern,
    FailureMode,
    Heuristic,
    Hit,
    Lesson,
    Nearest,
    Reason,
    Record,
    Verdict,
    windows,
)
from lessonbase.retrieval.pipeline import Ranked, Ranking

# Lines of each part of the checklist: a list that is not read through helps nobody.
_MOST_LINES: Final = 7


def hits_of(
    ranking: Ranking,
    ranked: Sequence[Ranked],
    records: Mapping[str, Record],
    indexes: Indexes,
    space: str,
) -> tuple[Hit, ...]:
    """*ranked* as hits with their records, best window and shared words.

    A record that was erased between ranking and reading is left out.
    """
    hits = []
    for one in ranked:
        record = records.get(one.candidate.card.id)
        if record is None:
            continue
        texts = windows(record)
        window = texts[min(one.candidate.window or 0, len(texts) - 1)]
        hits.append(
            Hit(
                record=record,
                relevance=round(one.relevance, 4),
                score=one.score,
                signals=one.signals(),
                window=window,
                words=indexes.matched(space, ranking.question.text, window),
            )
        )
    return tuple(hits)


def verdict_of(best: float, *, apply: float, consider: float) -> Verdict:
    """What a best relevance of *best* amounts to."""
    if best >= apply:
        return Verdict.APPLY
    return Verdict.CONSIDER if best >= consider else Verdict.NOTHING_RELEVANT


def reason_for_hits(best: float, threshold: float, *, shown: int, fit: int) -> Reason:
    """The reason of a briefing whose *fit* hits were relevant, of which *shown* fit the budget."""
    text = f"the best hit has relevance {best:.2f}"
    if shown < fit:
        text += f"; {fit - shown} more did not fit the budget"
    return Reason(code="fits", text=text, threshold=threshold, withheld=fit - shown)


def reason_for_nothing(
    ranking: Ranking, records: Mapping[str, Record], *, threshold: float, size: int, visible: int
) -> Reason:
    """Why nothing is returned: nothing there, nothing to be seen, nothing close, nothing valid.

    Args:
        ranking: What was found and withheld.
        records: At least the best of it.
        threshold: Relevance that was asked for.
        size: Records in the space.
        visible: Recallable records of it that the caller may see and asked for.
    """
    if not size:
        return Reason(code="empty_base", text="the base holds no records yet", threshold=threshold)
    if ranking.ranked and (best := max(ranking.ranked, key=lambda one: one.relevance)):
        record = records.get(best.candidate.card.id)
        title = record.title if record else ""
        nearest = Nearest(
            id=best.candidate.card.id, title=title, relevance=round(best.relevance, 4)
        )
        return Reason(
            code="below_threshold",
            text=f"the nearest of {visible} records, {title!r}, has relevance "
            f"{best.relevance:.2f}; {threshold:.2f} is asked for",
            threshold=threshold,
            nearest=nearest,
            withheld=len(ranking.ranked),
        )
    if ranking.expired:
        return Reason(
            code="expired",
            text=f"{ranking.expired} records that match are past their valid_until",
            threshold=threshold,
            withheld=ranking.expired,
        )
    if not visible:
        return Reason(
            code="nothing_in_scope",
            text=f"none of the {size} records of this space is visible, active and of the kind "
            "asked for",
            threshold=threshold,
        )
    return Reason(
        code="below_threshold",
        text=f"none of {visible} records shares a word or a meaning with the task",
        threshold=threshold,
    )


def checklist_of(hits: Sequence[Hit]) -> Checklist:
    """What to do, to avoid and to verify, from all hits, best first, without repeats."""
    do: dict[str, None] = {}
    avoid: dict[str, None] = {}
    verify: dict[str, None] = {}
    for hit in hits:
        match hit.record:
            case Lesson() as lesson:
                _note(do, lesson.id, lesson.advice)
                _note(avoid, lesson.id, lesson.avoid)
            case FailureMode() as failure:
                _note(do, failure.id, failure.prevention or failure.recovery)
                for check in failure.checks:
                    _note(verify, failure.id, check)
            case CoordinationPattern(id=record_id, rule=rule) | Heuristic(id=record_id, rule=rule):
                _note(do, record_id, rule)
    return Checklist(
        do=tuple(do)[:_MOST_LINES],
        avoid=tuple(avoid)[:_MOST_LINES],
        verify=tuple(verify)[:_MOST_LINES],
    )


def _note(lines: dict[str, None], record_id: str, text: str) -> None:
    if text:
        lines.setdefault(f"{text} [{record_id}]")

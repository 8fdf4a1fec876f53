"""From ranked records to what the caller reads: hits, the verdict and its reason."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from lessonbase.ports import Indexes, Vector
from lessonbase.records import (
    Hit,
    Nearest,
    Reason,
    Record,
    Relation,
    SoulEntry,
    Verdict,
    windows,
)
from lessonbase.retrieval.diversity import Said, fold
from lessonbase.retrieval.ranking import Ranked, Ranking


def hits_of(
    ranking: Ranking,
    ranked: Sequence[Ranked],
    records: Mapping[str, Record],
    indexes: Indexes,
    space: str,
    *,
    folded: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    contradicts: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[Hit, ...]:
    """*ranked* as hits with their records, best window and shared words.

    A record that was erased between ranking and reading is left out.

    Args:
        ranking: What the hits come from.
        ranked: Those to show.
        records: By id.
        indexes: To find shared words.
        space: Where the records are.
        folded: Id → records that say the same.
        contradicts: Id → visible records that say the contrary.
    """
    hits: list[Hit] = []
    for one in ranked:
        record = records.get(one.card.id)
        if record is None:
            continue
        texts = windows(record)
        window = texts[min(max(one.window, 0), len(texts) - 1)]
        hits.append(
            Hit(
                record=record,
                relevance=round(one.relevance, 4),
                score=one.score,
                signals=ranking.signals(one.row),
                window=window,
                words=indexes.matched(space, ranking.question.text, window),
                ranks=ranking.ranks(one.row),
                behind=hits[-1].score - one.score if hits else None,
                folded=folded.get(record.id, ()),
                contradicts=contradicts.get(record.id, ()),
            )
        )
    return tuple(hits)


def same(
    ids: Sequence[str], records: Mapping[str, Record], vectors: Mapping[str, Vector]
) -> dict[str, tuple[str, ...]]:
    """Records that say something of their own → those that say the same further down.

    A long record is never folded, as a window says only part of it; nor a soul entry, for which
    whose it is matters as much as what it says; nor records that are linked as contradicting.

    Args:
        ids: Best first.
        records: By id, as far as they are there.
        vectors: Of each record's window, by id.
    """
    texts = {
        record.id: Said(parts[0], "\n".join(getattr(record, name) for name in record.what))
        for record in records.values()
        if len(parts := windows(record)) == 1 and not isinstance(record, SoulEntry)
    }
    linked = contradicted(records.values())
    apart = {(one, other) for one, others in linked.items() for other in others}
    return dict(fold(ids, vectors, texts, apart))


def contradicted(records: Iterable[Record]) -> dict[str, tuple[str, ...]]:
    """Id → ids of the records that say the contrary, as links of *records* have it, both ways."""
    found: dict[str, dict[str, None]] = {}
    for record in records:
        for link in record.links:
            if link.relation is Relation.CONTRADICTS and link.target != record.id:
                found.setdefault(record.id, {})[link.target] = None
                found.setdefault(link.target, {})[record.id] = None
    return {record_id: tuple(others) for record_id, others in found.items()}


def verdict_of(best: float, *, apply: float, consider: float) -> Verdict:
    """What a best relevance of *best* amounts to."""
    if best >= apply:
        return Verdict.APPLY
    return Verdict.CONSIDER if best >= consider else Verdict.NOTHING_RELEVANT


def reason_for_hits(
    best: float, threshold: float, *, shown: int, fit: int, folded: int = 0
) -> Reason:
    """The reason of a briefing with hits.

    Args:
        best: Greatest relevance of a hit.
        threshold: Relevance that was asked for.
        shown: Hits that fit the budget.
        fit: Hits there were.
        folded: Records that say the same as one that is shown.
    """
    text = f"the best hit has relevance {best:.2f}"
    if folded:
        text += f"; {folded} more {'says' if folded == 1 else 'say'} the same as a hit"
    if not shown:
        text += f"; none of {fit} fits the budget"
    elif shown < fit:
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
    if len(ranking):
        (best,) = ranking.first(1)
        record = records.get(best.card.id)
        title = record.title if record else ""
        nearest = Nearest(id=best.card.id, title=title, relevance=round(best.relevance, 4))
        return Reason(
            code="below_threshold",
            text=f"the nearest of {visible} records, {title!r}, has relevance "
            f"{best.relevance:.2f}; {threshold:.2f} is asked for",
            threshold=threshold,
            nearest=nearest,
            withheld=len(ranking),
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

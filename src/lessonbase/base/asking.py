"""Asking a base: recall before acting, search for what was, and reading records."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from itertools import chain
from typing import Final, NamedTuple

from lessonbase.base.parts import Viewer
from lessonbase.errors import InvalidInput, RecordNotFound
from lessonbase.guard.redaction import redact
from lessonbase.records import (
    Briefing,
    Event,
    Facets,
    Filters,
    Hit,
    Kind,
    Page,
    Reason,
    Record,
    Relation,
    SearchResults,
    Stats,
    Status,
    Verdict,
)
from lessonbase.retrieval.briefing import (
    contradicted,
    hits_of,
    reason_for_hits,
    reason_for_nothing,
    same,
    verdict_of,
)
from lessonbase.retrieval.candidates import View
from lessonbase.retrieval.checklist import checklist_of
from lessonbase.retrieval.packing import within_budget
from lessonbase.retrieval.ranking import Ranked, Ranking

# Longest task or query, in characters: a screen or two of log. Longer ones are cut by the caller,
# who knows which part matters.
TASK_LIMIT: Final = 200_000
MOST_HITS: Final = 100
# Records of an export that are read at a time.
_EXPORTED: Final = 100
# Greatest number of an event that a database has room for.
_MOST_SEQ: Final = 2**63 - 1
# Relevant candidates, at least, among which a recall looks for those that say the same.
_LOOKED_AT: Final = 10
# What a hit beside a relevant one needs, as a share of what the best one needs: that the question
# is one for this base is known by then.
_BESIDE: Final = 0.5
# Best candidates that a recall's event names.
_KEPT: Final = 10


class Place(NamedTuple):
    """A record's place in a ranking."""

    id: str
    score: float
    relevance: float


class Places(NamedTuple):
    """The best of a ranking, and whether a recall would answer with any of it."""

    places: tuple[Place, ...]
    best: float  # greatest relevance of all candidates, places or not; 0 without any
    answered: bool  # whether that reaches the `consider` threshold


class Asking(Viewer):
    """The use cases that read."""

    def recall(
        self,
        task: str,
        k: int = 5,
        *,
        budget: int | None = None,
        kinds: Sequence[Kind] = (),
    ) -> Briefing:
        """What is known that bears on *task*, before acting; or that nothing is.

        Args:
            task: What is about to be done, in plain words; up to 200,000 characters.
            k: Most hits, 1 to 100.
            budget: Most WordPiece tokens of the prompt block that shows the hits; none: no limit.
            kinds: Only these kinds; empty: all.
        Returns:
            A briefing; its best hit has a relevance of at least the `consider` threshold, those
            beside it of at least half of that.
        Raises:
            InvalidInput: If the task is empty or too long, or k or the budget is out of range.
        """
        _check_question(task, k)
        if budget is not None and budget < 1:
            raise InvalidInput(f"budget {budget} is not a number of tokens", hint="give 1 or more")
        filters = Filters(kinds=tuple(kinds))
        ranking = self._rank(task, filters)
        limits = self._parts.thresholds
        chosen, records, folded = self._leaders(ranking, k)
        found = self._hits(ranking, chosen, records, folded)
        hits, tokens = within_budget(found, budget, self._parts.count_tokens)
        recall_id = self._parts.ids.new()
        if chosen:
            best = max(one.relevance for one in chosen)
            verdict = verdict_of(best, apply=limits.apply, consider=limits.consider)
            reason = reason_for_hits(
                best,
                limits.consider,
                shown=len(hits),
                fit=len(found),
                folded=sum(len(hit.folded) for hit in hits),
            )
        else:
            verdict = Verdict.NOTHING_RELEVANT
            reason = self._reason_for_nothing(ranking, filters)
        briefing = Briefing(
            recall_id=recall_id,
            task=task,
            verdict=verdict,
            reason=reason,
            hits=hits,
            checklist=checklist_of(hits),
            tokens=tokens,
            degraded=self._parts.indexes.degraded(self.scope.space),
        )
        self._note(
            "recall",
            None,
            {
                "recall_id": recall_id,
                "task": redact(task).text,
                "verdict": verdict.value,
                "reason": reason.code,
                "hits": [[hit.record.id, hit.relevance] for hit in hits],
                # Beyond the hits: what `erase` goes by, and what was missed when nothing fitted.
                "candidates": [one.card.id for one in ranking.first(_KEPT)],
                "nearest": reason.nearest.id if reason.nearest else None,
                "tokens": tokens,
            },
        )
        return briefing

    def search(self, query: str, n: int = 10, *, filters: Filters | None = None) -> SearchResults:
        """Past incidents and lessons that match *query*, best first; no verdict, no threshold.

        Args:
            query: Words, a question, a stack trace; up to 200,000 characters.
            n: Most results, 1 to 100.
            filters: What to narrow it by; by default active records only.
        Raises:
            InvalidInput: If the query is empty or too long, or n out of range.
        """
        _check_question(query, n)
        ranking = self._rank(query, filters or Filters())
        chosen = ranking.first(n)
        records = self._records([one.card.id for one in chosen])
        return SearchResults(
            query=query,
            results=self._hits(ranking, chosen, records, {}),
            degraded=self._parts.indexes.degraded(self.scope.space),
        )

    def ranked(self, query: str, n: int, *, without: str | None = None) -> Places:
        """The best *n* and the verdict on them, no record read: what evaluation needs.

        Args:
            query: A task or question.
            n: Most places.
            without: Id of a record to leave out, as if the base did not hold it.
        """
        ranked = [
            Place(one.card.id, one.score, one.relevance)
            for one in self._rank(query, Filters()).first(n + 1)
            if one.card.id != without
        ]
        best = ranked[0].relevance if ranked else 0.0
        answered = bool(ranked) and best >= self._parts.thresholds.consider
        return Places(tuple(ranked[:n]), best, answered)

    def list(
        self, *, filters: Filters | None = None, limit: int = 50, before: int | None = None
    ) -> Page:
        """Records by their last change, newest first; `Page.after` is the next page's *before*."""
        if not 1 <= limit <= 1_000:
            raise InvalidInput(f"limit {limit} is out of range", hint="give 1 to 1000")
        if before is not None and not 0 <= before <= _MOST_SEQ:
            raise InvalidInput(f"before {before} is out of range", hint="give `after` of a page")
        return self._parts.ledger.page(
            self.scope.space, filters or Filters(), self._visible, limit=limit, before=before
        )

    def history(self, record_id: str) -> tuple[Event, ...]:
        """All that happened to a record, oldest first; an erased one's events have no text.

        Nor do those of a time when the record was not the caller's to see.
        """
        events = self._parts.ledger.history(self.scope.space, record_id)
        if not events:
            raise RecordNotFound(record_id)
        erased = max((n for n, one in enumerate(events, 1) if one.action == "erase"), default=0)
        if self.scope.sees_all and erased:
            return tuple(events)
        self.get(record_id)
        # What was erased is nobody's any more, though another record may have taken its id.
        return tuple(map(self._told, events[erased:]))

    def export(self) -> Iterator[Record]:
        """Every record of the space that the caller may see, oldest change first."""
        # Few at a time: a slow reader holds them in memory meanwhile.
        for batch in self._parts.ledger.records(self.scope.space, size=_EXPORTED):
            for filed in batch:
                if self.scope.sees(filed.record.visibility) and filed.record.kind in set(Kind):
                    yield filed.record

    def facets(self, *, limit: int = 30) -> Facets:
        """What a search can be narrowed by, with counts; at most *limit* tags and services."""
        ledger, space, visible = self._parts.ledger, self.scope.space, self._visible
        kinds, statuses = self._counts()
        return Facets(
            kinds=kinds,
            statuses=statuses,
            tags=ledger.labels(space, "tag", visible, limit=limit),
            services=ledger.labels(space, "service", visible, limit=limit),
        )

    def stats(self) -> Stats:
        """How much there is, by kind and status."""
        ledger, space = self._parts.ledger, self.scope.space
        kinds, statuses = self._counts()
        return Stats(
            records=sum(kinds.values()),
            kinds=kinds,
            statuses=statuses,
            recalls=ledger.count_events(space, "recall"),
            outcomes=ledger.count_events(space, "outcome"),
            spaces=len(ledger.spaces()),
            encoder=str(self._parts.encoder.fingerprint),
        )

    def _told(self, event: Event) -> Event:
        """*event* without the states in which the record was not the caller's to see."""
        hidden = {
            side: None
            for side, state in (("before", event.before), ("after", event.after))
            if state is not None and not self.scope.sees(state.visibility)
        }
        return event.model_copy(update=hidden) if hidden else event

    def _counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Visible records by kind, and by status."""
        kinds: dict[str, int] = {}
        statuses: dict[str, int] = {}
        counts = self._parts.ledger.counts(self.scope.space, self._visible)
        for (kind, status), count in sorted(counts.items()):
            kinds[kind] = kinds.get(kind, 0) + count
            statuses[status] = statuses.get(status, 0) + count
        return kinds, statuses

    def _rank(self, text: str, filters: Filters) -> Ranking:
        return self._pipeline.rank(text, self._view(filters))

    def _view(self, filters: Filters) -> View:
        now = self._parts.clock.now().astimezone(UTC).isoformat(timespec="microseconds")
        return View(self.scope.space, self._visible, filters, now)

    def _leaders(
        self, ranking: Ranking, k: int, *, near: float = 1.0
    ) -> tuple[Sequence[Ranked], Mapping[str, Record], dict[str, tuple[str, ...]]]:
        """The best *k* relevant candidates that say different things.

        Args:
            ranking: All candidates.
            k: Most leaders.
            near: Share of the best score from which a candidate is relevant, whatever its relevance
                beside that one.
        Returns:
            Those; the records that were read for it, by id; and what each one stands for.
        """
        few, most = max(2 * k, _LOOKED_AT), max(3 * k, _LOOKED_AT)
        relevant = self._relevant(ranking, most, near)
        records: dict[str, Record] = {}
        groups: dict[str, tuple[str, ...]] = {}
        # Records cost time to read: further ones only if so many say the same.
        for count in (few, most):
            looked = relevant[:count]
            ids = [one.card.id for one in looked]
            records |= self._records([one for one in ids if one not in records])
            kept = self._parts.ledger.windows_of(self.scope.space, ids, self._key)
            vectors = {one: own.vectors[0] for one, own in kept.items() if len(own.vectors) == 1}
            groups = same(ids, records, vectors)
            if len(groups) >= k or count >= len(relevant):
                break
        leaders = [one for one in relevant if one.card.id in groups][:k]
        return leaders, records, groups

    def _relevant(self, ranking: Ranking, most: int, near: float) -> Sequence[Ranked]:
        """The best *most* of an answer, if there is one: the best alone decides that."""
        least = self._parts.thresholds.consider
        if ranking.best < least:
            return ()
        best = ranking.first(most)
        return [
            one
            for one in best
            if one.relevance >= _BESIDE * least or one.score > near * best[0].score
        ]

    def _records(self, ids: Sequence[str]) -> dict[str, Record]:
        return self._parts.ledger.get(self.scope.space, ids) if ids else {}

    def _hits(
        self,
        ranking: Ranking,
        chosen: Sequence[Ranked],
        records: Mapping[str, Record],
        folded: Mapping[str, tuple[str, ...]],
    ) -> tuple[Hit, ...]:
        return hits_of(
            ranking,
            chosen,
            records,
            self._parts.indexes,
            self.scope.space,
            folded=folded,
            contradicts=self._contradicted(records, folded),
        )

    def _contradicted(
        self, records: Mapping[str, Record], folded: Mapping[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Id → what is linked as its contrary, or of one folded into it, and may be recalled."""
        linked = {one: list(others) for one, others in contradicted(records.values()).items()}
        # Links lead from the newer record to the older one; a reader should hear of both.
        said = list(dict.fromkeys((*records, *chain.from_iterable(folded.values()))))
        newer = self._parts.ledger.linking(self.scope.space, said, Relation.CONTRADICTS)
        for one, others in newer.items():
            linked.setdefault(one, []).extend(others)
            for other in others:
                linked.setdefault(other, []).append(one)
        if not linked:
            return {}
        view = self._view(Filters())
        cards = self._parts.ledger.cards(view.space, list(linked), view.filters, view.visible)
        known = {
            card.id
            for card in cards.values()
            if card.valid_until is None or card.valid_until >= view.now
        }
        found = {}
        for one in records:
            of_all = (
                other for said in (one, *folded.get(one, ())) for other in linked.get(said, ())
            )
            found[one] = tuple(dict.fromkeys(other for other in of_all if other in known))
        return found

    def _reason_for_nothing(self, ranking: Ranking, filters: Filters) -> Reason:
        ledger, space = self._parts.ledger, self.scope.space
        counts = ledger.counts(space, self._visible)
        visible = sum(
            count
            for (kind, status), count in counts.items()
            if status == Status.ACTIVE and (not filters.kinds or kind in filters.kinds)
        )
        records = self._records([best.card.id for best in ranking.first(1)])
        return reason_for_nothing(
            ranking,
            records,
            threshold=self._parts.thresholds.consider,
            size=sum(ledger.counts(space, None).values()),
            visible=visible,
        )


def _check_question(text: str, most: int) -> None:
    if not text.strip():
        raise InvalidInput("the task is empty", hint="say in a line what you are about to do")
    if len(text) > TASK_LIMIT:
        raise InvalidInput(
            f"the task has {len(text):,} characters, more than {TASK_LIMIT:,}",
            hint="give the part that matters, such as the last lines of the log",
        )
    if not 1 <= most <= MOST_HITS:
        raise InvalidInput(f"{most} hits cannot be asked for", hint=f"ask for 1 to {MOST_HITS}")

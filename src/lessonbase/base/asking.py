"""Asking a base: recall before acting, search for what was, and reading records."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Final

from lessonbase.base.parts import Viewer
from lessonbase.errors import InvalidInput, RecordNotFound
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
    SearchResults,
    Stats,
    Status,
    Verdict,
)
from lessonbase.render import PROMPT_END, PROMPT_HEAD, prompt_body, prompt_heading
from lessonbase.retrieval.briefing import (
    checklist_of,
    hits_of,
    reason_for_hits,
    reason_for_nothing,
    verdict_of,
)
from lessonbase.retrieval.candidates import View
from lessonbase.retrieval.packing import within_budget
from lessonbase.retrieval.pipeline import Ranked, Ranking

# Longest task or query, in characters: a screen or two of log. Longer ones are cut by the caller,
# who knows which part matters.
TASK_LIMIT: Final = 200_000
MOST_HITS: Final = 100
# Records of an export that are read at a time.
_EXPORTED: Final = 100
# Greatest number of an event that a database has room for.
_MOST_SEQ: Final = 2**63 - 1
# Best candidates that a recall's event names.
_KEPT: Final = 10


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
            A briefing; its hits all have a relevance of at least the `consider` threshold.
        Raises:
            InvalidInput: If the task is empty or too long, or k or the budget is out of range.
        """
        _check_question(task, k)
        if budget is not None and budget < 1:
            raise InvalidInput(f"budget {budget} is not a number of tokens", hint="give 1 or more")
        filters = Filters(kinds=tuple(kinds))
        ranking = self._rank(task, filters)
        limits = self._parts.thresholds
        chosen = [one for one in ranking.ranked if one.relevance >= limits.consider][:k]
        hits = self._hits(ranking, chosen)
        hits, tokens = within_budget(hits, budget, self._tokens)
        recall_id = self._parts.ids.new()
        if chosen:
            best = max(one.relevance for one in chosen)
            verdict = verdict_of(best, apply=limits.apply, consider=limits.consider)
            reason = reason_for_hits(best, limits.consider, shown=len(hits), fit=len(chosen))
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
                "task": task,
                "verdict": verdict.value,
                "reason": reason.code,
                "hits": [[hit.record.id, hit.relevance] for hit in hits],
                # Beyond the hits: what `erase` goes by, and what was missed when nothing fitted.
                "candidates": [one.candidate.card.id for one in ranking.ranked[:_KEPT]],
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
        return SearchResults(
            query=query,
            results=self._hits(ranking, ranking.ranked[:n]),
            degraded=self._parts.indexes.degraded(self.scope.space),
        )

    def ranked_ids(self, query: str, n: int) -> list[tuple[str, float]]:
        """Ids and scores of the best *n*, without reading records: what evaluation needs."""
        ranking = self._rank(query, Filters())
        return [(one.candidate.card.id, one.score) for one in ranking.ranked[:n]]

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
        now = self._parts.clock.now().astimezone(UTC).isoformat(timespec="microseconds")
        return self._pipeline.rank(text, View(self.scope.space, self._visible, filters, now))

    def _hits(self, ranking: Ranking, chosen: Sequence[Ranked]) -> tuple[Hit, ...]:
        ids = [one.candidate.card.id for one in chosen]
        records = self._parts.ledger.get(self.scope.space, ids)
        return hits_of(ranking, chosen, records, self._parts.indexes, self.scope.space)

    def _tokens(self, hits: Sequence[Hit]) -> int:
        """Cost of the prompt block of *hits*: the sum of its lines', as words never span two."""
        if not hits:
            return 0
        count = self._parts.count_tokens
        headings = "\n".join(prompt_heading(number, hit) for number, hit in enumerate(hits, 1))
        bodies = sum(count(prompt_body(hit.record)) for hit in hits)
        return count(PROMPT_HEAD) + count(PROMPT_END) + bodies + count(headings)

    def _reason_for_nothing(self, ranking: Ranking, filters: Filters) -> Reason:
        ledger, space = self._parts.ledger, self.scope.space
        counts = ledger.counts(space, self._visible)
        visible = sum(
            count
            for (kind, status), count in counts.items()
            if status == Status.ACTIVE and (not filters.kinds or kind in filters.kinds)
        )
        best = max(ranking.ranked, key=lambda one: one.relevance, default=None)
        records = ledger.get(space, [best.candidate.card.id]) if best else {}
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

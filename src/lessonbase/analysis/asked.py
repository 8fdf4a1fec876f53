"""What a base was asked and what came of its answers, as tables; read through `frames`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import pandas as pd

from lessonbase.ports import Base
from lessonbase.records import Outcome, OutcomeKind, Recalled

# All times have this type: UTC, to the microsecond, as the ledger keeps them.
MOMENT: Final = "datetime64[us, UTC]"
TEXT: Final = "string"
# Columns of `recalls` that count reports, in order.
OUTCOMES: Final = tuple(kind.value for kind in OutcomeKind)
_AGENT: Final = "agent:"


def recalls(
    base: Base, *, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """What *base* was asked from *since* until before *until*, a row per question, oldest first.

    Returns:
        recall_id, at, actor, agent (NA if a role asked), way, task (NA if it was erased), verdict,
        reason, relevance (of the best hit, NaN without), hits (ids), relevances (of the hits),
        n_hits, nearest (the best that was withheld), tokens, and how many reports that name this
        recall say helped, harmed, ignored, stale, wrong.
    """
    rows = [_asked(one) for one in base.recalls(since=since, until=until)]
    rows.reverse()
    names = (
        *("recall_id", "at", "actor", "agent", "way", "task", "verdict", "reason", "relevance"),
        *("hits", "relevances", "n_hits", "nearest", "tokens", *OUTCOMES),
    )
    frame = pd.DataFrame(rows, columns=list(names))
    texts = ("recall_id", "actor", "agent", "way", "task", "verdict", "reason", "nearest")
    return frame.astype(
        dict.fromkeys(texts, TEXT)
        | {"at": MOMENT, "relevance": "float64", "hits": object, "relevances": object}
        | dict.fromkeys(("n_hits", "tokens", *OUTCOMES), "int64")
    )


def outcomes(
    base: Base, *, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """What was reported in that time, a row per report: of the answers, oldest question first.

    At the end those that name no recall: they belong to no answer.

    Returns:
        recall_id (NA without one), at (when it was asked; else when it was reported), agent (who
        asked; else who reported), record_id, outcome, relevance (that the record had in the answer;
        NaN if it was not among the hits), saved_tokens, note.
    """
    asked = list(base.recalls(since=since, until=until))
    rows = [row for one in reversed(asked) for row in _reported(one)]
    loose = [
        one for one in base.outcomes(since=since, until=until) if one.outcome.recall_id is None
    ]
    rows += [
        _row_of(one.outcome, at=one.at, actor=one.actor, relevance=None) for one in reversed(loose)
    ]
    names = ("recall_id", "at", "agent", "record_id", "outcome", "relevance", "saved_tokens")
    frame = pd.DataFrame(rows, columns=[*names, "note"])
    texts = ("recall_id", "agent", "record_id", "outcome", "note")
    return frame.astype(
        dict.fromkeys(texts, TEXT) | {"at": MOMENT, "relevance": "float64", "saved_tokens": "Int64"}
    )


def _asked(one: Recalled) -> dict[str, Any]:
    counts = dict.fromkeys(OUTCOMES, 0)
    for report in one.outcomes:
        counts[report.outcome.value] += 1
    return {
        "recall_id": one.recall_id,
        "at": one.at,
        "actor": one.actor,
        "agent": _agent(one.actor),
        "way": one.way,
        "task": one.task,
        "verdict": one.verdict.value,
        "reason": one.reason,
        "relevance": max((hit.relevance for hit in one.hits), default=None),
        "hits": tuple(hit.id for hit in one.hits),
        "relevances": tuple(hit.relevance for hit in one.hits),
        "n_hits": len(one.hits),
        "nearest": one.nearest,
        "tokens": one.tokens,
        **counts,
    }


def _reported(one: Recalled) -> Iterator[dict[str, Any]]:
    predicted = {hit.id: hit.relevance for hit in one.hits}
    for report in one.outcomes:
        relevance = predicted.get(report.record_id)
        yield _row_of(report, at=one.at, actor=one.actor, relevance=relevance)


def _row_of(
    report: Outcome, *, at: datetime, actor: str, relevance: float | None
) -> dict[str, Any]:
    return {
        "recall_id": report.recall_id,
        "at": at,
        "agent": _agent(actor),
        "record_id": report.record_id,
        "outcome": report.outcome.value,
        "relevance": relevance,
        "saved_tokens": report.saved_tokens,
        "note": report.note or None,
    }


def _agent(actor: str) -> str | None:
    return actor.removeprefix(_AGENT) if actor.startswith(_AGENT) else None

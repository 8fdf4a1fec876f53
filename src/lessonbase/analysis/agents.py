"""Agents and failure modes: who recorded them, who met them, who was helped.

"Met" says that a recall of the agent was answered with the failure mode, which means that its task
bore the marks of it, not that it failed.
"""

from typing import Any, Final

import pandas as pd

from lessonbase.analysis.asked import OUTCOMES
from lessonbase.analysis.frames import Experience

# What an agent has to do with a failure mode, each a count.
PARTS: Final = ("recorded", "met", *OUTCOMES, "in_soul")
_KEYS: Final = ["agent", "id"]


def agents_by_failure_mode(
    found: Experience, recalls: pd.DataFrame, outcomes: pd.DataFrame
) -> pd.DataFrame:
    """Every pair of an agent and a failure mode that have to do with each other.

    Args:
        found: The records.
        recalls: From `frames.recalls`.
        outcomes: From `frames.outcomes`, of the same time.
    Returns:
        agent, id, title, severity, tags; recorded (1 if it wrote the record), met (how many of its
        recalls were answered with it), helped, harmed, ignored, stale, wrong (its reports), in_soul
        (links between it and entries of the agent's soul); first and last (when it met it, NaT if
        never). By agent, then by most met.
    """
    modes = found.only(kinds=["failure_mode"]).records
    met = recalls[["agent", "at", "hits"]].explode("hits").rename(columns={"hits": "id"})
    counts = [
        modes[_KEYS].assign(part="recorded"),
        met[_KEYS].assign(part="met"),
        outcomes.rename(columns={"record_id": "id", "outcome": "part"})[[*_KEYS, "part"]],
        _souls(found.records),
    ]
    tidy = pd.concat([one.astype("string") for one in counts]).dropna()
    tidy = tidy[tidy.id.isin(modes.id)]
    frame = pd.crosstab([tidy.agent, tidy.id], tidy.part)
    frame = frame.reindex(columns=list(PARTS), fill_value=0).astype("int64")
    frame = frame.rename_axis(columns=None)
    met = met.dropna(subset=_KEYS)
    when = met.astype({"id": "string"}).groupby(_KEYS)["at"].agg(first="min", last="max")
    frame = frame.join(when).reset_index()
    told = modes[["id", "title", "severity", "tags"]]
    frame = frame.merge(told, on="id", how="left")
    frame = frame[[*_KEYS, "title", "severity", "tags", *PARTS, "first", "last"]]
    return frame.sort_values(
        ["agent", "met", "id"], ascending=[True, False, True], ignore_index=True
    )


def pivot(pairs: pd.DataFrame, *, part: str = "met", by: str = "title") -> pd.DataFrame:
    """*pairs* as a table of agents (rows) and failure modes (columns), each cell a count.

    Args:
        pairs: From :func:`agents_by_failure_mode`.
        part: One of `PARTS`.
        by: Column of *pairs*; with ``tags``, a failure mode of two topics counts in both.
    Returns:
        Agents and columns that have any, both by sum, greatest first.
    """
    wide = pairs.explode(by) if by == "tags" else pairs
    table = wide.pivot_table(index="agent", columns=by, values=part, aggfunc="sum", fill_value=0)
    table = table.loc[table.sum(axis=1) > 0, table.sum() > 0].astype("int64")
    rows = table.sum(axis=1).sort_values(ascending=False, kind="stable").index
    columns = table.sum().sort_values(ascending=False, kind="stable").index
    return table.loc[rows, columns]


def _souls(records: pd.DataFrame) -> pd.DataFrame:
    """A row for each link between an entry of a soul and another record, whoever names whom."""
    links: Any = records[["id", "links"]].explode("links").dropna()
    ends = links.links.astype("string").str.split(":", n=1).str[1]
    both = pd.concat(
        [
            pd.DataFrame({"entry": links.id, "id": ends}),
            pd.DataFrame({"entry": ends, "id": links.id}),
        ]
    )
    souls = records.dropna(subset=["soul"])[["id", "soul"]]
    souls = souls.rename(columns={"id": "entry", "soul": "agent"})
    return both.merge(souls, on="entry")[_KEYS].assign(part="in_soul")

"""What we do not know yet: tasks that got "nothing relevant", put together by meaning.

A gap is worth a lesson if several ask for it; whoever writes one sees here in whose words.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lessonbase.analysis.asked import TEXT
from lessonbase.analysis.clusters import cluster
from lessonbase.analysis.encoding import Encode, encode_shipped
from lessonbase.analysis.extra import needs_extra
from lessonbase.analysis.naming import names
from lessonbase.curation.normal import normal_form
from lessonbase.ports import Vectors
from lessonbase.records import Verdict

# Least mean cosine between the tasks of two groups that become one gap, for the shipped encoder.
# Short tasks lie far apart: within a theme .22 on average, .07 between themes. Of .1 to .55 chosen
# on 32 tasks of 8 themes written for it (tests/unit/analysis/test_gaps.py: adjusted Rand .42 in 14
# groups; .47 at .15, which mixes more themes, and .37 at .3). The 20 of the simulation: .82.
ALIKE: Final = 0.2
# Different tasks up to which all pairs are compared (64 MB); of more, dense places are looked for.
_COMPARED: Final = 4_000
_EXAMPLES: Final = 3


def gaps(recalls: pd.DataFrame, *, encode: Encode = encode_shipped, seed: int = 13) -> pd.DataFrame:
    """The questions of *recalls* that found nothing relevant, gathered by meaning.

    Tasks that differ in case, spaces or full stops alone are one. Every task belongs to a gap; one
    that is like no other is a gap of its own. Where the nearest record does answer the task, it is
    no gap in what is known: the recall missed it.

    Args:
        recalls: From `frames.recalls`.
        encode: Texts → vectors.
        seed: For the clustering of more than 4,000 different tasks.
    Returns:
        A row per gap, most asked first: name, count (recalls), tasks (different ones), agents,
        first and last (when it was asked), examples (up to three tasks, the most typical first),
        nearest (the record that was withheld most often; NA if none), terms and recall_ids (its
        recalls, oldest first). ``attrs`` has asked (recalls looked at), unanswered (of them) and
        erased (of those; left out, since their task is gone).
    """
    unanswered = recalls[recalls.verdict == Verdict.NOTHING_RELEVANT.value]
    asked = unanswered.dropna(subset=["task"])
    forms = asked.task.map(normal_form)
    # By whom and when it was asked first decides in whose words a repeated task is shown.
    texts = asked.task.groupby(forms, sort=False).first()
    rows: list[dict[str, Any]] = []
    if len(texts):
        vectors = encode(list(texts))
        labels = _grouped(vectors, seed)
        named = names(labels, list(texts), list(texts), vectors)
        of_form = dict(zip(texts.index, labels, strict=True))
        gap = forms.map(of_form)
        rows = [
            {
                "name": one.name,
                "terms": tuple(one.terms),
                "tasks": int((labels == one.label).sum()),
                "examples": _examples(list(texts), vectors, labels == one.label),
                **_told(asked[gap == one.label]),
            }
            for one in named
        ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame = frame.astype({"name": TEXT, "nearest": TEXT, "count": "int64", "tasks": "int64"})
    frame = frame.sort_values(
        ["count", "tasks", "first"], ascending=[False, False, True], ignore_index=True
    )
    frame.attrs = {
        "asked": len(recalls),
        "unanswered": len(unanswered),
        "erased": len(unanswered) - len(asked),
    }
    return frame


_COLUMNS: Final = [
    *("name", "count", "tasks", "agents", "first", "last", "examples", "nearest", "terms"),
    "recall_ids",
]


def _told(asked: pd.DataFrame) -> dict[str, Any]:
    """Of the recalls of one gap: how many, by whom, when, and what was near."""
    near = asked.nearest.dropna().value_counts()
    most = sorted(near.index[near == near.max()]) if len(near) else [pd.NA]
    return {
        "count": len(asked),
        "recall_ids": tuple(asked.recall_id),
        "agents": tuple(sorted(asked.agent.fillna(asked.actor).unique())),
        "first": asked["at"].min(),
        "last": asked["at"].max(),
        "nearest": most[0],
    }


def _grouped(vectors: Vectors, seed: int) -> Any:
    """A label from 0 for each row, (n,) int; none is left over."""
    if len(vectors) == 1:
        return np.zeros(1, dtype=int)
    if len(vectors) <= _COMPARED:
        with needs_extra("gathering tasks into gaps"):
            # Here, since it takes a second to import.
            from sklearn.cluster import AgglomerativeClustering

        model = AgglomerativeClustering(
            n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - ALIKE
        )
        return model.fit_predict(vectors)
    labels = np.array(cluster(vectors, seed=seed).labels)
    alone = labels < 0
    labels[alone] = labels.max() + 1 + np.arange(alone.sum())
    return labels


def _examples(texts: Sequence[str], vectors: Vectors, mine: Any) -> tuple[str, ...]:
    """The tasks nearest to the middle of theirs."""
    rows = np.flatnonzero(mine)
    near = vectors[rows] @ vectors[rows].mean(axis=0)
    return tuple(texts[row] for row in rows[np.argsort(-near, kind="stable")][:_EXAMPLES])

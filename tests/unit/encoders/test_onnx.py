import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lessonbase.encoders import onnx
from lessonbase.encoders.onnx import DEFAULT_MODEL, MODELS, OnnxEncoder
from lessonbase.errors import InvalidInput, ModelDamaged

SHIPPED = MODELS / DEFAULT_MODEL


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


def test_the_vector_of_a_text_is_pinned(encoder: OnnxEncoder) -> None:
    """A change of model, tokenizer, pooling or normalisation shows here first."""
    golden = [0.0464, -0.0220, 0.0184, -0.0717, 0.0592, -0.0288, -0.0595, -0.0251]

    vector = encoder.encode_query("deploy a schema migration on Friday").vector

    # Rounding to 8 bits amplifies the last bit of a float, which differs between processors: two
    # of them agree to a cosine of about 0.999, or 0.003 in a number.
    np.testing.assert_allclose(vector[:8], golden, atol=1.5e-2)


def test_the_fingerprint_names_the_weights_and_the_quantisation(encoder: OnnxEncoder) -> None:
    """A base remembers the official weights, and which int8 copy of them made its vectors."""
    model = hashlib.sha256((SHIPPED / "model.onnx").read_bytes()).hexdigest()

    found = encoder.fingerprint

    assert found.name == "all-MiniLM-L6-v2"
    assert found.revision == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert (found.dimension, found.pooling) == (384, "mean")
    assert found.precision == f"int8:{model[:8]}"


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_an_altered_file_is_refused(copy: Path, name: str) -> None:
    """One changed byte, and the encoder is not made."""
    content = bytearray((copy / name).read_bytes())
    content[-1000] ^= 1
    (copy / name).write_bytes(content)

    with pytest.raises(ModelDamaged, match=f"{name} has SHA-256") as error:
        OnnxEncoder(copy)
    assert "install lessonbase again" in error.value.hint


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_an_absent_file_is_refused(copy: Path, name: str) -> None:
    """No dummy stands in for a model that is not there."""
    (copy / name).unlink()

    with pytest.raises(ModelDamaged, match=f"cannot read .*{name}"):
        OnnxEncoder(copy)


def test_a_manifest_that_is_none_is_refused(copy: Path) -> None:
    """Broken JSON and files left unnamed are damage too."""
    manifest = json.loads((copy / "manifest.json").read_text())

    (copy / "manifest.json").write_text("{")
    with pytest.raises(ModelDamaged, match="is not a manifest"):
        OnnxEncoder(copy)

    del manifest["files"]["tokenizer.json"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelDamaged, match=r"does not name tokenizer\.json"):
        OnnxEncoder(copy)


def test_threads_must_be_positive() -> None:
    """Zero threads could encode nothing."""
    with pytest.raises(InvalidInput, match="at least 1, not 0"):
        OnnxEncoder(threads=0)


def test_only_the_first_256_tokens_count(encoder: OnnxEncoder) -> None:
    """254 words and the two special tokens fill the model's window; what follows is not read."""
    window = "deploy " * 254

    vectors = encoder.encode_documents([window, window + "tea", window + "tea " * 5000]).vectors
    shorter = encoder.encode_query("deploy " * 253 + "tea").vector

    np.testing.assert_allclose(vectors[1:], np.stack([vectors[0]] * 2), atol=1e-6)
    assert shorter @ vectors[0] < 0.999


def test_a_long_head_without_tokens_does_not_hide_the_rest(encoder: OnnxEncoder) -> None:
    """Blank space and one endless word fill many characters and few tokens."""
    blank = " " * (2 * onnx.HEAD_CHARACTERS)
    endless = "x" * (2 * onnx.HEAD_CHARACTERS)

    np.testing.assert_allclose(
        encoder.encode_query(blank + "disk full").vector,
        encoder.encode_query("disk full").vector,
        atol=1e-6,
    )
    np.testing.assert_allclose(
        encoder.encode_query(f"{endless} disk full").vector,
        encoder.encode_query("x" * 101 + " disk full").vector,
        atol=1e-6,
    )


def test_importing_the_module_is_cheap() -> None:
    """Onnxruntime and tokenizers come with the first encoder, not with the module."""
    code = (
        "import sys, lessonbase.encoders.onnx, lessonbase.encoders.choose;"
        "print(sorted({'onnxruntime', 'tokenizers', 'torch', 'sqlite3'} & set(sys.modules)))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"

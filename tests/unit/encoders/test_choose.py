import sys
from pathlib import Path

import pytest

from lessonbase.encoders import choose
from lessonbase.encoders.choose import make_encoder
from lessonbase.encoders.onnx import DEFAULT_MODEL, MODELS
from lessonbase.errors import InvalidInput, MissingExtra


@pytest.mark.parametrize("spec", ["onnx", "onnx:", ":384", "openai:ada", "", "hashing 384"])
def test_an_unknown_encoder_is_refused_with_the_list(spec: str) -> None:
    """The hint shows one example of every backend."""
    with pytest.raises(InvalidInput, match="no encoder") as error:
        make_encoder(spec)

    assert all(example in error.value.hint for example in choose.EXAMPLES.values())


def test_there_is_an_example_of_every_backend() -> None:
    """A new backend comes with its example."""
    assert choose.EXAMPLES.keys() == choose.BACKENDS.keys()


@pytest.mark.parametrize("dimension", ["many", "-1", "0", "³"])
def test_a_dimension_is_a_positive_number(dimension: str) -> None:
    """What Python would take for a digit is not enough."""
    with pytest.raises(InvalidInput, match="dimension"):
        make_encoder(f"hashing:{dimension}")


def test_a_shipped_model_is_found_by_name_and_by_folder() -> None:
    """Both are the same encoder."""
    by_name = make_encoder(f"onnx:{DEFAULT_MODEL}")
    by_folder = make_encoder(f"onnx:{MODELS / DEFAULT_MODEL}")

    assert by_name.fingerprint == by_folder.fingerprint


def test_an_unknown_onnx_model_names_the_shipped_ones() -> None:
    """The hint is what can be had."""
    with pytest.raises(InvalidInput, match="no ONNX model 'all-mpnet'") as error:
        make_encoder("onnx:all-mpnet")

    assert DEFAULT_MODEL in error.value.hint


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without sentence-transformers the error says what to install."""
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(MissingExtra, match=r"\[sentence-transformers\]"):
        make_encoder(f"sentence-transformers:{tmp_path}")

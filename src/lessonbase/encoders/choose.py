"""From the name of an encoder, as settings and the command line give it, to the encoder.

Imports only the one that is chosen.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lessonbase.errors import InvalidInput
from lessonbase.ports import Encoder


def make_encoder(spec: str) -> Encoder:
    """The encoder named by *spec*, ready for use.

    Args:
        spec: ``<backend>:<model>``: ``onnx:all-MiniLM-L6-v2`` (the shipped one; or the folder of
            another that `scripts/build_model.py` wrote), ``sentence-transformers:<folder or name>``
            (any model on this machine), ``hashing:<dimension>`` (no model, for tests).

    Raises:
        InvalidInput: If there is no such backend or model.
        MissingExtra: If the backend is not installed.
        ModelDamaged: If the shipped model is absent or altered.

    >>> make_encoder("hashing:64").fingerprint.dimension
    64
    """
    backend, _, model = spec.partition(":")
    if backend not in BACKENDS or not model:
        raise InvalidInput(
            f"no encoder {spec!r}", hint=f"choose one of: {', '.join(EXAMPLES.values())}"
        )
    return BACKENDS[backend](model)


def _onnx(model: str) -> Encoder:
    from lessonbase.encoders.onnx import MODELS, OnnxEncoder

    shipped = sorted(path.parent.name for path in MODELS.glob("*/manifest.json"))
    if model in shipped:
        return OnnxEncoder(MODELS / model)
    if (Path(model) / "manifest.json").is_file():
        return OnnxEncoder(Path(model))
    raise InvalidInput(
        f"no ONNX model {model!r}", hint=f"shipped: {', '.join(shipped)}; or name a folder"
    )


def _sentence_transformers(model: str) -> Encoder:
    from lessonbase.encoders.sentence_transformers import SentenceTransformersEncoder

    return SentenceTransformersEncoder(model)


def _hashing(model: str) -> Encoder:
    from lessonbase.encoders.hashing import HashingEncoder

    if not (model.isascii() and model.isdigit()):
        raise InvalidInput(f"{model!r} is no dimension", hint=f"for example {EXAMPLES['hashing']}")
    return HashingEncoder(dimension=int(model))


BACKENDS: Final[Mapping[str, Callable[[str], Encoder]]] = {
    "onnx": _onnx,
    "sentence-transformers": _sentence_transformers,
    "hashing": _hashing,
}
EXAMPLES: Final[Mapping[str, str]] = {
    "onnx": "onnx:all-MiniLM-L6-v2",
    "sentence-transformers": "sentence-transformers:/path/to/model",
    "hashing": "hashing:384",
}

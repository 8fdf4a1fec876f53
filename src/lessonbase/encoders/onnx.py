"""The shipped encoder: ONNX Runtime and a WordPiece tokenizer, no torch, no network.

A text's vector depends on that text alone: the graph quantises token by token, so its neighbours
in a batch change it by less than 1e-6 (scripts/build_model.py says how). Two kinds of processor
agree to a cosine of about 0.999, since rounding to 8 bits amplifies the last bit of a float.
Importing this module is cheap; onnxruntime and tokenizers come when an encoder is made.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from lessonbase.encoders.signs import NO_SIGNS, signs_of
from lessonbase.encoders.surrogates import without_surrogates
from lessonbase.errors import InvalidInput, ModelDamaged
from lessonbase.ports import Encoded, EncodedQuery, Progress, Signs, Vectors
from lessonbase.records import Fingerprint

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

# Where the shipped models lie, a folder each.
MODELS: Final = Path(__file__).parent / "models"
DEFAULT_MODEL: Final = "all-MiniLM-L6-v2"

# Token places (texts x longest) in one run of the graph. Runs of 256 keep a layer's activations in
# the core's own cache: 890 texts of 25 tokens a second on 2 cores, against 590 with 2048.
# benchmarks/encoder.py
BATCH_TOKENS: Final = 256
# Texts tokenised and sorted together: bounds memory, and is enough for neighbours of equal length.
CHUNK_TEXTS: Final = 4096
# Characters of a long text that are read first; the rest only if they give too few tokens. The cut
# may change the tokens of the last word, and a word of more than 100 characters is a single token.
HEAD_CHARACTERS: Final = 4096
WORD_CHARACTERS: Final = 100

_FILES: Final = ("model.onnx", "tokenizer.json")
TokenIds = list[int]


class Manifest(BaseModel):
    """What a model's folder says of itself, in `manifest.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    revision: str  # SHA-256 of the weights it was made from
    dimension: int
    pooling: str
    max_tokens: int
    precision: str
    files: dict[str, str]  # name -> SHA-256


class OnnxEncoder:
    """An encoder in ONNX, as `scripts/build_model.py` writes it.

    Safe under threads: a query runs on its caller's core, documents on *threads* cores.

    Args:
        directory: Folder of `manifest.json`, `model.onnx` and `tokenizer.json`.
        threads: Cores for documents; by default all that this process may use.

    Raises:
        InvalidInput: If *threads* is less than 1.
        ModelDamaged: If a file is absent, or not the one in the manifest.
    """

    def __init__(
        self, directory: Path = MODELS / DEFAULT_MODEL, *, threads: int | None = None
    ) -> None:
        if threads is not None and threads < 1:
            raise InvalidInput(f"threads must be at least 1, not {threads}")
        manifest = _manifest(directory)
        self._threads = threads or len(os.sched_getaffinity(0))
        self._max_tokens = manifest.max_tokens
        model, tokenizer = (_verified(directory, name, manifest) for name in _FILES)
        self._session = _session(model)
        self._tokenizer = _tokenizer(tokenizer)
        end = self._tokenizer.token_to_id("[SEP]")
        if end is None:
            raise _damaged(f"{directory / 'tokenizer.json'} has no token [SEP]")
        self._end: int = end
        self._fingerprint = Fingerprint(
            name=manifest.name,
            revision=manifest.revision,
            dimension=manifest.dimension,
            pooling=manifest.pooling,
            # Two quantisations of the same weights give different vectors.
            precision=f"{manifest.precision}:{manifest.files['model.onnx'][:8]}",
        )

    @property
    def fingerprint(self) -> Fingerprint:
        """Name, revision and so on of the model."""
        return self._fingerprint

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Encoded:
        """Vectors of *texts*, in their order; of a long text, its first 256 tokens count.

        Args:
            texts: Any number; an empty text is encoded as such.
            progress: Called in this thread with (done, len(texts)), as batches are finished.

        Returns:
            Vectors of shape (len(texts), dimension), float32, rows of unit length; and the signs of
            the tokens of each text, those without a letter or digit left out.
        """
        vectors = np.empty((len(texts), self._fingerprint.dimension), np.float32)
        signs: list[Signs] = [NO_SIGNS] * len(texts)
        done = 0
        with ThreadPoolExecutor(self._threads, "lessonbase-encode") as pool:
            for start in range(0, len(texts), CHUNK_TEXTS):
                token_ids = self._tokenize(texts[start : start + CHUNK_TEXTS])
                batches = list(_batches(token_ids))
                results = pool.map(self._read, ([token_ids[i] for i in batch] for batch in batches))
                for batch, (rows, own) in zip(batches, results, strict=True):
                    for i, row, of_text in zip(batch, rows, own, strict=True):
                        vectors[start + i], signs[start + i] = row, of_text
                    done += len(batch)
                    if progress:
                        progress(done, len(texts))
        return Encoded(vectors, signs)

    def encode_query(self, text: str) -> EncodedQuery:
        """Vector of *text*, and of each piece of a word among its first 256 tokens.

        Returns:
            Shapes (dimension,) and (pieces, dimension), float32, unit length.
        """
        read = without_surrogates(text[:HEAD_CHARACTERS])
        encoding = self._tokenizer.encode(read)
        if len(text) > HEAD_CHARACTERS and self._falls_short(encoding.ids):
            read = without_surrogates(text)
            encoding = self._tokenizer.encode(read)
        ids = self._cut(encoding.ids)
        vectors, tokens = self._run([ids])
        kept = [i for i in range(1, len(ids) - 1) if self._has_word[ids[i]]]
        words = self._words(encoding, read)
        rows = tokens[0, kept]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return EncodedQuery(vectors[0], rows, [words[i] for i in kept])

    def count_tokens(self, text: str) -> int:
        """Word pieces of *text*, all of them, without [CLS] and [SEP]."""
        return len(self._tokenizer.encode(without_surrogates(text), add_special_tokens=False).ids)

    def _tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        """Token ids of each text, [CLS] and [SEP] included, at most `max_tokens`."""
        heads = [without_surrogates(text[:HEAD_CHARACTERS]) for text in texts]
        found: list[TokenIds] = [e.ids for e in self._tokenizer.encode_batch_fast(heads)]
        for i, text in enumerate(texts):
            if len(text) > HEAD_CHARACTERS and self._falls_short(found[i]):
                found[i] = self._tokenizer.encode(without_surrogates(text)).ids
            found[i] = self._cut(found[i])
        return found

    @staticmethod
    def _words(encoding: "tokenizers.Encoding", text: str) -> list[str]:
        """Of each token, the word of *text* that it is a piece of."""
        words: dict[int | None, str] = {None: ""}
        for word in encoding.word_ids:
            if word is not None and word not in words:
                start, end = encoding.word_to_chars(word) or (0, 0)
                words[word] = text[start:end]
        return [words[word] for word in encoding.word_ids]

    def _falls_short(self, ids: TokenIds) -> bool:
        """Whether the head of a long text gives too few tokens."""
        return len(ids) < self._max_tokens + WORD_CHARACTERS

    def _cut(self, ids: TokenIds) -> TokenIds:
        if len(ids) <= self._max_tokens:
            return ids
        return [*ids[: self._max_tokens - 1], self._end]

    @cached_property
    def _has_word(self) -> NDArray[np.bool_]:
        """By token id: whether it has a letter or digit, which [CLS] and punctuation have not."""
        has = np.zeros(self._tokenizer.get_vocab_size(), bool)
        for token, i in self._tokenizer.get_vocab().items():
            has[i] = not token.startswith("[") and any(map(str.isalnum, token))
        return has

    def _read(self, batch: Sequence[TokenIds]) -> tuple[Vectors, list[Signs]]:
        """Vectors of *batch*, and the signs of its tokens."""
        vectors, tokens = self._run(batch)
        kept = (self._has_word[ids] for ids in batch)
        signs = [signs_of(tokens[i, : len(one)][one]) for i, one in enumerate(kept)]
        return vectors, signs

    def _run(self, batch: Sequence[TokenIds]) -> tuple[Vectors, NDArray[np.float32]]:
        shape = (len(batch), max(len(ids) for ids in batch))
        input_ids, attention_mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, ids in enumerate(batch):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        feeds = {"input_ids": input_ids, "attention_mask": attention_mask}
        vectors, tokens = self._session.run(["embedding", "tokens"], feeds)
        return cast(Vectors, vectors), cast(NDArray[np.float32], tokens)


def _batches(token_ids: Sequence[TokenIds]) -> Iterator[list[int]]:
    """Places in *token_ids*, texts of like length together, the longest first.

    Longest first, so that the last runs are short ones and no core waits long for another.
    """
    batch: list[int] = []
    for i in sorted(range(len(token_ids)), key=lambda i: -len(token_ids[i])):
        if batch and (len(batch) + 1) * len(token_ids[batch[0]]) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _session(model: bytes) -> "onnxruntime.InferenceSession":
    # Read when it is imported: else it leaves an id of this machine and a database in ~/.cache.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One core per run, several runs at once: more texts a second than several cores on one run,
    # and no core spins while another computes. It costs a lone query 0.5 of 3.5 ms.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The graph is written as it is fastest; more optimisation would fuse what is slower fused.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _tokenizer(content: bytes) -> "tokenizers.Tokenizer":
    import tokenizers

    return tokenizers.Tokenizer.from_str(content.decode())


def _manifest(directory: Path) -> Manifest:
    path = directory / "manifest.json"
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise _damaged(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise _damaged(f"{path} is not a manifest: {error.error_count()} faults") from error
    if absent := [name for name in _FILES if name not in manifest.files]:
        raise _damaged(f"{path} does not name {absent[0]}")
    return manifest


def _verified(directory: Path, name: str, manifest: Manifest) -> bytes:
    """Content of a file, read once, so that what is loaded is what was checked."""
    path = directory / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _damaged(f"cannot read {path}: {error.strerror}") from error
    actual, expected = hashlib.sha256(content).hexdigest(), manifest.files[name]
    if actual != expected:
        raise _damaged(f"{path} has SHA-256 {actual[:12]}…, not {expected[:12]}…")
    return content


def _damaged(message: str) -> ModelDamaged:
    return ModelDamaged(
        message, hint="install lessonbase again: pip install --force-reinstall --no-deps lessonbase"
    )

"""Any sentence-transformers model on this machine; needs the extra of that name.

Never downloads: what is not here is an error. It tells no tokens, since what they mean differs from
model to model, so its rankings do without alignment. Slower than the shipped encoder, and torch
takes seconds to import, which happens when an encoder is made.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lessonbase.encoders.signs import NO_SIGNS
from lessonbase.encoders.surrogates import without_surrogates
from lessonbase.errors import InvalidInput, MissingExtra
from lessonbase.ports import Encoded, EncodedQuery, Progress, Vectors
from lessonbase.records import Fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EXTRA: Final = "sentence-transformers"
# Texts between two reports of progress; the library sorts them by length among themselves.
CHUNK_TEXTS: Final = 256
BATCH_TEXTS: Final = 32

# Files that decide a vector: weights, settings, vocabularies. Beside them lie read-mes and exports
# to other formats, in folders of their own.
_WEIGHTS: Final = (".safetensors", ".bin")
_SUFFIXES: Final = (*_WEIGHTS, ".json", ".txt", ".model")
_OTHER_FORMATS: Final = ("onnx", "openvino")
# Names under which models keep the prefix of a document.
_DOCUMENT_PROMPTS: Final = ("document", "passage")
_PRECISIONS: Final = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}


class SentenceTransformersEncoder:
    """A local model behind the encoder port.

    Its prompts named `query` and `document` (or `passage`) become the prefixes; vectors are scaled
    to unit length; how many tokens count is the model's own setting. Calls from several threads
    take turns, since a tokenizer must not be used by two at a time.

    Args:
        path_or_name: Folder of the model, or its name if the local cache of Hugging Face has it.
        device: Where torch computes.

    Raises:
        MissingExtra: If sentence-transformers is not installed.
        InvalidInput: If there is no such model here, or it cannot be loaded.
    """

    def __init__(self, path_or_name: str | Path, *, device: str = "cpu") -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ModuleNotFoundError as error:
            raise MissingExtra(extra=EXTRA, purpose=f"the encoder {path_or_name}") from error

        folder = _local_folder(path_or_name)
        try:
            self._model = SentenceTransformer(str(folder), device=device, local_files_only=True)
        except (OSError, ValueError) as error:
            raise InvalidInput(f"cannot load the model in {folder}: {error}") from error
        self._model.default_prompt_name = None  # the prefixes below are given each time
        self._lock = Lock()
        prompts = self._model.prompts
        self._fingerprint = Fingerprint(
            name=folder.name if Path(path_or_name).is_dir() else str(path_or_name),
            revision=_revision(folder),
            dimension=len(self._model.encode([""], show_progress_bar=False)[0]),
            pooling=_pooling(self._model),
            query_prefix=prompts.get("query") or "",
            document_prefix=next(filter(None, map(prompts.get, _DOCUMENT_PROMPTS)), ""),
            precision=_precision(self._model),
        )

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the model's files, settings and prompts."""
        return self._fingerprint

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Encoded:
        """Vectors of *texts*, (len(texts), dimension) float32, rows of length 1; no tokens.

        Args:
            texts: Any number; an empty text is encoded as such.
            progress: Called with (done, len(texts)).
        """
        vectors = np.empty((len(texts), self._fingerprint.dimension), np.float32)
        for start in range(0, len(texts), CHUNK_TEXTS):
            chunk = texts[start : start + CHUNK_TEXTS]
            vectors[start : start + len(chunk)] = self._encode(
                chunk, self._fingerprint.document_prefix
            )
            if progress:
                progress(start + len(chunk), len(texts))
        return Encoded(vectors, [NO_SIGNS] * len(texts))

    def encode_query(self, text: str) -> EncodedQuery:
        """Vector of *text*: (dimension,) float32, unit length; no tokens."""
        vectors = self._encode([text], self._fingerprint.query_prefix)
        return EncodedQuery(vectors[0], vectors[:0], ())

    def count_tokens(self, text: str) -> int:
        """Tokens of *text*, all of them, without special ones."""
        with self._lock:
            found = self._model.tokenizer(
                without_surrogates(text), add_special_tokens=False, truncation=False, verbose=False
            )
        return len(found["input_ids"])

    def _encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        with self._lock:
            found = self._model.encode(
                [without_surrogates(text) for text in texts],
                prompt=prefix or None,
                batch_size=BATCH_TEXTS,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
        vectors: Vectors = np.asarray(found, np.float32)
        return vectors


def _local_folder(path_or_name: str | Path) -> Path:
    if Path(path_or_name).is_dir():
        return Path(path_or_name).resolve()
    # Comes with sentence-transformers.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(path_or_name), local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError) as error:
        raise InvalidInput(
            f"no model {str(path_or_name)!r} on this machine",
            hint="give the folder of a model; nothing is downloaded at run time",
        ) from error


def _revision(folder: Path) -> str:
    """SHA-256 over the files that decide a vector, names included.

    Raises:
        InvalidInput: If no weights are among them.
    """
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in _SUFFIXES
        and path.is_file()
        and path.relative_to(folder).parts[0] not in _OTHER_FORMATS
    )
    if not any(path.suffix in _WEIGHTS for path in files):
        raise InvalidInput(f"no weights in {folder}", hint="a model has a *.safetensors file")
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _pooling(model: "SentenceTransformer") -> str:
    """How tokens become one vector, in the library's word for it; `none` if a module of its own."""
    for module in model:
        settings: Mapping[str, Any] = getattr(module, "get_config_dict", dict)()
        if mode := settings.get("pooling_mode"):
            return str(mode)
        # Before version 5 of the library, one flag for each way.
        flags = [name for name, on in settings.items() if on and name.startswith("pooling_mode_")]
        if flags:
            return "+".join(
                name.removeprefix("pooling_mode_").removesuffix("_tokens") for name in flags
            )
    return "none"


def _precision(model: "SentenceTransformer") -> str:
    kind = str(next(model.parameters()).dtype).removeprefix("torch.")
    return _PRECISIONS.get(kind, kind)

"""What a base holds and what it was asked, as tables: the start of every analysis.

Only through the public use cases of a base, so that it works as well on one that another process
owns, batch by batch. Asks nothing of the model and changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lessonbase.analysis.asked import MOMENT, TEXT, outcomes, recalls
from lessonbase.analysis.extra import needs_extra
from lessonbase.errors import InvalidInput
from lessonbase.ports import Base, Vectors
from lessonbase.records import (
    KINDS,
    Confidence,
    Evidence,
    FailureMode,
    Record,
    Severity,
    SoulEntry,
    signature_terms,
)

__all__ = ["COLUMNS", "Experience", "experience", "outcomes", "recalls"]

# Ordered, least first, so that `records.severity >= "high"` means what it says.
_ORDERED: Final[Mapping[str, tuple[str, ...]]] = {
    "severity": tuple(reversed(Severity)),
    "confidence": tuple(reversed(Confidence)),
    "evidence": tuple(reversed(Evidence)),
}
_MOMENTS: Final = (
    *("happened_at", "published", "created_at", "updated_at", "valid_until", "occurred_at"),
)
# A soul entry's `agent` is whose soul it is, not who wrote it down.
_RENAMED: Final = {"agent": "soul"}
_OWN: Final = tuple(
    dict.fromkeys(
        _RENAMED.get(name, name)
        for kind in KINDS.values()
        for name in kind.model_fields
        if name not in Record.model_fields
    )
)
_COMMON: Final = (
    *("id", "kind", "title", "text", "status", "severity", "confidence", "evidence", "trust"),
    *("tags", "services", "links", "author", "agent", "source", "url", "licence", "visibility"),
    *("happened_at", "published", "created_at", "updated_at", "valid_until", "version"),
)
# Columns that hold a tuple of texts in each row; times in them are written as ISO 8601.
_LISTS: Final = tuple(
    name
    for name in (*_COMMON, *_OWN)
    if name in ("links", "signature")
    or any(
        isinstance(field.default, tuple)
        for kind in KINDS.values()
        if (field := kind.model_fields.get(name))
    )
)
# Columns of `Experience.records`, in order.
COLUMNS: Final = (*_COMMON, *_OWN)
# Name of the column of vectors in a Parquet file, and of the mark that tells such a file.
_VECTOR: Final = "vector"
_MARK: Final = b"lessonbase.experience"
_FORMAT: Final = b"1"


@dataclass(frozen=True, slots=True)
class Experience:
    """Records and their vectors, row by row.

    Attributes:
        records: A row per record, in the order of their last change; `COLUMNS` are its columns.
            `text` is what the vector is made of beside the title; `happened_at` when it happened,
            or was recorded if it does not say; `published` is the date of its source;
            `links` has ``relation:target``; `soul` is the agent
            whose soul an entry is part of. Lists are tuples of texts. A field that the kind of the
            record has not is NA (of a list, None).
        vectors: (n, dimension) float32, rows of unit length. A record without a vector has a row of
            NaN, which no clustering takes for a place; see `without_vector`.
    """

    records: pd.DataFrame
    vectors: Vectors

    def __post_init__(self) -> None:
        """Refuse what does not belong together."""
        if len(self.records) != len(self.vectors):
            raise ValueError(f"{len(self.records)} records and {len(self.vectors)} vectors")

    def __len__(self) -> int:
        """How many records there are."""
        return len(self.records)

    @property
    def without_vector(self) -> tuple[str, ...]:
        """Ids of records that have no vector (yet), such as those just being encoded anew."""
        return tuple(self.records.id[~self._placed()])

    def placed(self) -> "Experience":
        """Those records that have a vector."""
        return self._rows(self._placed())

    def only(self, *, kinds: Sequence[str] = (), status: Sequence[str] = ()) -> "Experience":
        """Records of these kinds and statuses; none named: of all."""
        kept = np.ones(len(self), dtype=bool)
        for column, wanted in (("kind", kinds), ("status", status)):
            if wanted:
                kept &= self.records[column].isin([str(one) for one in wanted]).to_numpy(bool)
        return self._rows(kept)

    def to_parquet(self, path: Path) -> None:
        """Write everything to one file, vectors as a column of lists of fixed size.

        Raises:
            MissingExtra: If pyarrow is not installed.
        """
        arrow, parquet = _arrow()
        table = arrow.Table.from_pandas(self.records, preserve_index=False)
        size = self.vectors.shape[1]
        flat = arrow.array(np.ascontiguousarray(self.vectors, dtype=np.float32).reshape(-1))
        vectors = arrow.FixedSizeListArray.from_arrays(
            flat, max(size, 1), mask=arrow.array(~self._placed())
        )
        if not size:  # a base without a single vector
            vectors = arrow.nulls(len(self), arrow.list_(arrow.float32(), 1))
        table = table.append_column(_VECTOR, vectors)
        told = {**(table.schema.metadata or {}), _MARK: _FORMAT, b"dimension": str(size).encode()}
        parquet.write_table(table.replace_schema_metadata(told), path)

    @classmethod
    def read_parquet(cls, path: Path) -> "Experience":
        """What :meth:`to_parquet` wrote, the same to the last bit.

        Raises:
            InvalidInput: If the file is missing or was not written by it.
            MissingExtra: If pyarrow is not installed.
        """
        arrow, parquet = _arrow()
        try:
            table = parquet.read_table(path)
        except (OSError, arrow.ArrowInvalid) as error:
            raise InvalidInput(f"{path} is no Parquet file", hint="give one that exists") from error
        told = table.schema.metadata or {}
        if told.get(_MARK) != _FORMAT:
            raise InvalidInput(
                f"{path} holds no experience", hint="write it with Experience.to_parquet"
            )
        column = table.column(_VECTOR).combine_chunks()
        vectors = np.full((len(table), int(told[b"dimension"])), np.nan, dtype=np.float32)
        present = column.is_valid().to_numpy(zero_copy_only=False)
        if present.any():
            vectors[present] = column.drop_null().flatten().to_numpy().reshape(-1, vectors.shape[1])
        # A file of few records has not every category.
        records = table.drop_columns([_VECTOR]).to_pandas().astype(_categories())
        for name in _LISTS:
            records[name] = _tuples(records[name])
        return cls(records, vectors)

    def _placed(self) -> Any:
        """Which rows have a vector, (n,) bool."""
        if not self.vectors.shape[1]:
            return np.zeros(len(self), dtype=bool)
        return ~np.isnan(self.vectors[:, 0])

    def _rows(self, kept: Any) -> "Experience":
        return Experience(self.records[kept].reset_index(drop=True), self.vectors[kept])


def experience(base: Base) -> Experience:
    """Every record that the caller of *base* may see, of any status, with its vector."""
    known: dict[str, Any] = {}
    dimension = 0
    for batch in base.vectors():
        dimension = batch.vectors.shape[1]
        known.update(zip(batch.ids, batch.vectors, strict=True))
    rows = [_row(record) for record in base.export()]
    vectors = np.full((len(rows), dimension), np.nan, dtype=np.float32)
    for place, row in enumerate(rows):
        if (vector := known.get(row["id"])) is not None:
            vectors[place] = vector
    return Experience(_typed(rows), vectors)


def _row(record: Record) -> dict[str, Any]:
    """The columns of a record; those that its kind has not are left out."""
    source = record.provenance
    common = {name: getattr(record, name) for name in _COMMON if name in Record.model_fields}
    own = {
        _RENAMED.get(name, name): getattr(record, name)
        for name in type(record).model_fields
        if name not in Record.model_fields
    }
    spoken = (getattr(record, name) for name in (*record.when, *record.what))
    made = {
        "text": "\n".join(filter(None, spoken)),
        "links": tuple(f"{link.relation}:{link.target}" for link in record.links),
        "author": source.author or None,
        "agent": source.agent,
        "source": source.source.value,
        "url": source.url or None,
        "licence": source.licence or None,
        "published": source.published
        and datetime.combine(source.published, datetime.min.time(), UTC),
        "happened_at": own.get("occurred_at") or record.created_at,
    }
    if isinstance(record, FailureMode):
        own["signature"] = signature_terms(record.signature)
    if isinstance(record, SoulEntry):
        own["aspect"] = record.aspect.value
    return {name: value if value != "" else None for name, value in (common | own | made).items()}


def _typed(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """*rows* as a table with the type of each column."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    types: dict[Any, Any] = dict.fromkeys(COLUMNS, TEXT)
    types |= dict.fromkeys(_MOMENTS, MOMENT)
    types |= dict.fromkeys(_LISTS, object)
    types |= {"trust": "Float64", "version": "int64"}
    types |= _categories()
    for name in _LISTS:
        frame[name] = _tuples(frame[name])
    return frame.astype(types)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _categories() -> dict[str, Any]:
    return {name: pd.CategoricalDtype(list(order), True) for name, order in _ORDERED.items()}


def _tuples(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of lists, arrays or nothing as one of tuples or None."""
    made = [None if one is None or np.isscalar(one) else tuple(map(_text, one)) for one in column]
    return pd.Series(made, index=column.index, dtype=object)


def _arrow() -> tuple[Any, Any]:
    with needs_extra("a Parquet file"):
        import pyarrow
        import pyarrow.parquet
    return pyarrow, pyarrow.parquet

"""Everything the map needs of the records at once: where they lie, in which cluster, its name.

`python -m lessonbase.analysis` does it in a process of its own, for a server that has to go on
answering meanwhile: `pack` on this side, `Placed.read` of what it printed.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from lessonbase.analysis.clusters import Labels, cluster
from lessonbase.analysis.naming import Name, names
from lessonbase.analysis.neighbours import all_equal, neighbourhood
from lessonbase.analysis.projection import FEWEST, project
from lessonbase.ports import Vectors

ARRAYS = ("ids", "vectors", "titles", "texts")


@dataclass(frozen=True, slots=True)
class Placed:
    """Records on the map, in the order in which they were given."""

    ids: tuple[str, ...]
    places: NDArray[np.float32]  # (n, 2), in the layout's own unit
    labels: Labels  # (n,), -1 for noise
    names: tuple[Name, ...]  # of the clusters, by label

    def to_json(self) -> str:
        """One JSON document: ids, x, y, labels, and the names with their fields."""
        return json.dumps(
            {
                "ids": self.ids,
                "x": [round(float(x), 4) for x in self.places[:, 0]],
                "y": [round(float(y), 4) for y in self.places[:, 1]],
                "labels": self.labels.tolist(),
                "names": [asdict(name) for name in self.names],
            },
            allow_nan=False,
        )

    @classmethod
    def read(cls, document: str | bytes) -> "Placed":
        """What :meth:`to_json` wrote; coordinates to four decimals."""
        data = json.loads(document)
        places = np.array([data["x"], data["y"]], np.float32).T.reshape(-1, 2)
        made = (Name(**{**name, "terms": tuple(name["terms"])}) for name in data["names"])
        return cls(tuple(data["ids"]), places, np.array(data["labels"], np.int64), tuple(made))


def place(
    ids: Sequence[str],
    vectors: Vectors,
    titles: Sequence[str],
    texts: Sequence[str],
    *,
    seed: int = 13,
) -> Placed:
    """Coordinates, clusters and names of records; their neighbours are found only once.

    Args:
        ids: Of each record.
        vectors: (n, dimension) float32, rows of unit length.
        titles: Of each record.
        texts: Of each record.
        seed: Of both layouts; the same input gives the same result.
    Raises:
        ValueError: If the lengths differ.
        MissingExtra: If umap-learn or scikit-learn is not installed.
    """
    if not len(ids) == len(vectors) == len(titles) == len(texts):
        raise ValueError("ids, vectors, titles and texts must be of one length")
    few = len(vectors) < FEWEST or all_equal(vectors)
    near = None if few else neighbourhood(vectors)
    found = cluster(vectors, seed=seed, near=near)
    places = project(vectors, seed=seed, near=near)
    made = names(found.labels, titles, texts, vectors)
    return Placed(tuple(ids), places, found.labels, tuple(made))


def pack(
    ids: Sequence[str], vectors: Vectors, titles: Sequence[str], texts: Sequence[str]
) -> bytes:
    """The four as one stream for `python -m lessonbase.analysis`: NumPy's `.npz`.

    Texts go as UTF-8 JSON in bytes: an array of strings takes as much for each as for the longest.
    """
    stream = io.BytesIO()
    lists = {"ids": ids, "titles": titles, "texts": texts}
    coded = {
        name: np.frombuffer(json.dumps(list(own)).encode(), np.uint8) for name, own in lists.items()
    }
    np.savez(stream, vectors=vectors, **coded)  # type: ignore[arg-type]
    return stream.getvalue()


def unpack(stream: bytes) -> tuple[list[str], Vectors, list[str], list[str]]:
    """What :func:`pack` packed; plain arrays of strings are read, too.

    Raises:
        ValueError: If it is no such stream, or lacks one of the four.
    """
    try:
        with np.load(io.BytesIO(stream), allow_pickle=False) as arrays:
            found = dict(arrays)
    # What NumPy raises for other files, cut ones, and those that hold pickles.
    except (EOFError, OSError, TypeError, ValueError, BadZipFile) as error:
        raise ValueError(f"not a stream of records: {error}") from error
    if lacking := [name for name in ARRAYS if name not in found]:
        raise ValueError(f"the stream lacks {', '.join(lacking)}")
    ids, titles, texts = (_strings(found[name]) for name in ("ids", "titles", "texts"))
    return ids, np.asarray(found["vectors"], np.float32), titles, texts


def _strings(array: NDArray[np.generic]) -> list[str]:
    if array.dtype == np.uint8:
        return [str(text) for text in json.loads(array.tobytes())]
    return [str(text) for text in array.tolist()]

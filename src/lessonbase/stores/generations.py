"""Which Chroma directory is to be trusted, if any.

An index directory that was not closed cleanly, or was changed since, may crash the process that
opens it or lack vectors without a word. So a manifest of its files is written at a clean close and
taken away before the first write after it: no manifest, or one that does not match, means the
directory is thrown away and a fresh one is filled from the ledger. One rule for kill -9,
truncation, swapped bytes and deletion.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lessonbase.ports import WindowKey

_MANIFEST: Final = "manifest.json"
_READ_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Generation:
    """A directory, and how far each space in it has got.

    Attributes:
        directory: Where Chroma's files are.
        seqs: Space → the event up to which it has followed the ledger.
        stragglers: Space → windows in it that its graph does not lead to.
    """

    directory: Path
    seqs: Mapping[str, int]
    stragglers: Mapping[str, Sequence[WindowKey]] = field(default_factory=dict)


class Generations:
    """The index directories under *root*, of which at most one is in use."""

    def __init__(self, root: Path, fingerprint: str) -> None:
        self._root = root
        self._fingerprint = fingerprint
        # Times of change of the files when they were last compared with the manifest.
        self._stamps: dict[str, tuple[Path, int]] = {}
        root.mkdir(parents=True, exist_ok=True)

    def trusted(self) -> Generation | None:
        """The directory that was closed cleanly and is unchanged since; none if there is none."""
        try:
            manifest = json.loads((self._root / _MANIFEST).read_text(encoding="utf-8"))
            directory = self._root / manifest["directory"]
            self._stamps = _stamps(directory)
            same = (
                manifest["fingerprint"] == self._fingerprint
                and directory.parent == self._root
                and manifest["files"] == _digests(directory)
            )
            stragglers = {
                space: [(str(record_id), int(position)) for record_id, position in keys]
                for space, keys in manifest["stragglers"].items()
            }
            return Generation(directory, manifest["seqs"], stragglers) if same else None
        # A manifest that cannot be read is one that does not match.
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def fresh(self) -> Generation:
        """A new, empty directory; whatever was there before is deleted."""
        self.distrust()
        numbers = [int(path.name) for path in self._root.iterdir() if path.name.isdigit()]
        for path in self._root.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        directory = self._root / str(max(numbers, default=0) + 1)
        directory.mkdir()
        return Generation(directory, {})

    def distrust(self) -> None:
        """Take the manifest away, durably: from here on only a clean close brings trust back."""
        (self._root / _MANIFEST).unlink(missing_ok=True)
        _sync_directory(self._root)

    def seal(self, generation: Generation) -> None:
        """Write the manifest of a directory that will not change before it is distrusted."""
        self._write(
            {
                "directory": generation.directory.name,
                "fingerprint": self._fingerprint,
                "seqs": dict(generation.seqs),
                "stragglers": {space: list(keys) for space, keys in generation.stragglers.items()},
                "files": _digests(generation.directory),
            }
        )

    def reseal(self, generation: Generation) -> None:
        """Renew the manifest's lines of files that merely opening and loading has touched.

        Chroma notes each opening in its database, and rewrites a file of lengths when it loads a
        graph. To be called when nothing else has been written yet.
        """
        manifest = json.loads((self._root / _MANIFEST).read_text(encoding="utf-8"))
        for name, (path, stamp) in _stamps(generation.directory).items():
            if self._stamps.get(name) != (path, stamp):
                manifest["files"][name] = _digest(path)
        self._stamps = _stamps(generation.directory)
        self._write(manifest)

    def _write(self, manifest: Mapping[str, Any]) -> None:
        draft = self._root / f"{_MANIFEST}.draft"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._root / _MANIFEST)
        _sync_directory(self._root)


def _digests(directory: Path) -> dict[str, Any]:
    """Relative path → [size in bytes, blake2b] of every file below *directory*."""
    return {name: _digest(path) for name, (path, _) in _stamps(directory).items()}


def _stamps(directory: Path) -> dict[str, tuple[Path, int]]:
    """Relative path → path and time of change in nanoseconds of every file below *directory*."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): (path, path.stat().st_mtime_ns) for path in files}


def _digest(path: Path) -> list[int | str]:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return [path.stat().st_size, digest.hexdigest()]


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

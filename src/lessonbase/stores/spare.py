"""Clears what Chroma's graph files hold beyond their elements.

A new graph is written with room for a hundred elements, and the room that is not yet used as
`malloc` gave it: with whatever this process had in memory before, erased texts included.
"""

import struct
from pathlib import Path
from typing import Final

# Start of hnswlib's header.bin, little endian: version, offset of level 0, elements there is room
# for, elements there are, bytes of an element.
_HEADER: Final = struct.Struct("<iQQQQ")
_LENGTH_BYTES: Final = 4


class Spare:
    """The graphs below one Chroma directory."""

    def __init__(self, directory: Path) -> None:
        """Look after the graphs below *directory*, also those that are made later."""
        self._directory = directory
        self._seen: dict[Path, int] = {}

    def clear(self) -> None:
        """Write zeros over the unused room of graphs that were written since the last call.

        In place: whoever reads the file meanwhile finds there one sort of nothing or the other.
        """
        for header in self._directory.glob("*/header.bin"):
            stamp = header.stat().st_mtime_ns
            if self._seen.get(header) == stamp:
                continue
            _, _, _, elements, element_bytes = _HEADER.unpack_from(header.read_bytes())
            _zero(header.with_name("data_level0.bin"), elements * element_bytes)
            _zero(header.with_name("length.bin"), elements * _LENGTH_BYTES)
            self._seen[header] = stamp


def _zero(file: Path, start: int) -> None:
    """Overwrite *file* with zeros from byte *start*."""
    if (unused := file.stat().st_size - start) > 0:
        with file.open("r+b") as out:
            out.seek(start)
            out.write(bytes(unused))

"""Soul files: what an agent is, values, fears and has lived, as entries and back."""

from lessonbase.formats.soul.detection import matches
from lessonbase.formats.soul.reading import read
from lessonbase.formats.soul.writing import write

__all__ = ["matches", "read", "write"]

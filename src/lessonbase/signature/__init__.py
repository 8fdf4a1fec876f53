"""The exact marks in a text (codes, exceptions, services, versions), and the lines that tell.

Pure: text in, marks or lines out. No store, no model, no settings.
"""

from lessonbase.signature.excerpt import telling_lines
from lessonbase.signature.extraction import extract
from lessonbase.signature.tokens import identifiers

__all__ = ["extract", "identifiers", "telling_lines"]

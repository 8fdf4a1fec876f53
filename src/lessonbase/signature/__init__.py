"""The exact marks in a text: codes, exceptions, services, versions, identifiers.

Pure: text in, marks out. No store, no model, no settings.
"""

from lessonbase.signature.extraction import extract
from lessonbase.signature.tokens import identifiers

__all__ = ["extract", "identifiers"]

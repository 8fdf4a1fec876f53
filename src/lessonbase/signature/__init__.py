"""Which exact marks does a text hold: codes, exceptions, services, versions, identifiers?

Pure: text in, marks out. No store, no model, no settings.
"""

from lessonbase.records import Signature
from lessonbase.signature.tokens import identifiers

__all__ = ["extract", "identifiers"]


def extract(text: str) -> Signature:
    """stub"""
    return Signature()

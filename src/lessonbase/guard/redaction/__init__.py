"""Secrets and personal data in what is written: found, and taken out before it is kept."""

from lessonbase.guard.redaction.finding import MARKER, Finding, Redacted
from lessonbase.guard.redaction.records import redact_record
from lessonbase.guard.redaction.searching import find, redact

__all__ = ["MARKER", "Finding", "Redacted", "find", "redact", "redact_record"]

"""What of a record is searched: the one place that decides it, for every kind.

A vector is made of the title, the text that says *when* a record applies and the text that says
*what* to do; words are looked for in those and in everything else a reader might quote (cause,
impact, tags, services). Each model names its own fields: ``when``, ``what``, ``more``.

A long text is cut into windows, each with the title before it. Every window gets a vector, and the
best one speaks for the record.
"""

import hashlib
from typing import Any, Final

from lessonbase.records.fields import Signature
from lessonbase.records.kinds import FailureMode, Record

# Words in a window, and words shared by two neighbours. The encoder reads 256 word pieces, about
# 190 English words; 110 leaves room for the title and for text full of identifiers. Cutting lifts
# nDCG@10 on long lessons from .688 to .766 (vectors alone): benchmarks/README.md.
WINDOW_WORDS: Final = 110
OVERLAP_WORDS: Final = 20


def windows(record: Record) -> tuple[str, ...]:
    r"""The texts to embed for *record*: at least one, in order, the title at the head of each.

    >>> from lessonbase.records import Document
    >>> from datetime import datetime
    >>> day = datetime(2026, 1, 1)
    >>> windows(Document(id="d", title="Tea", text="Pour, wait.", created_at=day, updated_at=day))
    ('Tea\nPour, wait.',)
    """
    body = _joined(record, (*record.when, *record.what))
    words = body.split()
    if len(words) <= WINDOW_WORDS:
        return (_under(record.title, body),)
    step = WINDOW_WORDS - OVERLAP_WORDS
    starts = range(0, len(words) - OVERLAP_WORDS, step)
    return tuple(
        _under(record.title, " ".join(words[start : start + WINDOW_WORDS])) for start in starts
    )


def window_hash(text: str) -> str:
    """Name of a window's text, under which its vector is kept: 32 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def searchable(record: Record) -> str:
    """Everything in *record* that words are looked for in, the title left out."""
    fields = _joined(record, (*record.when, *record.what, *record.more))
    marks = signature_terms(record.signature) if isinstance(record, FailureMode) else ()
    return "\n".join(
        part for part in (fields, " ".join((*record.tags, *record.services, *marks))) if part
    )


def signature_terms(signature: Signature) -> tuple[str, ...]:
    """Every mark in *signature*, in the order of its fields, without repeats."""
    return tuple(dict.fromkeys(mark for _, marks in signature for mark in marks))


def _joined(record: Record, names: tuple[str, ...]) -> str:
    return "\n".join(filter(None, (_as_text(getattr(record, name)) for name in names)))


def _as_text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value)


def _under(title: str, text: str) -> str:
    return "\n".join(part for part in (title, text) if part)

"""Exception types by their names, and the phrases that stand for one where a language has none."""

import re
from collections.abc import Iterator
from typing import Final

from lessonbase.signature.vocabulary import EXCEPTION_NAMES

_TYPE: Final = re.compile(r"([A-Z][A-Za-z0-9]{1,80}?(?:Error|Exception))s?|Err[A-Z][A-Za-z]{2,60}")
# Heads that make a function or a handler of it: OnError, GetLastError, LogException.
_VERBS: Final = re.compile(
    r"(?:On|Get|Set|Is|Has|No|Log|Handle|Throw|Raise|Print|Report|Show|Add|Wrap|Catch|Clear|Create"
    r"|Format|Ignore|Last|Make|New|Parse|Render|Send|Try)(?:Last|Any)?(?:Error|Exception)"
)
# A type in a package of exceptions needs no ending: pika.exceptions.ChannelClosedByBroker.
_PACKAGED: Final = re.compile(
    r"(?:[\w-]{1,40}\.){0,6}(?:exceptions?|errors?|exc)\.([A-Z][A-Za-z0-9]{2,60})"
)
# What else ends the name of a type that stands before its message at the head of a line.
_HEADED: Final = re.compile(
    r"^([A-Z][a-z]{1,30}[A-Za-z0-9]{0,60}(?:Timeout|NotFound|Refused|Unavailable|Failure|Fault|Violation"
    r"|Conflict|Aborted|Interrupted|Unreachable|Disconnected|Exhausted|Exceeded))(?=: \S)",
    re.MULTILINE,
)
# Ruby and C++, before its message or in brackets after it: ActiveRecord::Deadlocked, DB::Exception.
_QUALIFIED: Final = re.compile(
    r"(?<![\w:])((?:[A-Z][A-Za-z0-9]{0,40}::){1,5}[A-Z][A-Za-z0-9]{1,60})(?=: )"
    r"|\(((?:[A-Z][A-Za-z0-9]{0,40}::){1,5}[A-Z][A-Za-z0-9]{1,60})\)$",
    re.MULTILINE,
)
# Elasticsearch's, in the body of an answer: {"type": "circuit_breaking_exception"}; in brackets or
# quotes, as its clients and logs print it. A name of two words there may be a variable's.
_SNAKE: Final = re.compile(
    r"\btype\\?[\"']: ?\\?[\"']([a-z]{2,30}(?:_[a-z]{2,30}){0,5}_exception)\b"
    r"|(?<=[(\['\"])([a-z]{2,30}(?:_[a-z]{2,30}){1,5}_exception)(?=[)\]'\"])"
)
_STANDARD: Final = re.compile(
    r"\bstd::(bad_[a-z_]{2,30}|(?:out_of_range|invalid_argument|system_error|regex_error"
    r"|(?:runtime|logic|length|domain|range|overflow|underflow)_error))\b"
)
# Phrase in lower case → mark. Long enough that prose about the same thing does not hold them.
_PHRASES: Final = (
    ("panicked at", "panic"),
    ("kernel panic", "kernel panic"),
    ("context deadline exceeded", "context deadline exceeded"),
    ("context canceled", "context canceled"),
    ("nil pointer dereference", "nil pointer dereference"),
    ("all goroutines are asleep", "all goroutines are asleep"),
    ("index out of range [", "index out of range"),
    ("slice bounds out of range [", "slice bounds out of range"),
    ("index out of bounds: the len is", "index out of bounds"),
    ("concurrent map writes", "concurrent map writes"),
    ("sql: no rows in result set", "ErrNoRows"),
)
# Go's, at the head of a line or with a cause that the runtime gives; nobody else's "don't panic".
_PANIC: Final = re.compile(
    r"^panic: |\bpanic: (?=runtime error|assignment to|send on|close of|interface|sync:|reflect:)",
    re.MULTILINE,
)


def exception(token: str) -> str | None:
    """The exception type that *token* names, without module and package.

    >>> exception("sqlalchemy.exc.OperationalError"), exception("TypeErrors"), exception("OnError")
    ('OperationalError', 'TypeError', None)
    """
    name = token.rpartition(".")[2]
    if "\\" in name and name[1:2] != ":":  # PHP's namespaces, in JSON twice
        name = name.rpartition("\\")[2]
    if name in EXCEPTION_NAMES or _PACKAGED.fullmatch(token):
        return name
    match = _TYPE.fullmatch(name)
    if not match or _VERBS.fullmatch(name):
        return None
    return match[1] or name


def exceptions_in_context(text: str, small: str) -> Iterator[tuple[int, str]]:
    """Panics, and phrases that name a failure, with their positions."""
    for phrase, mark in _PHRASES:
        if phrase in small:
            yield small.find(phrase), mark
    if "panic: " in small:
        for match in _PANIC.finditer(text):
            yield match.start(), "panic"
    if "_exception" in small:
        for match in _SNAKE.finditer(text):
            yield match.start(match.lastindex or 0), match[1] or match[2]
    for match in _HEADED.finditer(text):
        yield match.start(), match[1]
    if "::" in small:
        for match in _QUALIFIED.finditer(text):
            yield match.start(), match[1] or match[2]
    if "std::" in small:
        for match in _STANDARD.finditer(text):
            yield match.start(), f"std::{match[1]}"

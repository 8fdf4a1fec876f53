"""All rules over one text, in a single pass over its tokens and a few looks at its context."""

from collections.abc import Callable, Iterable
from typing import Final

from lessonbase.records import Signature
from lessonbase.signature.building import services_built
from lessonbase.signature.codes import code, codes_in_context, cve, is_head
from lessonbase.signature.drivers import coded, driven
from lessonbase.signature.exceptions import exception, exceptions_in_context
from lessonbase.signature.naming import is_thread, services_in_context
from lessonbase.signature.prefixes import services_prefixed
from lessonbase.signature.services import is_service_here, service
from lessonbase.signature.signals import signal, signals_in_context
from lessonbase.signature.spoken import services_spoken
from lessonbase.signature.statuses import statuses
from lessonbase.signature.tokens import TEXT_LIMIT, called, identifier, tokens
from lessonbase.signature.vendors import marks_of_vendors
from lessonbase.signature.versions import versions
from lessonbase.signature.vocabulary import SERVICES, WORDY_SERVICES

# Marks of one sort that a record may bear.
_MOST: Final = 64

# Position and label.
_Mark = tuple[int, str]
_Marks = dict[str, list[_Mark]]
# The order in which a token is tried: the first rule that knows it has it.
_RULES: Final[tuple[tuple[str, Callable[[str], str | None]], ...]] = (
    ("codes", code),
    ("exceptions", exception),
    ("services", service),
    ("identifiers", identifier),
    ("cves", cve),
    ("signals", signal),
)


def extract(text: str) -> Signature:
    """The exact marks in *text*, each sort in the order of first appearance.

    Prose yields none: rules prefer missing a mark to inventing one. Reads the first 200,000
    characters, in time linear in them, and never raises.

    >>> found = extract("payments-api: psycopg.OperationalError, SQLSTATE 40P01, exit code 137")
    >>> found.codes, found.exceptions, found.services
    (('SQLSTATE 40P01', 'exit 137'), ('OperationalError',), ('payments-api', 'postgres'))
    """
    text = text[:TEXT_LIMIT]
    small = text.lower()
    marks = _of_tokens(text)
    for field, found in (
        ("codes", codes_in_context(text, small)),
        ("exceptions", exceptions_in_context(text, small)),
        ("services", services_in_context(text, small)),
        ("services", services_built(text, small)),
        ("services", services_prefixed(text, small)),
        ("services", services_spoken(text, small)),
        ("statuses", statuses(text)),
        ("signals", signals_in_context(text, small)),
        ("versions", versions(text)),
        ("identifiers", called(text)),
    ):
        marks[field].extend(found)
    for field, at, mark in marks_of_vendors(text, small):
        marks[field].append((at, mark))
    marks["services"].extend(_programs(marks["exceptions"]))
    return Signature(**{field: _first(found) for field, found in marks.items() if found})


def _of_tokens(text: str) -> _Marks:
    """Marks that a token is by itself; a service with an ordinary name is asked for its context."""
    marks: _Marks = {field: [] for field in Signature.model_fields}
    seen: set[str] = set()
    for start, end, token in tokens(text):
        if token in seen:
            continue
        if token.isalpha() and (token.islower() or token[1:].islower()):
            word = token.lower()
            if word in SERVICES:
                marks["services"].append((start, SERVICES[word]))
            elif word in WORDY_SERVICES and is_service_here(text, start, end):
                marks["services"].append((start, word))
            continue
        seen.add(token)
        if not (is_head(text, end, token) or is_thread(text, start)):
            _file(marks, start, token)
    return marks


def _file(marks: _Marks, start: int, token: str) -> None:
    """Put *token* under the first sort that knows it."""
    for field, rule in _RULES:
        mark = rule(token)
        if mark is not None:
            marks[field].append((start, mark))
            if field == "exceptions" and "." in token and identifier(token):
                marks["identifiers"].append((start, token))
            told = {"exceptions": driven, "codes": coded}.get(field)
            program = told(token) if told else None
            if program is not None:
                marks["services"].append((start, program))
            return


def _programs(exceptions: Iterable[_Mark]) -> list[_Mark]:
    """Programs that exceptions with their packages before them tell of."""
    named = ((at, driven(name)) for at, name in exceptions if "::" in name)
    return [(at, program) for at, program in named if program is not None]


def _first(found: Iterable[_Mark]) -> tuple[str, ...]:
    """Labels in the order of their positions, without repeats."""
    return tuple(dict.fromkeys(mark for _, mark in sorted(found)))[:_MOST]

"""What is wrong with a record that was refused, in words its author can act on."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

# Clauses of one explanation, and characters of one name or value in it: a file chooses both.
_MOST_CLAUSES: Final = 10
_MOST_CHARACTERS: Final = 60


def explain(error: ValidationError) -> str:
    """What *error* found, one clause per field, on one line that can be shown anywhere.

    >>> from lessonbase.records import RECORD
    >>> try:
    ...     RECORD.validate_python({"kind": "rumour"})
    ... except ValidationError as error:
    ...     explain(error).split(";")[0]
    "kind 'rumour' is not one of lesson, failure_mode, soul_entry, coordination_pattern, \
heuristic, observation"
    """
    parts = error.errors(include_url=False)
    clauses = [_clause(part) for part in parts[:_MOST_CLAUSES]]
    if len(parts) > _MOST_CLAUSES:
        clauses.append(f"and {len(parts) - _MOST_CLAUSES} more")
    return "; ".join(clauses)


def _clause(part: ErrorDetails) -> str:
    where = ".".join(step_name(step) for step in part["loc"][1:])
    given = part["input"]
    match part["type"]:
        case "union_tag_invalid":
            expected = part["ctx"]["expected_tags"].replace("'", "")
            return f"kind {shortened(repr(part['ctx']['tag']))} is not one of {expected}"
        case "union_tag_not_found":
            return "kind is missing"
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is not a field of this kind; put it under extra"
        case _ if isinstance(given, str) and not given.strip():
            return f"{where} is empty"
        case "string_too_long":
            return f"{where} has {len(given):,} characters, more than {part['ctx']['max_length']:,}"
        case "string_unicode":
            place = where or "a name"
            return f"{place} has a lone surrogate (half of a character); repair the encoding"
        case "value_error":
            return f"{where} {part['ctx']['error']}"
        case _:
            reason = f"{part['msg'][:1].lower()}{part['msg'][1:]}"
            return f"{where or 'record'} {shortened(repr(given))}: {reason}"


def step_name(step: int | str) -> str:
    """A step on the way to a field; a name that would not show as it is, quoted."""
    name = str(step)
    return shortened(name if name.isprintable() else repr(name))


def shortened(text: str) -> str:
    """*text*, cut where it is too long to be quoted in an explanation."""
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."

"""What is wrong with a record that was refused, in words its author can act on."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def explain(error: ValidationError) -> str:
    """All that *error* found, one clause per field.

    >>> from lessonbase.records import RECORD
    >>> try:
    ...     RECORD.validate_python({"kind": "rumour"})
    ... except ValidationError as error:
    ...     explain(error).split(";")[0]
    "kind 'rumour' is not one of lesson, failure_mode, soul_entry, coordination_pattern, \
heuristic, observation"
    """
    return "; ".join(_clause(part) for part in error.errors(include_url=False))


def _clause(part: ErrorDetails) -> str:
    where = ".".join(str(step) for step in part["loc"][1:])
    given = part["input"]
    match part["type"]:
        case "union_tag_invalid":
            expected = part["ctx"]["expected_tags"].replace("'", "")
            return f"kind {part['ctx']['tag']!r} is not one of {expected}"
        case "union_tag_not_found":
            return "kind is missing"
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is not a field of this kind; put it under extra"
        case "string_too_long":
            return f"{where} has {len(given):,} characters, more than {part['ctx']['max_length']:,}"
        case "string_unicode":
            return f"{where} has a lone surrogate (half of a character); repair the encoding"
        case "value_error":
            return f"{where} {part['ctx']['error']}"
        case _:
            text = f"{given!r}"
            shown = text if len(text) <= 60 else f"{text[:57]}..."
            return f"{where or 'record'} {shown}: {part['msg'][:1].lower()}{part['msg'][1:]}"

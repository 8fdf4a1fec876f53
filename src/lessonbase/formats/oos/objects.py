"""The forms of an OOS file that are data: JSON, and the starter's nested YAML."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import JsonValue

from lessonbase.formats.oos.gathering import with_plain_levels
from lessonbase.formats.oos.lines import marker_of
from lessonbase.formats.oos.model import Block, Claim, Document, Finding, Prose
from lessonbase.formats.oos.structured import Unreadable, from_json, from_yaml, sound
from lessonbase.formats.oos.vocabulary import FIELD_LABELS, field_of

Find = Callable[[Finding], None]

_CLAIM_ID: Final = re.compile(r'(?<!\\)"claim_id"\s{0,20}:')
_ID_KEYS: Final = ("claim_id", "claimId", "id")
# The starter's sizes are head counts.
_SIZES: Final = {
    "1": "solo",
    "1-10": "small",
    "11-50": "medium",
    "51-200": "medium",
    "201-1000": "large",
    "1000+": "enterprise",
}


def parse_json(text: str, find: Find) -> Document:
    """Read the JSON form: front matter, claims, perhaps entities; other keys are kept."""
    try:
        value = from_json(text, find)
    except Unreadable as error:
        value = _salvaged(text, error, find)
    if isinstance(value, list):
        value = {"claims": value}
    if not isinstance(value, dict):
        find(Finding("JSON_INVALID", "error", 1, 1, "neither an object nor a list of claims"))
        return Document(form="json")
    rest = dict(value)
    front = rest.pop("frontmatter", {})
    if not isinstance(front, dict):
        find(Finding("FRONTMATTER_INVALID", "error", 1, 1, "`frontmatter` is no object"))
        rest["frontmatter"], front = front, {}
    if "entities" in rest and "entities" not in front:
        front = {**front, "entities": rest.pop("entities")}
    lines = _claim_lines(text)
    given = list(_listed(rest.pop("claims", []), (), find))
    exact = len(lines) == len(given)
    claims = _claims([(lines[i] if exact else 1, c) for i, (_, c) in enumerate(given)], find)
    return Document(front, _with_prose(claims, rest.pop("prose", None), rest), rest, "json")


def parse_yaml(text: str, find: Find) -> Document:
    """Read the starter's YAML: claims in lists under the names of their sections."""
    body = re.sub(r"\A(?:\s*---[ ]*\n)", "\n", text)
    try:
        mapped = from_yaml(body)
    except Unreadable as error:
        message = f"no YAML: {error}; none of its claims is read"
        find(Finding("YAML_INVALID", "error", error.line, error.column, message, "mend the file"))
        return Document(form="yaml")
    for finding in mapped.findings:
        find(finding)
    front = dict(mapped.values)
    given = [
        (mapped.lines.get(("claims", *path), 1), claim)
        for path, claim in _listed(front.pop("claims", []), (), find)
    ]
    find(
        Finding(
            "FORM_STARTER",
            "warning",
            1,
            1,
            "the starter's nested YAML is not the format; it is written as Markdown",
        )
    )
    claims = _claims(given, find)
    lines = {str(path[0]): line for path, line in mapped.lines.items() if len(path) == 1}
    return Document(_front_of(front), tuple(claims), {}, "yaml", None, lines)


def _front_of(values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The starter's organisation in the format's own keys, beside what it says itself."""
    organization = values.get("organization")
    if not isinstance(organization, dict):
        return dict(values)
    front = dict(values)
    for key, name in (("org_pseudonym", "name"), ("industry", "industry"), ("org_size", "size")):
        if key not in front and isinstance(given := organization.get(name), str | int):
            front[key] = _SIZES.get(str(given), given) if key == "org_size" else given
    return front


def _listed(
    value: JsonValue, path: tuple[str | int, ...], find: Find, section: str = ""
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, JsonValue]]]:
    """Each claim of a list, or of lists under the names of sections, with its path."""
    if isinstance(value, dict) and len(path) < 1:
        for name, inner in value.items():
            yield from _listed(inner, (*path, name), find, name)
        return
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(item, str) and item.strip():
            yield (*path, index), {"rule": item, "section": section}
        elif isinstance(item, dict) and item:
            yield (*path, index), {**({"section": section} if section else {}), **item}
        elif item is not None:
            message = f"{json.dumps(item)[:60]} stands in the place of a claim"
            find(Finding("CLAIM_UNREADABLE", "error", 1, 1, message, "a claim is an object"))


def _claims(given: list[tuple[int, Mapping[str, JsonValue]]], find: Find) -> list[Claim]:
    taken = {_id_of(fields) for _, fields in given}
    number = 0
    claims = []
    for line, fields in given:
        claim_id = _id_of(fields)
        if not claim_id:
            number += 1
            while f"C{number:03}" in taken:
                number += 1
            claim_id = f"C{number:03}"
            find(
                Finding("CLAIM_ID_ASSIGNED", "fixed", line, 1, f"a claim has no id; now {claim_id}")
            )
        claims.append(_claim(claim_id, line, fields, find))
    return claims


def _id_of(fields: Mapping[str, JsonValue]) -> str:
    for key in _ID_KEYS:
        if isinstance(given := fields.get(key), str) and given.strip():
            marker = marker_of(f"**[{given.strip()}]**")
            return marker.claim_id if marker and marker.numbered else given.strip()
    return ""


def _claim(claim_id: str, line: int, given: Mapping[str, JsonValue], find: Find) -> Claim:
    values: dict[str, str] = {}
    extra: dict[str, JsonValue] = {}
    used_id = next((key for key in _ID_KEYS if isinstance(given.get(key), str) and given[key]), "")
    for key, value in given.items():
        name = key if key in FIELD_LABELS or key == "section" else field_of(_spaced(key))
        if key == used_id:
            continue
        if name and name not in values and (name == key or name not in given):
            values[name] = _as_text(value, claim_id, key, line, find)
        else:
            extra[key] = value
    fields: dict[str, Any] = {name: values.get(name, "") for name in FIELD_LABELS}
    section = values.get("section", "")
    return with_plain_levels(Claim(claim_id, section, **fields, extra=extra, line=line), find)


def _spaced(key: str) -> str:
    """A key in camel case as words: failureMode → failure mode."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)


def _as_text(value: JsonValue, claim_id: str, key: str, line: int, find: Find) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    message = f"claim {claim_id}: {key[:40]} is no text; it is kept as JSON"
    find(Finding("FIELD_NOT_TEXT", "warning", line, 1, message))
    return json.dumps(value, ensure_ascii=False)


def _with_prose(
    claims: list[Claim], given: JsonValue, rest: dict[str, JsonValue]
) -> tuple[Block, ...]:
    """Claims with the prose between them; our JSON keeps it by the count of claims before it."""
    prose = [_prose_of(item) for item in given] if isinstance(given, list) else [None]
    if not all(prose):
        if given is not None:
            rest["prose"] = given
        return tuple(claims)
    blocks: list[Block] = []
    held = [item for item in prose if item]
    for index in range(len(claims) + 1):
        blocks += [block for before, block in held if min(before, len(claims)) == index]
        blocks += claims[index : index + 1]
    return tuple(blocks)


def _prose_of(item: JsonValue) -> tuple[int, Prose] | None:
    match item:
        case {"heading": str(heading), "text": str(text), "claims_before": int(before)} if (
            before >= 0
        ):
            return before, Prose(heading, text)
    return None


def _claim_lines(text: str) -> list[int]:
    lines, line, last = [], 1, 0
    for found in _CLAIM_ID.finditer(text):
        line += text.count("\n", last, found.start())
        last = found.start()
        lines.append(line)
    return lines


def _salvaged(text: str, error: Unreadable, find: Find) -> JsonValue:
    """The claims before the place where the JSON breaks, and its front matter."""
    decoder = json.JSONDecoder()
    claims: list[JsonValue] = []
    value: dict[str, JsonValue] = {"claims": claims}
    for key in ("frontmatter", "claims"):
        found = re.search(rf'"{key}"\s{{0,20}}:\s{{0,20}}', text)
        if not found:
            continue
        if key == "frontmatter":
            front, _ = _decoded(decoder, text, found.end())
            value[key] = front if isinstance(front, dict) else {}
            continue
        place = re.compile(r"\s*\[?\s*").match(text, found.end())
        at = place.end() if place else found.end()
        while at < len(text):
            item, at = _decoded(decoder, text, at)
            if not isinstance(item, dict):
                break
            claims.append(item)
            comma = re.compile(r"\s*,?\s*").match(text, at)
            at = comma.end() if comma else at
    lost = len(_claim_lines(text)) - len(claims)
    message = f"no JSON: {error}; claims read before that: {len(claims)}, not read: {max(lost, 0)}"
    find(Finding("JSON_INVALID", "error", error.line, error.column, message, "mend the file"))
    return value


def _decoded(decoder: json.JSONDecoder, text: str, at: int) -> tuple[JsonValue, int]:
    try:
        value, end = decoder.raw_decode(text, at)
        return sound(value), end
    except (ValueError, RecursionError):
        return None, len(text)

"""Documents as the format has them written: Markdown, or JSON. Counts are always those of the body.

Reading what is written here gives the document again (`stats.restated` of it, as counts that were
wrong are right).
"""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from lessonbase.formats.oos.body import body
from lessonbase.formats.oos.front import KEY_ORDER, front_lines
from lessonbase.formats.oos.model import Claim, Document
from lessonbase.formats.oos.stats import restated
from lessonbase.formats.oos.structured import escaped
from lessonbase.formats.oos.vocabulary import FIELD_LABELS


def markdown(document: Document) -> str:
    """The document as Markdown: line feeds, an end to the last line, keys in the format's order."""
    counted = restated(document)
    front: dict[str, JsonValue] = dict(counted.front)
    if document.rest:
        front["_rest"] = dict(document.rest)
    return "\n".join([*front_lines(front), "", body(document)])


def as_json(document: Document) -> str:
    """The document as JSON, indented; prose between claims is kept under a key of our own."""
    counted = restated(document)
    front = {key: counted.front[key] for key in KEY_ORDER if key in counted.front}
    front |= {key: value for key, value in counted.front.items() if key not in front}
    value: dict[str, JsonValue] = {"frontmatter": front}
    if "entities" in front and "entities" not in document.rest:
        value["entities"] = front.pop("entities")
    value["claims"] = [claim_object(claim) for claim in document.claims]
    if document.prose:
        value["prose"] = _prose_objects(document)
    value |= document.rest
    return escaped(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def claim_object(claim: Claim) -> dict[str, JsonValue]:
    """A claim as a JSON object; empty fields are there, as the format requires all."""
    fields: dict[str, JsonValue] = {"claim_id": claim.claim_id, "section": claim.section}
    fields |= {name: getattr(claim, name) for name in FIELD_LABELS}
    return fields | {key: value for key, value in claim.extra.items() if key not in fields}


def _prose_objects(document: Document) -> list[JsonValue]:
    listed: list[JsonValue] = []
    before = 0
    for block in document.blocks:
        if isinstance(block, Claim):
            before += 1
            continue
        item: Mapping[str, JsonValue] = {
            "heading": block.heading,
            "text": block.text,
            "claims_before": before,
        }
        listed.append(dict(item))
    return listed

"""Claims and prose as the lines of a Markdown file, as the format has them."""

import json
import re
from collections.abc import Container
from typing import Final

from lessonbase.formats.oos.gathering import free_key
from lessonbase.formats.oos.lines import plain
from lessonbase.formats.oos.model import Claim, Document, Prose
from lessonbase.formats.oos.vocabulary import FIELD_LABELS, field_of, slug

# What a value may not start with on its label's line: there it would not be what it is below it.
_BLOCK: Final = re.compile(r"[-*+>#|]|```|~~~|[0-9]{1,9}[.)] ")
_LABEL: Final = re.compile(r"[*:?\s]+")
_INDENT: Final = "  "


def body(document: Document) -> str:
    """The part below the front matter, as Markdown; empty, or with an end to its last line."""
    parts = []
    for block in document.blocks:
        if isinstance(block, Claim):
            parts.append("\n".join(claim_lines(block)))
        else:
            parts.append(_prose(block))
    return "".join(f"{part}\n\n" for part in parts)[:-1]


def claim_lines(claim: Claim) -> list[str]:
    """A claim as lines: its marker, its fields in order, then those the format does not know."""
    section = claim.section if len(claim.section.split()) <= 1 else slug(claim.section)
    marker = re.sub(r"\s+", "-", claim.claim_id.strip()) or "C000"
    lines = [f"**[{marker}]** {section}".rstrip()]
    for name, label in FIELD_LABELS.items():
        if value := getattr(claim, name):
            lines += field_lines(label, value)
    taken: dict[str, bool] = {}
    for key, given in claim.extra.items():
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        label = label_for(key, taken)
        taken[label] = True
        lines += field_lines(label, text)
    return lines


def field_lines(label: str, value: str) -> list[str]:
    """A field as lines; those after the first are indented, so that none can be mistaken."""
    first, *rest = re.split("\r\n|\n|\r", value.strip())
    head = f"- **{label}:** {first}" if first else f"- **{label}:**"
    if rest and _BLOCK.match(plain(first)):
        head, rest = f"- **{label}:**", [first, *rest]
    return [head, *(_INDENT + line if plain(line).strip() else "" for line in rest)]


def label_for(key: str, taken: Container[str]) -> str:
    """A label that is read as the key *key*, or as one near to it where that cannot be.

    >>> label_for("related_entities", ()), label_for("Reason", ())
    ('related_entities', 'Reason 2')
    """
    label = " ".join(_LABEL.sub(" ", key).split())[:40].strip() or "Field"
    return free_key(f"{label[:36]} 2" if field_of(label) else label, taken)


def _prose(prose: Prose) -> str:
    return "\n\n".join(part for part in (prose.heading, prose.text) if part)

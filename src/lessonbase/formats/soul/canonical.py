"""A new soul file from records alone, in the shape that reads back to the same entries."""

import json
from collections.abc import Sequence

from pydantic import JsonValue

from lessonbase.formats.soul.agents import slug, titled
from lessonbase.formats.soul.aspects import HEADINGS
from lessonbase.formats.soul.entry import Form
from lessonbase.formats.soul.mapping import is_beside
from lessonbase.formats.soul.markdown_patch import spelled
from lessonbase.records import SoulEntry


def new_file(entries: Sequence[SoulEntry], name: str) -> str:
    """*entries* of one agent as JSON, if *name* ends in .json, else as Markdown."""
    return _as_json(entries) if name.casefold().endswith(".json") else _as_markdown(entries)


def _as_markdown(entries: Sequence[SoulEntry]) -> str:
    parts = []
    if entries:
        agent = entries[0].agent
        named = slug(titled(agent)) == slug(agent)
        parts.append(f"# {agent}" if named else f'---\nagent: "{agent}"\n---')
    for aspect, heading in HEADINGS.items():
        items = [
            spelled(entry.statement, Form.ITEM, "- ", "\n")
            for entry in entries
            if entry.aspect is aspect
        ]
        if items:
            parts += [f"## {heading}", "\n".join(items)]
    return "\n\n".join(parts) + "\n" if parts else ""


def _as_json(entries: Sequence[SoulEntry]) -> str:
    document: dict[str, JsonValue] = {"agent": entries[0].agent} if entries else {}
    for aspect, heading in HEADINGS.items():
        items: list[JsonValue] = [_item(entry) for entry in entries if entry.aspect is aspect]
        if items:
            document[heading.casefold()] = items
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _item(entry: SoulEntry) -> JsonValue:
    """An entry with the facts that stood beside it; names are in its statement already."""
    soul = entry.extra.get("soul")
    fields = soul.get("fields") if isinstance(soul, dict) else None
    facts = fields if isinstance(fields, dict) else {}
    kept = {key: value for key, value in facts.items() if is_beside(key, value)}
    return {"statement": entry.statement, **kept} if kept else entry.statement

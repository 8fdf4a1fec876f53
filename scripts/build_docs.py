"""Write the pages of docs/ that are made from code; with --check, fail if one is out of date."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from lessonbase.api.app import routed
from lessonbase.api.gate import Limits
from lessonbase.api.watch import Watch
from lessonbase.cli.app import app
from lessonbase.records import RECORD, Briefing
from lessonbase.settings import Settings
from lessonbase.stores.lock import release

DOCS = Path(__file__).parents[1] / "docs"


def cli_page() -> str:
    """Every command with its options, as `--help` has them."""
    parts = ["# The command line", "", "Made from `--help` by `make docs`; do not edit."]
    for title, command in _commands("lessonbase", typer.main.get_command(app)):
        inner = typer.Context(command, info_name=title, terminal_width=88, max_content_width=88)
        parts += ["", f"## `{title}`", "", "```text", command.get_help(inner).rstrip(), "```"]
    return "\n".join(parts) + "\n"


def _commands(title: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command and, if it is a group, all below it."""
    yield title, command
    if hasattr(command, "list_commands"):
        context = command.make_context(title, [], resilient_parsing=True)
        for name in sorted(command.list_commands(context)):
            yield from _commands(f"{title} {name}", command.get_command(context, name))


def api_schema() -> dict[str, object]:
    """The OpenAPI document that an owner serves."""
    version = release()
    return routed(version, Watch(version), limits=Limits()).openapi()


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    lines = [
        "# Settings",
        "",
        "Made from `lessonbase.settings` by `make docs`; do not edit. Read from the environment,",
        "then from `lessonbase.env` in the working directory, then these defaults.",
        "`lessonbase doctor --settings` prints what is in force.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "the platform's data directory" if name == "home" else f"`{field.default}`"
        lines.append(f"| `LESSONBASE_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def records_page() -> str:
    """Every field of every kind, with what it means."""
    schema = RECORD.json_schema()
    lines = ["# Records", "", "Made from `lessonbase.records` by `make docs`; do not edit.", ""]
    lines += ["The whole schema: [record.schema.json](record.schema.json).", ""]
    kinds = [schema["$defs"][ref["$ref"].rsplit("/", 1)[1]] for ref in schema["oneOf"]]
    common = set.intersection(*(set(kind["properties"]) for kind in kinds)) - {"kind"}
    lines += ["## Every kind", "", *_fields(kinds[0], common)]
    for kind in kinds:
        lines += ["", f"## `{kind['properties']['kind']['const']}`", "", kind["description"], ""]
        lines += _fields(kind, set(kind["properties"]) - common - {"kind"})
    return "\n".join(lines) + "\n"


def _fields(kind: dict[str, object], names: set[str]) -> list[str]:
    properties = kind["properties"]
    required = kind.get("required", [])
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    rows = ["| field | needed | meaning |", "|---|---|---|"]
    for name, field in properties.items():
        if name in names:
            needed = "yes" if name in required else ""
            rows.append(f"| `{name}` | {needed} | {field.get('description', '')} |")
    return rows


def pages() -> dict[Path, str]:
    """Path → content of every page that is made from code."""

    def as_json(schema: dict[str, object]) -> str:
        return json.dumps(schema, indent=1, sort_keys=True) + "\n"

    return {
        DOCS / "cli.md": cli_page(),
        DOCS / "settings.md": settings_page(),
        DOCS / "records.md": records_page(),
        DOCS / "record.schema.json": as_json(RECORD.json_schema()),
        DOCS / "openapi.json": as_json(api_schema()),
        DOCS / "briefing.schema.json": as_json(Briefing.model_json_schema(mode="serialization")),
    }


def main() -> None:
    """Write the pages, or with --check name those that differ and fail."""
    stale = [path for path, text in pages().items() if not _same(path, text)]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(DOCS.parent)} is out of date: run `make docs`")
        sys.exit(bool(stale))
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    main()

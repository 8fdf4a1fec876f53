"""What is taken for a post-mortem, and what is not; and that no text raises."""

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonbase.formats.postmortem import matches, read, write
from support import DAY

DATA = Path(__file__).resolve().parents[3] / "data" / "postmortems"
SHARED = Path(__file__).resolve().parents[4].parent / "shared"
ROOT = Path(__file__).resolve().parents[4]
EXAMPLES: Final = int(os.environ.get("LESSONBASE_EXAMPLES", "300")) // 3

PIECES = st.sampled_from(
    [
        *("# Post-mortem: a\n", "## Summary\n", "**Impact:** b\n", "- **Date:** 2026-01-01\n"),
        *("Fix:\n", "## Timeline\n", "- 10:02 checked c\n", "| a | b |\n", "|---|---|\n", "```\n"),
        *("<!--", "-->", "---\n", "===\n", "text here\n", "\n", "  - d\n", "1. e\n", "TBD\n"),
        *(
            "### What went well\n",
            "incident_id: a\n",
            "trigger: b\n",
            "- x: [1\n",
            "\ud800",
            "\x00",
        ),
        *("\r", "\t", "&a ", "*a "),
    ]
)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir()))
def test_each_fixture_is_a_post_mortem(name: str) -> None:
    """Every template is known by its headings."""
    assert matches(name, (DATA / name).read_text())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "# Tool\n\n## Overview\n\na\n\n## Detection\n\nb\n\n## Next steps\n\nc\n"),
        ("README.md", "# App\n\n## Summary\n\n## Installation\n\n## Troubleshooting\n"),
        ("CHANGELOG.md", "# Changelog\n\n## Fix\n\n## Impact\n\n## Cause\n\n## Summary\n"),
        ("CLAUDE.md", "# Rules\n\n## Root cause\n\n## Impact\n\n## Fix\n"),
        ("package.json", '{"name": "incident_id", "trigger": 1}'),
        ("ci.yaml", "on: push\ntrigger: main\n"),
        ("schema.json", '{"incident_id": {"type": "string"}, "trigger": {"type": "string"}}'),
        ("data.csv", "incident_id,trigger\n1,2\n"),
        ("empty.md", ""),
    ],
)
def test_other_files_are_none(name: str, text: str) -> None:
    """A README, rules, configuration and schemas are not taken for post-mortems."""
    assert not matches(name, text)


def test_the_files_of_this_project_are_none() -> None:
    """No page of the project is one."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]

    assert [page.name for page in pages if matches(page.name, page.read_text())] == []


def test_the_shared_schema_and_souls_are_none() -> None:
    """Neither the description of the format, nor files of other formats."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared files")
    others = [*(SHARED / "real").rglob("*.md"), *(SHARED / "real").rglob("*.json")]

    assert [path.name for path in others if matches(path.name, path.read_text())] == []


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(PIECES | st.text(max_size=20), max_size=30),
    st.sampled_from(["x.md", "x.yaml", "x.json", "x"]),
)
def test_no_text_raises(pieces: list[str], name: str) -> None:
    """Whatever a file holds, it is read; and what was read comes back to the letter."""
    text = "".join(pieces)
    matches(name, text)
    parsed = read(text, name=name, now=DAY)

    assert write(parsed.records, kept=text, name=name) == text
    assert len({record.id for record in parsed.records}) == len(parsed.records)

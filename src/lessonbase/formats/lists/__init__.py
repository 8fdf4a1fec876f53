"""Lists of rules and lessons in Markdown: CLAUDE.md, AGENTS.md, LESSONS.md and their like."""

from lessonbase.formats.lists.reading import matches, read
from lessonbase.formats.lists.writing import write

__all__ = ["matches", "read", "write"]

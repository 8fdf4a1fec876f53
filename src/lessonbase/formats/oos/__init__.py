"""Organizational Operating System files: an organisation's rules for its agents, as claims.

The format is that of `orgtp/oos-spec` (CC BY 4.0), versions 1.0 and 1.1, read as Markdown with
front matter, as JSON, and as the nested YAML that beginners are given. Pure functions on text.
"""

from lessonbase.formats.oos.export import write
from lessonbase.formats.oos.records import matches, read

__all__ = ["matches", "read", "write"]

"""A memory of operational experience for teams of AI agents.

>>> from tempfile import mkdtemp
>>> from lessonbase import open_base
>>> with open_base(mkdtemp(), create=True, embedded=True) as base:
...     _ = base.add({
...         "kind": "lesson",
...         "title": "Lock timeouts for migrations",
...         "situation": "Changing the schema of a busy table.",
...         "advice": "Set a lock timeout first, and retry.",
...     })
...     base.recall("change the schema of a table that is busy").hits[0].record.title
'Lock timeouts for migrations'
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lessonbase.base import LessonBase
    from lessonbase.errors import LessonBaseError
    from lessonbase.records import Briefing, Filters, Outcome, Record, Scope, SearchResults
    from lessonbase.settings import Settings
    from lessonbase.wiring import open_base

__all__ = [
    "Briefing",
    "Filters",
    "LessonBase",
    "LessonBaseError",
    "Outcome",
    "Record",
    "Scope",
    "SearchResults",
    "Settings",
    "open_base",
]

_HOMES = {
    "Briefing": "records",
    "Filters": "records",
    "LessonBase": "base",
    "LessonBaseError": "errors",
    "Outcome": "records",
    "Record": "records",
    "Scope": "records",
    "SearchResults": "records",
    "Settings": "settings",
    "open_base": "wiring",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `lessonbase --help` needs none of them."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

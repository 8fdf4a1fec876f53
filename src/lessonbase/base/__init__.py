"""LessonBase: one method per use case, over ports alone.

Reached through `lessonbase.open_base`, which chooses the adapters. Every use case acts for the
Scope that the base was opened with.
"""

from contextlib import AbstractContextManager

from lessonbase.base.access import Access
from lessonbase.base.health import Health
from lessonbase.base.incidents import Incidents
from lessonbase.base.parts import Parts, Thresholds
from lessonbase.base.souls import Souls
from lessonbase.base.studied import Study
from lessonbase.records import Scope
from lessonbase.retrieval.pipeline import Stages

__all__ = ["LessonBase", "Parts", "Thresholds"]


class LessonBase(Incidents, Souls, Health, Study, Access, AbstractContextManager["LessonBase"]):
    """A base as one caller sees it. Safe to use from several threads."""

    def within(self, scope: Scope) -> "LessonBase":
        """The same base for another caller."""
        return LessonBase(self._parts, scope)

    def using(self, stages: Stages) -> "LessonBase":
        """The same base with other stages in its ranking; for measurement."""
        return LessonBase(self._parts, self.scope, stages=stages)

    def close(self) -> None:
        """Finish what is under way and let go of the base."""
        self._parts.writing.end()
        self._parts.held.close()

    def __exit__(self, *_: object) -> None:
        self.close()

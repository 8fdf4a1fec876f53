"""Fixtures: records, and bases that are closed at the end. In CI, a skip is a failure."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from lessonbase.base import LessonBase
from lessonbase.records import Lesson, Scope
from support import DAY, OWNER, base_at

# The analysis has an extra of its own, which `make check` installs and `make test` does not.
collect_ignore = (
    []
    if find_spec("umap")
    else ["unit/analysis", "integration/test_map.py", "integration/test_map_page.py"]
)

# No deadline: machines are noisy. In CI the same examples each time, so that a red run is about the
# change at hand; elsewhere new ones, which is how they find anything.
settings.register_profile("lessonbase", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lessonbase")


@pytest.fixture
def lesson() -> Callable[..., Lesson]:
    """Make a lesson; only what matters to the test has to be said."""

    def make(record_id: str = "a", **fields: object) -> Lesson:
        given = {
            "id": record_id,
            "title": f"Lesson {record_id}",
            "situation": "Changing the schema of a busy table.",
            "advice": "Set a lock timeout first.",
            "created_at": DAY,
            "updated_at": DAY,
        }
        return Lesson.model_validate(given | fields)

    return make


@pytest.fixture
def open_at() -> Iterator[Callable[..., LessonBase]]:
    """Open a base at a path; closed at the end of the test."""
    with ExitStack() as stack:

        def make(path: Path, scope: Scope = OWNER) -> LessonBase:
            return stack.enter_context(base_at(path, scope))

        yield make


@pytest.fixture
def base(open_at: Callable[..., LessonBase], tmp_path: Path) -> LessonBase:
    """An empty base."""
    return open_at(tmp_path / "base")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing is missing, so a test that was skipped is a test that failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("a skip in CI is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

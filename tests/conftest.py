"""Fixtures: a clock and ids that tests can foretell, records, and a base on real stores."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lessonbase.base import LessonBase, Parts
from lessonbase.encoders.hashing import HashingEncoder
from lessonbase.records import Lesson, Role, Scope
from lessonbase.stores.ledger import SqlLedger
from lessonbase.stores.sync import SyncedIndexes

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNER = Scope(role=Role.ADMIN)


class SteppingClock:
    """A second passes each time it is asked."""

    def __init__(self) -> None:
        self.moment = DAY

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


class CountingIds:
    """id-0001, id-0002, …"""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"id-{self.count:04}"


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
    """Open a base on real SQLite, Chroma and tantivy with the hashing encoder; closed at the end."""
    with ExitStack() as stack:

        def make(path: Path, scope: Scope = OWNER) -> LessonBase:
            path.mkdir(parents=True, exist_ok=True)
            encoder = HashingEncoder(384)
            ledger = SqlLedger(path)
            indexes = SyncedIndexes(ledger, path, encoder.fingerprint, refill_grace_s=30)
            held = ExitStack()
            held.callback(ledger.close)
            held.callback(indexes.close)
            parts = Parts(ledger, indexes, encoder, SteppingClock(), CountingIds(), held=held)
            return stack.enter_context(LessonBase(parts, scope))

        yield make


@pytest.fixture
def base(open_at: Callable[..., LessonBase], tmp_path: Path) -> LessonBase:
    """An empty base."""
    return open_at(tmp_path / "base")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """In CI nothing is missing, so a test that was skipped is a test that failed."""
    if os.environ.get("CI") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("a skip in CI is a failure", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """See `pytest_terminal_summary`."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""The ledger on a real SQLite file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, inspect, text

from lessonbase.errors import SchemaTooNew, StoreError
from lessonbase.ports import Change, Encoded, Note
from lessonbase.records import Filters, Lesson, Record, Status, window_hash, windows
from lessonbase.stores.ledger import FILE_NAME, SqlLedger

Make = Callable[..., Lesson]
DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = SqlLedger(tmp_path)
    yield opened
    opened.close()


def change(after: Record | None, before: Record | None = None, **more: object) -> Change:
    record = after or before
    assert record is not None
    texts = windows(after) if after else ()
    return Change("test", "default", record.id, before, after, windows=texts, **more)  # type: ignore[arg-type]


def commit(ledger: SqlLedger, *changes: Change) -> None:
    ledger.commit(changes, actor="me", at=DAY)


def test_a_record_comes_back_as_it_was(ledger: SqlLedger, lesson: Make) -> None:
    """Nothing is lost or altered on the way through the database."""
    record = lesson(tags=["x"], extra={"theirs": [1, {"deep": None}]}, severity="high")
    commit(ledger, change(record))

    assert ledger.get("default", ["a", "b"]) == {"a": record}


def test_spaces_may_use_the_same_ids(ledger: SqlLedger, lesson: Make) -> None:
    """A space is a wall: the seed lessons can be in each of them."""
    mine, theirs = lesson(), lesson(space="other", title="Theirs")
    commit(ledger, change(mine), Change("test", "other", "a", None, theirs))

    assert ledger.get("default", ["a"]) == {"a": mine}
    assert ledger.get("other", ["a"]) == {"a": theirs}
    assert ledger.spaces() == ["default", "other"]


def test_history_keeps_before_and_after(ledger: SqlLedger, lesson: Make) -> None:
    """Every step of a record can be read back, in order."""
    first, second = lesson(), lesson(title="Better", version=2)
    commit(ledger, change(first))
    commit(ledger, change(second, first, detail={"why": "typo"}))

    events = ledger.history("default", "a")

    assert [(event.seq, event.before, event.after) for event in events] == [
        (1, None, first),
        (2, first, second),
    ]
    assert events[1].detail == {"why": "typo"}
    assert (events[1].actor, events[1].at) == ("me", DAY)


def test_a_batch_that_fails_leaves_nothing(ledger: SqlLedger, lesson: Make) -> None:
    """All changes of a commit are written, or none."""
    with pytest.raises(StoreError, match="could not be used"):
        commit(ledger, change(lesson("b")), change(lesson("a")), change(lesson("a")))

    assert ledger.get("default", ["a", "b"]) == {}
    assert ledger.last_seq() == 0


def test_filters(ledger: SqlLedger, lesson: Make) -> None:
    """Each filter narrows; several values of one are alternatives."""
    commit(
        ledger,
        change(lesson("a", tags=["Cost"], services=["redis"])),
        change(lesson("b", tags=["dns"], created_at=DAY - timedelta(days=9))),
        change(lesson("c", status="retired", provenance={"author": "Ann"})),
    )

    def found(**fields: object) -> set[str]:
        filters = Filters.model_validate(fields)
        return set(ledger.cards("default", None, filters, None))

    assert found() == {"a", "b"}
    assert found(tags=["cost", "dns"]) == {"a", "b"}
    assert found(tags=["COST"], services=["redis"]) == {"a"}
    assert found(tags=["cost"], services=["kafka"]) == set()
    assert found(until=DAY) == {"b"}
    assert found(since=DAY) == {"a"}
    assert found(statuses=list(Status), author="ann") == {"c"}
    assert found(kinds=["heuristic"]) == set()


def test_visibility_is_decided_by_the_query(ledger: SqlLedger, lesson: Make) -> None:
    """What the caller may not see is not returned, not counted, not listed."""
    commit(ledger, change(lesson("a")), change(lesson("b", visibility="agent:bo")))
    anyone, bo = frozenset(["space"]), frozenset(["space", "agent:bo"])

    assert set(ledger.cards("default", ["a", "b"], Filters(), anyone)) == {"a"}
    assert set(ledger.cards("default", ["a", "b"], Filters(), bo)) == {"a", "b"}
    assert sum(ledger.counts("default", anyone).values()) == 1
    page = ledger.page("default", Filters(), anyone, limit=9, before=None)
    assert [record.id for record in page.records] == ["a"]


def test_marks_that_everyone_bears_are_left_out(ledger: SqlLedger, lesson: Make) -> None:
    """A mark is looked up to the letter; a common one tells nothing."""
    commit(ledger, *(change(lesson(f"r{n}"), marks=("HTTP 503", f"E{n}")) for n in range(3)))

    assert ledger.marked("default", ["e1", "http 503"], most=2) == {"r1": ("e1",)}
    assert ledger.marked("default", ["http 503"], most=3) == {
        f"r{n}": ("http 503",) for n in range(3)
    }


def test_pages_go_on_where_the_last_one_ended(ledger: SqlLedger, lesson: Make) -> None:
    """Newest change first, each record once."""
    for n in range(5):
        commit(ledger, change(lesson(f"r{n}")))

    first = ledger.page("default", Filters(), None, limit=3, before=None)
    second = ledger.page("default", Filters(), None, limit=3, before=first.after)

    assert [record.id for record in first.records] == ["r4", "r3", "r2"]
    assert [record.id for record in second.records] == ["r1", "r0"]
    assert second.after is None


def test_vectors_are_kept_until_no_window_needs_them(ledger: SqlLedger, lesson: Make) -> None:
    """A changed text leaves its old vector unused, and it goes; one still in use stays."""
    old, other = lesson("a"), lesson("b", title="Lesson a")
    new = lesson("a", advice="Something else.", version=2)
    keys = {name: window_hash(windows(record)[0]) for name, record in (("old", old), ("new", new))}
    made = Encoded(np.ones((2, 8), np.float32), [np.ones((3, 1), np.uint8)] * 2)
    ledger.keep_encoded("f", list(keys.values()), made)
    commit(ledger, change(old), change(other))
    commit(ledger, change(new, old))

    assert set(ledger.vectors("f", list(keys.values()))) == set(keys.values())

    commit(ledger, change(None, other))

    assert set(ledger.vectors("f", list(keys.values()))) == {keys["new"]}


def test_a_refill_reads_each_record_once_in_order(ledger: SqlLedger, lesson: Make) -> None:
    """Batches follow the order of changes, and can start after any event."""
    for n in range(5):
        commit(ledger, change(lesson(f"r{n}")))
    commit(ledger, change(lesson("r0", version=2), lesson("r0")))

    batches = list(ledger.records("default", since=1, size=2))

    assert [[filed.record.id for filed in batch] for batch in batches] == [
        ["r1", "r2"],
        ["r3", "r4"],
        ["r0"],
    ]


def test_notes_are_there_when_asked_for(ledger: SqlLedger) -> None:
    """A note is written later, but never read too early."""
    for n in range(3):
        ledger.note(Note("recall", "default", None, DAY, "me", {"n": n}))

    assert ledger.count_events("default", "recall") == 3
    latest = ledger.latest("default", ["recall"])
    assert [event.detail["n"] for event in latest] == [2, 1, 0]
    assert ledger.latest("default", ["recall"], limit=1, before=latest[0].seq) == [latest[1]]


def test_notes_survive_a_close(tmp_path: Path) -> None:
    """Closing writes what is waiting."""
    first = SqlLedger(tmp_path)
    first.note(Note("recall", "default", None, DAY, "me", {}))
    first.close()

    second = SqlLedger(tmp_path)
    assert second.count_events("default", "recall") == 1
    second.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """An old program must not touch what it does not understand."""
    ledger = SqlLedger(tmp_path)
    ledger.set_meta("schema", "9999")
    ledger.close()

    with pytest.raises(SchemaTooNew, match="9999"):
        SqlLedger(tmp_path)


def test_migrations_lead_to_the_same_tables(tmp_path: Path) -> None:
    """A base made by steps has the columns and indexes of one made at once."""
    from lessonbase.stores.migrations import upgrade

    SqlLedger(tmp_path).close()
    made = inspect(create_engine(f"sqlite:///{tmp_path / FILE_NAME}"))
    engine = create_engine(f"sqlite:///{tmp_path / 'stepped.sqlite3'}")
    upgrade(engine, "")
    stepped = inspect(engine)

    names = sorted(made.get_table_names())
    assert sorted(set(stepped.get_table_names()) - {"alembic_version"}) == names
    for name in names:
        for aspect in ("get_columns", "get_indexes", "get_foreign_keys", "get_pk_constraint"):
            ours, theirs = getattr(made, aspect)(name), getattr(stepped, aspect)(name)
            assert repr(ours) == repr(theirs), f"{name}: {aspect}"


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    """What SQLite says is passed on, with what to do."""
    (tmp_path / FILE_NAME).write_bytes(b"not a database, but long enough to be taken for one" * 40)

    with pytest.raises(StoreError, match="not a database") as caught:
        SqlLedger(tmp_path)
    assert "doctor" in caught.value.hint


def test_commits_are_synchronous(ledger: SqlLedger) -> None:
    """Write-ahead journal, full synchronisation: what was acknowledged survives a power loss."""
    with ledger._engine.connect() as db:
        assert db.scalar(text("PRAGMA journal_mode")) == "wal"
        assert db.scalar(text("PRAGMA synchronous")) == 2

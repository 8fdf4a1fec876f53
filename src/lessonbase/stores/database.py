"""The database behind the ledger: connecting, making or migrating its tables, its errors."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event, insert, select
from sqlalchemy.exc import SQLAlchemyError

from lessonbase.errors import SchemaTooNew, StoreError
from lessonbase.stores.schema import META, METADATA, SCHEMA

# Ids in one IN clause: far below SQLite's limit of 32,766 variables.
CHUNK: Final = 2_000
# Full synchronisation: what is committed survives a power loss. The file is mapped into memory, so
# that scattered rows cost no system calls.
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "mmap_size=1073741824",
    "cache_size=-32768",
)


def connect(file: Path) -> Engine:
    """An engine for the database in *file*, each of its connections set up for safety."""
    engine = create_engine(
        f"sqlite:///{file}", connect_args={"check_same_thread": False, "timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def _prepare_connection(connection: Any, _: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def prepare(engine: Engine) -> None:
    """Make the tables of a new base; migrate those of an older one; refuse a newer one."""
    with engine.begin() as db:
        if not engine.dialect.has_table(db, META.name):
            METADATA.create_all(db)
            db.execute(insert(META), {"name": "schema", "value": SCHEMA})
        found = db.scalar(select(META.c.value).where(META.c.name == "schema")) or ""
    if found > SCHEMA:
        raise SchemaTooNew(found=found, known=SCHEMA)
    if found < SCHEMA:
        from lessonbase.stores.migrations import upgrade

        upgrade(engine, found)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database raises into our own error."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(
            f"the ledger could not be used: {error.__cause__ or error}",
            hint="check that the disk is not full and the base's files are yours; "
            "`lessonbase doctor` tells more",
        ) from error


class Database:
    """A SQLite file with one writer at a time; readers run beside it."""

    def __init__(self, file: Path) -> None:
        """Open *file*; make its tables, or migrate them.

        Raises:
            SchemaTooNew: If a newer LessonBase wrote it.
            StoreError: If it cannot be read.
        """
        self._engine = connect(file)
        self._writing = threading.RLock()
        with translated():
            prepare(self._engine)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._writing, translated(), self._engine.begin() as db:
            yield db

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(), self._engine.connect() as db:
            yield db

    def _by_id(
        self, query: Any, column: ColumnElement[str], ids: Sequence[str], *where: Any
    ) -> list[Any]:
        rows: list[Any] = []
        with self._reading() as db:
            for start in range(0, len(ids), CHUNK):
                chunk = ids[start : start + CHUNK]
                rows += db.execute(query.where(*where, column.in_(chunk))).all()
        return rows

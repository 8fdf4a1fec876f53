"""Files as they were imported: kept whole, every version, so that they can be given back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from lessonbase.records import SourceFile
from lessonbase.stores.database import Database
from lessonbase.stores.rows import stamp
from lessonbase.stores.schema import SOURCES


class KeptSources(Database):
    """The ledger's files."""

    def sources(self, space: str) -> list[SourceFile]:
        """The newest version of every file, by name."""
        newest = (
            select(SOURCES.c.name, func.max(SOURCES.c.version).label("version"))
            .where(SOURCES.c.space == space)
            .group_by(SOURCES.c.name)
            .subquery()
        )
        query = (
            select(SOURCES)
            .join(
                newest,
                (SOURCES.c.name == newest.c.name) & (SOURCES.c.version == newest.c.version),
            )
            .where(SOURCES.c.space == space)
            .order_by(SOURCES.c.name)
        )
        with self._reading() as db:
            return [_file_of(row) for row in db.execute(query)]

    def source_versions(self, space: str, name: str) -> list[SourceFile]:
        """All versions of one file, oldest first; none if there is no such file."""
        query = (
            select(SOURCES)
            .where(SOURCES.c.space == space, SOURCES.c.name == name)
            .order_by(SOURCES.c.version)
        )
        with self._reading() as db:
            return [_file_of(row) for row in db.execute(query)]


def keep_sources(db: Connection, space: str, files: Sequence[SourceFile], *, at: datetime) -> None:
    """Keep each file as the next version of its name, unless it is the newest one already."""
    for file in files:
        here = (SOURCES.c.space == space, SOURCES.c.name == file.name)
        query = select(SOURCES).where(*here).order_by(SOURCES.c.version.desc()).limit(1)
        newest = db.execute(query).first()
        as_kept = (file.digest, file.format, file.visibility)
        if newest and as_kept == (newest.sha256, newest.format, newest.visibility):
            continue
        db.execute(
            insert(SOURCES),
            {
                "space": space,
                "name": file.name,
                "version": newest.version + 1 if newest else 1,
                "format": file.format,
                "visibility": file.visibility,
                "imported_at": stamp(file.imported_at or at),
                "sha256": file.digest,
                "content": file.content,
            },
        )


def _file_of(row: Any) -> SourceFile:
    return SourceFile(
        name=row.name,
        format=row.format,
        content=row.content,
        visibility=row.visibility,
        version=row.version,
        imported_at=datetime.fromisoformat(row.imported_at),
    )

"""Keys in the ledger: the key as JSON, the hash of its secret, and when it was last used."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from lessonbase.records import Key
from lessonbase.stores.database import Database
from lessonbase.stores.rows import stamp
from lessonbase.stores.schema import KEYS


class KeptKeys(Database):
    """The ledger's keys."""

    def add_key(self, key: Key, digest: str) -> None:
        """Keep a key and the hash of its secret."""
        row = {"id": key.id, "space": key.space, "digest": digest, "body": key.model_dump_json()}
        with self._transaction() as db:
            db.execute(insert(KEYS), row)

    def list_keys(self, space: str | None = None) -> list[Key]:
        """All keys, or those of one space, oldest first."""
        query = select(KEYS) if space is None else select(KEYS).where(KEYS.c.space == space)
        with self._reading() as db:
            found = [_key_of(row) for row in db.execute(query)]
        return sorted(found, key=lambda key: (key.created_at, key.id))

    def key(self, key_id: str) -> tuple[Key, str] | None:
        """A key and the hash of its secret; none if there is no such key."""
        with self._reading() as db:
            row = db.execute(select(KEYS).where(KEYS.c.id == key_id)).first()
        return (_key_of(row), row.digest) if row else None

    def revoke_key(self, key_id: str, at: datetime) -> None:
        """End a key."""
        with self._transaction() as db:
            body = db.scalar(select(KEYS.c.body).where(KEYS.c.id == key_id))
            if body is not None:
                revoked = Key.model_validate_json(body).model_copy(update={"revoked_at": at})
                values = {"body": revoked.model_dump_json()}
                db.execute(update(KEYS).where(KEYS.c.id == key_id).values(values))

    def touch_key(self, key_id: str, at: datetime) -> None:
        """Keep when a key was last used."""
        with self._transaction() as db:
            values = {"last_used_at": stamp(at)}
            db.execute(update(KEYS).where(KEYS.c.id == key_id).values(values))


def _key_of(row: Any) -> Key:
    used = datetime.fromisoformat(row.last_used_at) if row.last_used_at else None
    return Key.model_validate_json(row.body).model_copy(update={"last_used_at": used})

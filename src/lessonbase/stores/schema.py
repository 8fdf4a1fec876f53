"""The ledger's tables. What they hold is the truth; every index can be made again from them.

Times are ISO 8601 in UTC with microseconds, so that text order is time order on any database.
Bodies are JSON text, written and read by the record models alone.
"""

from typing import Final

from sqlalchemy import (
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

# Newest revision in stores/migrations; a base that is behind is migrated when it is opened.
SCHEMA: Final = "0004"

METADATA: Final = MetaData()

META: Final = Table(
    "meta",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

# The current state of every record. `seq` is the event that made it so: what an index has to
# catch up with is what has a higher one.
RECORDS: Final = Table(
    "records",
    METADATA,
    Column("space", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("visibility", String, nullable=False),
    Column("author", String, nullable=False),
    Column("evidence", String, nullable=False),
    Column("confidence", String, nullable=False),
    Column("severity", String),
    Column("trust", Float),
    # When it happened, if the record says so, else when it was recorded: what time filters mean.
    Column("happened_at", String, nullable=False),
    Column("updated_at", String, nullable=False),
    Column("valid_until", String),
    Column("version", Integer, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("body", Text, nullable=False),
    Index("records_by_seq", "space", "seq"),
    Index("records_by_time", "space", "happened_at"),
)

# Tags, services, signature marks and source file, lower-cased: what exact filters and look-ups ask
# for. Links too: a row whose field is the relation, and whose value is the id it leads to.
LABELS: Final = Table(
    "labels",
    METADATA,
    Column("space", String, primary_key=True),
    Column("record_id", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("value", String, primary_key=True),
    ForeignKeyConstraint(
        ["space", "record_id"], ["records.space", "records.id"], ondelete="CASCADE"
    ),
    Index("labels_by_value", "space", "field", "value", "record_id"),
)

# Which windows a record is embedded as; the text itself is made again from the body.
WINDOWS: Final = Table(
    "windows",
    METADATA,
    Column("space", String, primary_key=True),
    Column("record_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("hash", String, nullable=False),
    ForeignKeyConstraint(
        ["space", "record_id"], ["records.space", "records.id"], ondelete="CASCADE"
    ),
    Index("windows_by_hash", "hash"),
)

# One vector per text and encoder, float32, little endian. A refill reads them and encodes nothing.
VECTORS: Final = Table(
    "vectors",
    METADATA,
    Column("hash", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

# The signs of the tokens of the same texts. In a table of their own: they are thrice as large, and
# a refill reads vectors alone.
SIGNS: Final = Table(
    "signs",
    METADATA,
    Column("hash", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("signs", LargeBinary, nullable=False),
)

# Append-only, except for `erase`.
EVENTS: Final = Table(
    "events",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("space", String, nullable=False),
    Column("record_id", String),
    Column("before", Text),
    Column("after", Text),
    Column("detail", Text, nullable=False),
    Index("events_by_record", "space", "record_id"),
)

# Who may come in from outside. Of the secret only the SHA-256 is kept.
KEYS: Final = Table(
    "keys",
    METADATA,
    Column("id", String, primary_key=True),
    Column("space", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("last_used_at", String),
    Column("body", Text, nullable=False),
)

# Files as they were imported, every version that differs from the one before it: what an export
# gives back byte for byte.
SOURCES: Final = Table(
    "sources",
    METADATA,
    Column("space", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("format", String, nullable=False),
    Column("visibility", String, nullable=False),
    Column("imported_at", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

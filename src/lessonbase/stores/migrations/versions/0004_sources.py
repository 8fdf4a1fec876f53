"""Files as they were imported, and look-ups by source file and by link."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_LABELS = sa.table(
    "labels",
    *(sa.column(name) for name in ("space", "record_id", "field", "value")),
)


def upgrade() -> None:
    """Make the table of sources; add a row for the file and each link of the records at hand."""
    op.create_table(
        "sources",
        sa.Column("space", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("visibility", sa.String, nullable=False),
        sa.Column("imported_at", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    db = op.get_bind()
    rows = []
    for space, record_id, body in db.execute(sa.text("SELECT space, id, body FROM records")):
        record = json.loads(body)
        found = {(link["relation"], link["target"]) for link in record.get("links", ())}
        if file := record.get("provenance", {}).get("file"):
            found.add(("source", file.lower()))
        rows += [
            {"space": space, "record_id": record_id, "field": field, "value": value}
            for field, value in sorted(found)
        ]
    if rows:
        db.execute(sa.insert(_LABELS), rows)

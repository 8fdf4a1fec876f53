"""The first schema: meta, records, labels, windows, vectors, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables as release 0.1 has them."""
    op.create_table(
        "meta",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "records",
        sa.Column("space", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("kind", "status", "visibility", "author", "evidence", "confidence")
        ),
        sa.Column("severity", sa.String),
        sa.Column("trust", sa.Float),
        sa.Column("happened_at", sa.String, nullable=False),
        sa.Column("updated_at", sa.String, nullable=False),
        sa.Column("valid_until", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("records_by_seq", "records", ["space", "seq"])
    op.create_index("records_by_time", "records", ["space", "happened_at"])
    for name, *columns in (
        ("labels", ("field", sa.String), ("value", sa.String)),
        ("windows", ("position", sa.Integer)),
    ):
        op.create_table(
            name,
            sa.Column("space", sa.String, primary_key=True),
            sa.Column("record_id", sa.String, primary_key=True),
            *(sa.Column(column, kind, primary_key=True) for column, kind in columns),
            *([sa.Column("hash", sa.String, nullable=False)] if name == "windows" else []),
            sa.ForeignKeyConstraint(
                ["space", "record_id"], ["records.space", "records.id"], ondelete="CASCADE"
            ),
        )
    op.create_index("labels_by_value", "labels", ["space", "field", "value", "record_id"])
    op.create_index("windows_by_hash", "windows", ["hash"])
    op.create_table(
        "vectors",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("at", "actor", "action", "space")
        ),
        sa.Column("record_id", sa.String),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("events_by_record", "events", ["space", "record_id"])

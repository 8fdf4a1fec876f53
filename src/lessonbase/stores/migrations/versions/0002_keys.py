"""Keys: who may come in from outside."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of keys."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("space", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("last_used_at", sa.String),
        sa.Column("body", sa.Text, nullable=False),
    )

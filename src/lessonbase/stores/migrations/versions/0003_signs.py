"""Signs of tokens, kept beside the vectors for alignment."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of signs."""
    op.create_table(
        "signs",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, primary_key=True),
        sa.Column("signs", sa.LargeBinary, nullable=False),
    )

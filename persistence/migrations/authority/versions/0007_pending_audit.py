"""Audit entries are written beside the change they tell of, until they are carried over."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "pending_audit",
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("mandant_key", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_pending_audit")),
    )


def downgrade() -> None:
    """Takes the change back; entries that were not carried over are lost."""
    op.drop_table("pending_audit")

"""Differences between letters and news that an operator has acknowledged, and how many are open."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change: every difference that is known is open."""
    op.create_table(
        "difference_acknowledgement",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("batch_key", _KEY, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_key"],
            ["print_batch.key"],
            name=op.f("fk_difference_acknowledgement_batch_key_print_batch"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_difference_acknowledgement")),
    )
    op.create_index(
        op.f("ix_difference_acknowledgement_batch_key"), "difference_acknowledgement", ["batch_key"]
    )
    with op.batch_alter_table("batch_news") as table:
        table.add_column(
            sa.Column("open_count", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
    op.execute("UPDATE batch_news SET open_count = difference_count")


def downgrade() -> None:
    """Takes the change back: what was acknowledged is open again."""
    with op.batch_alter_table("batch_news") as table:
        table.drop_column("open_count")
    op.drop_table("difference_acknowledgement")

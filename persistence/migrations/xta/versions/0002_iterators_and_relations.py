"""Iterators that can be gone on with, In-Reply-To, NotBefore, ObsoleteAfter."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "message_relation",
        sa.Column(
            "message_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("related_id_folded", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"], ["message.key"], name=op.f("fk_message_relation_message_key_message")
        ),
        sa.PrimaryKeyConstraint(
            "message_key", "related_id_folded", name=op.f("pk_message_relation")
        ),
    )
    with op.batch_alter_table("message_relation") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_relation_related_id_folded"), ["related_id_folded"]
        )
    # Iterators of the old form cannot be gone on with; they would expire within a day anyway.
    op.execute("DELETE FROM mailbox_request")
    with op.batch_alter_table("mailbox_request") as batch_op:
        batch_op.add_column(sa.Column("selector", sa.JSON(), nullable=False))
        batch_op.add_column(sa.Column("list_form", sa.String(length=16), nullable=False))
        batch_op.add_column(sa.Column("max_items", sa.Integer(), nullable=False))
        batch_op.add_column(sa.Column("position_delivery", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("position_key", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("not_before", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("obsolete_after", sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f("ix_message_obsolete_after"), ["obsolete_after"])


def downgrade() -> None:
    """Takes the change back."""
    # Not in a batch: that would copy the table, to which others refer.
    op.drop_index(op.f("ix_message_obsolete_after"), "message")
    op.drop_column("message", "obsolete_after")
    op.drop_column("message", "not_before")
    with op.batch_alter_table("mailbox_request") as batch_op:
        for name in ("position_key", "position_delivery", "max_items", "list_form", "selector"):
            batch_op.drop_column(name)
    with op.batch_alter_table("message_relation") as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_relation_related_id_folded"))
    op.drop_table("message_relation")

"""Certificates of Behoerden, for those who encrypt for them."""

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
        "certificate",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("behoerde_key", sa.Integer(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["behoerde_key"], ["behoerde.key"], name=op.f("fk_certificate_behoerde_key_behoerde")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_certificate")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_behoerde_key"), ["behoerde_key"], unique=False
        )


def downgrade() -> None:
    """Takes the change back."""
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_behoerde_key"))

    op.drop_table("certificate")

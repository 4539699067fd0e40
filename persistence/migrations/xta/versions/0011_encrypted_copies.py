"""Encrypted copies of messages that go to another data centre."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "encrypted_copy",
        sa.Column("message_key", _KEY, nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"],
            ["message.key"],
            name=op.f("fk_encrypted_copy_message_key_message"),
        ),
        sa.PrimaryKeyConstraint("message_key", name=op.f("pk_encrypted_copy")),
    )
    op.create_index(op.f("ix_encrypted_copy_blob"), "encrypted_copy", ["blob"])


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table("encrypted_copy")

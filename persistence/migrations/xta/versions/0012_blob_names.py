"""Blobs have names of their own, data keys and a memory of blobs that no row names.

What was kept before is named by the SHA-256 of its bytes and keeps that name.
"""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PART = sa.table("message_part", sa.column("blob"), sa.column("sha256"))


def upgrade() -> None:
    """Applies the change."""
    op.add_column("message_part", sa.Column("blob", sa.String(length=64), nullable=True))
    op.execute(_PART.update().values(blob=_PART.c.sha256))
    with op.batch_alter_table("message_part") as batch:
        batch.alter_column("blob", existing_type=sa.String(length=64), nullable=False)
        batch.drop_index("ix_message_part_sha256")
        batch.create_index("ix_message_part_blob", ["blob"])
    op.create_table(
        "data_key",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_id", sa.String(length=16), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("retired", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_table(
        "blob_orphan",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_blob_orphan")),
    )


def downgrade() -> None:
    """Takes the change back; what is encrypted or has a name of its own cannot be found then."""
    op.drop_table("blob_orphan")
    op.drop_table("data_key")
    with op.batch_alter_table("message_part") as batch:
        batch.drop_index("ix_message_part_blob")
        batch.create_index("ix_message_part_sha256", ["sha256"])
    op.drop_column("message_part", "blob")

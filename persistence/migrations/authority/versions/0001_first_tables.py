"""First tables."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "behoerde",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("identifier_value", sa.String(length=255), nullable=False),
        sa.Column("identifier_type", sa.String(length=64), nullable=False),
        sa.Column("identifier_category", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("strasse", sa.String(length=255), nullable=False),
        sa.Column("hausnummer", sa.String(length=32), nullable=False),
        sa.Column("plz", sa.String(length=5), nullable=False),
        sa.Column("ort", sa.String(length=255), nullable=False),
        sa.Column("kanal", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_behoerde")),
        sa.UniqueConstraint(
            "identifier_value", "identifier_type", name=op.f("uq_behoerde_identifier_value")
        ),
    )
    op.create_table(
        "gemeinde",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("ags", sa.String(length=8), nullable=False),
        sa.Column("plz", sa.String(length=5), nullable=False),
        sa.Column("ort", sa.String(length=255), nullable=False),
        sa.Column("ort_folded", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gemeinde")),
    )
    with op.batch_alter_table("gemeinde", schema=None) as batch_op:
        batch_op.create_index("ix_gemeinde_plz", ["plz", "ort_folded"], unique=False)

    op.create_table(
        "participant",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_participant")),
    )
    op.create_table(
        "zustaendigkeit",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("ags", sa.String(length=8), nullable=False),
        sa.Column("einnahmeart", sa.String(length=64), nullable=False),
        sa.Column("behoerde_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["behoerde_key"], ["behoerde.key"], name=op.f("fk_zustaendigkeit_behoerde_key_behoerde")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_zustaendigkeit")),
    )
    with op.batch_alter_table("zustaendigkeit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_zustaendigkeit_ags"), ["ags"], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    with op.batch_alter_table("zustaendigkeit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_zustaendigkeit_ags"))

    op.drop_table("zustaendigkeit")
    op.drop_table("participant")
    with op.batch_alter_table("gemeinde", schema=None) as batch_op:
        batch_op.drop_index("ix_gemeinde_plz")

    op.drop_table("gemeinde")
    op.drop_table("behoerde")

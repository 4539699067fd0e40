"""Letterheads that authorities set in the Web-Client."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change: nobody has set one yet."""
    op.create_table(
        "letterhead",
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("absenderzeile", sa.Text(), nullable=False),
        sa.Column("zeilen", sa.JSON(), nullable=False),
        sa.Column("vermerke", sa.JSON(), nullable=False),
        sa.Column("fuss", sa.JSON(), nullable=False),
        sa.Column("logo_kind", sa.String(length=8), nullable=True),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mandant_key", name=op.f("pk_letterhead")),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_letterhead_mandant_key_mandant")
        ),
    )


def downgrade() -> None:
    """Takes the change back: what was set is lost, that of the installation is printed again."""
    op.drop_table("letterhead")

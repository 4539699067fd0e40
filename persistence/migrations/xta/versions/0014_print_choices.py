"""What a Mandant chose for the printing of its letters."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change: nobody chose anything yet."""
    op.create_table(
        "print_choice",
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("output", sa.String(length=64), nullable=True),
        sa.Column("duplex", sa.Boolean(), nullable=True),
        sa.Column("colour", sa.Boolean(), nullable=True),
        sa.Column("stock", sa.String(length=255), nullable=True),
        sa.Column("envelope", sa.String(length=255), nullable=True),
        sa.Column("product", sa.String(length=255), nullable=True),
        sa.Column("cost_centre", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_print_choice_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("mandant_key", name=op.f("pk_print_choice")),
    )


def downgrade() -> None:
    """Takes the change back: the choices are lost."""
    op.drop_table("print_choice")

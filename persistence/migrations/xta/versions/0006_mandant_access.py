"""The access of a Mandant has a state, a last day and a history.

Columns are added and dropped in place: other tables refer to the rows of `mandant`.
"""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MANDANT = sa.table("mandant", sa.column("access_state"), sa.column("is_locked"))


def upgrade() -> None:
    """Applies the change: who is known has ordered, who was locked is deactivated."""
    for column in (
        sa.Column("access_state", sa.String(length=16), nullable=False, server_default="bestellt"),
        sa.Column("access_last_day", sa.Date(), nullable=True),
        sa.Column("access_reminded_days", sa.Integer(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("mandant", column)
    is_locked = _MANDANT.c.is_locked == sa.true()
    op.execute(_MANDANT.update().where(is_locked).values(access_state="deaktiviert"))
    op.drop_column("mandant", "is_locked")
    op.create_table(
        "mandant_access_entry",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mandant_key"],
            ["mandant.key"],
            name=op.f("fk_mandant_access_entry_mandant_key_mandant"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mandant_access_entry")),
    )
    op.create_index(
        op.f("ix_mandant_access_entry_mandant_key"), "mandant_access_entry", ["mandant_key"]
    )


def downgrade() -> None:
    """Takes the change back: who has no access is locked."""
    op.drop_table("mandant_access_entry")
    op.add_column(
        "mandant", sa.Column("is_locked", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    has_none = _MANDANT.c.access_state.in_(["angemeldet", "beendet", "deaktiviert"])
    op.execute(_MANDANT.update().where(has_none).values(is_locked=sa.true()))
    for name in ("contact", "access_reminded_days", "access_last_day", "access_state"):
        op.drop_column("mandant", name)

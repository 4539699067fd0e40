"""Matters of one role are found as fast as all."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_index(
        "ix_vorgang_rolle", "vorgang", ["mandant_key", "rolle", "state", "changed", "key"]
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index("ix_vorgang_rolle", table_name="vorgang")

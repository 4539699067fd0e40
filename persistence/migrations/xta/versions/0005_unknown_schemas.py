"""Whether a Mandant exchanges messages of unknown schemas."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table("mandant") as batch_op:
        batch_op.add_column(
            sa.Column("carries_unknown", sa.Boolean(), nullable=False, server_default=sa.true())
        )


def downgrade() -> None:
    """Takes the change back."""
    with op.batch_alter_table("mandant") as batch_op:
        batch_op.drop_column("carries_unknown")

"""Why a message that another data centre has is asked back."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change: nothing is asked back yet."""
    op.add_column(
        "forwarded_message", sa.Column("recall_cause", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Takes the change back: what was asked back may end without a letter."""
    op.drop_column("forwarded_message", "recall_cause")

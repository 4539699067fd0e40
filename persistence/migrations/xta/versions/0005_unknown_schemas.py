"""Whether a Mandant exchanges messages of unknown schemas.

The column is added and dropped in place: other tables refer to the rows of `mandant`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column(
        "mandant",
        sa.Column("carries_unknown", sa.Boolean(), nullable=False, server_default=sa.true()),
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column("mandant", "carries_unknown")

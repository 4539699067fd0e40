"""Certificates that a newer one has replaced count until a moment before their end."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change: what is there counts until its end."""
    op.add_column("bound_certificate", sa.Column("accepted_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column("bound_certificate", "accepted_until")

"""Audit entries of changes in the directory's database name where they come from, to come once."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change: what is there was written here."""
    op.add_column("web_audit", sa.Column("origin", sa.String(32), nullable=True))
    op.create_index("ix_web_audit_origin", "web_audit", ["origin"], unique=True)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index("ix_web_audit_origin", table_name="web_audit")
    op.drop_column("web_audit", "origin")

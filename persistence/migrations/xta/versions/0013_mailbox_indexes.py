"""Mailboxes are read in their order by indexes that hold only what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_message_mailbox": "state IN ('abgeholt', 'zugestellt')",
    "ix_message_mailbox_new": "state = 'zugestellt'",
}


def upgrade() -> None:
    """Applies the change."""
    op.drop_index("ix_message_mailbox", "message")
    for name, condition in _INDEXES.items():
        op.create_index(
            name,
            "message",
            ["reader_mandant", "delivery", "key"],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    """Takes the change back."""
    for name in _INDEXES:
        op.drop_index(name, "message")
    op.create_index("ix_message_mailbox", "message", ["reader_mandant", "state", "delivery", "key"])

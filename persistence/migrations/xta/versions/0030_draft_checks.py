"""Drafts remember what their last check found: state, Behoerde and channel."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_CODE_POINTS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS = {
    "state": (sa.String(32), "ungeprueft"),
    "asked_value": (_CODE_POINTS, ""),
    "asked_type": (sa.Text(), ""),
    "asked_name": (sa.Text(), ""),
    "kanal": (sa.String(32), ""),
}
_INDEXES = {
    "ix_draft_state": "state",
    "ix_draft_asked": "asked_value",
    "ix_draft_kanal": "kanal",
}


def upgrade() -> None:
    """Applies the change: what is there was not checked yet."""
    for name, (kind, default) in _COLUMNS.items():
        op.add_column("draft", sa.Column(name, kind, nullable=False, server_default=default))
    for index, column in _INDEXES.items():
        op.create_index(index, "draft", ["mandant_key", "is_template", column, "changed", "key"])


def downgrade() -> None:
    """Takes the change back."""
    for index in _INDEXES:
        op.drop_index(index, table_name="draft")
    for name in _COLUMNS:
        op.drop_column("draft", name)

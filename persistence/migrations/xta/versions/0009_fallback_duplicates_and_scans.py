"""Fallback rules of Mandanten, content keys of messages, messages that wait for the scanner.

Columns are added and dropped in place: other tables refer to the rows of `message`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXES = {
    "ix_message_content_key": ["content_key"],
    "ix_message_unread": ["author_mandant", "state", "is_fallback_noted", "delivery"],
}


def upgrade() -> None:
    """Applies the change; of messages that are there already no duplicate is recognised."""
    for column in (
        sa.Column("content_key", sa.String(length=64), nullable=True),
        sa.Column("is_unscanned", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_fallback_noted", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("message", column)
    for name, columns in _INDEXES.items():
        op.create_index(name, "message", columns)
    op.create_table(
        "fallback_rule",
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("unread_days", sa.Integer(), nullable=True),
        sa.Column("refused", sa.String(length=16), nullable=False),
        sa.Column("no_endpoint", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_fallback_rule_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("mandant_key", name=op.f("pk_fallback_rule")),
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table("fallback_rule")
    for name in _INDEXES:
        op.drop_index(name, "message")
    for name in ("is_fallback_noted", "is_unscanned", "content_key"):
        op.drop_column("message", name)

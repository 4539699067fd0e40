"""Matters of one role, messages of matters, orders of one Mandant: each is found by an index.

On PostgreSQL the beginning of an Aktenzeichen is, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_SIDES = ("author", "reader")
_HAS_MESSAGE = sa.text("message_key IS NOT NULL")
_IS_ACTIVE = sa.text("state <> 'done'")


_BY_AKTENZEICHEN = {
    "own_aktenzeichen": ["mandant_key", "own_aktenzeichen", "partner_value"],
    "partner_aktenzeichen": ["mandant_key", "partner_aktenzeichen"],
}


def upgrade() -> None:
    """Applies the change; of orders that are done the sides are not asked for."""
    op.create_index(
        "ix_vorgang_rolle", "vorgang", ["mandant_key", "rolle", "state", "changed", "key"]
    )
    op.create_index(
        "ix_vorgang_entry_direction",
        "vorgang_entry",
        ["vorgang_key", "direction", "message_key"],
        sqlite_where=_HAS_MESSAGE,
        postgresql_where=_HAS_MESSAGE,
    )
    _index_aktenzeichen("varchar_pattern_ops")
    for side in _SIDES:
        op.add_column(
            "delivery_order", sa.Column(side, sa.String(320), nullable=False, server_default="")
        )
        op.execute(
            f"UPDATE delivery_order SET {side} = (SELECT {side}_type || ':' || {side}_value "  # noqa: S608
            "FROM message WHERE message.key = delivery_order.message_key) WHERE state <> 'done'"
        )
        op.create_index(
            f"ix_delivery_order_{side}",
            "delivery_order",
            [side, "state", "key"],
            sqlite_where=_IS_ACTIVE,
            postgresql_where=_IS_ACTIVE,
        )


def downgrade() -> None:
    """Takes the change back."""
    for side in _SIDES:
        op.drop_index(f"ix_delivery_order_{side}", table_name="delivery_order")
        op.drop_column("delivery_order", side)
    _index_aktenzeichen("text_ops")
    op.drop_index("ix_vorgang_entry_direction", table_name="vorgang_entry")
    op.drop_index("ix_vorgang_rolle", table_name="vorgang")


def _index_aktenzeichen(operators: str) -> None:
    """What compares texts in the indexes: by their characters, or by the rules of a language."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, columns in _BY_AKTENZEICHEN.items():
        op.drop_index(f"ix_vorgang_{name}", table_name="vorgang")
        op.create_index(f"ix_vorgang_{name}", "vorgang", columns, postgresql_ops={name: operators})

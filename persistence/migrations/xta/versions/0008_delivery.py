"""Delivery orders have a destination, a lease with a token, and a history; destinations a state.

Orders that are still to be done are resolved when they are delivered.
"""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDER = sa.table(
    "delivery_order",
    sa.column("key"),
    sa.column("message_key"),
    sa.column("state"),
    sa.column("due"),
    sa.column("tried_since"),
    sa.column("destination_kind"),
)
_MESSAGE = sa.table("message", sa.column("key"), sa.column("state"))
_DESTINATIONS_BY_STATE = {
    "postfach": ("zugestellt", "abgeholt", "bestaetigt"),
    "brief": ("als-brief-ausgegeben", "test-beendet"),
}


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table("delivery_order") as batch:
        for column in (
            sa.Column("destination_kind", sa.String(16), nullable=False, server_default="offen"),
            sa.Column("destination_name", sa.String(255), nullable=False, server_default=""),
            sa.Column("is_redirected", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("tried_since", UtcDateTime(), nullable=True),
            sa.Column("lease_token", sa.String(32), nullable=False, server_default=""),
            sa.Column("held_by", sa.Text(), nullable=False, server_default=""),
            sa.Column("is_delay_told", sa.Boolean(), nullable=False, server_default=sa.false()),
        ):
            batch.add_column(column)
    _fill()
    with op.batch_alter_table("delivery_order") as batch:
        batch.alter_column("tried_since", existing_type=UtcDateTime(), nullable=False)
        batch.drop_constraint("uq_delivery_order_message_key", type_="unique")
        batch.create_unique_constraint(
            "uq_delivery_order_message_key", ["message_key", "destination_kind", "destination_name"]
        )
        batch.drop_index("ix_delivery_order_due")
        batch.create_index("ix_delivery_order_due", ["state", "due", "key"])
        batch.create_index(
            "ix_delivery_order_destination",
            ["destination_kind", "destination_name", "state", "due"],
        )
    _create_tables()


def _fill() -> None:
    op.execute(_ORDER.update().values(tried_since=_ORDER.c.due))
    for kind, states in _DESTINATIONS_BY_STATE.items():
        of_state = sa.select(_MESSAGE.c.key).where(_MESSAGE.c.state.in_(states))
        is_done = _ORDER.c.state == "done"
        op.execute(
            _ORDER.update()
            .where(is_done, _ORDER.c.message_key.in_(of_state))
            .values(destination_kind=kind)
        )


def _create_tables() -> None:
    op.create_table(
        "delivery_attempt",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("order_key", _KEY, nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_key"],
            ["delivery_order.key"],
            name=op.f("fk_delivery_attempt_order_key_delivery_order"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_delivery_attempt")),
    )
    op.create_index(op.f("ix_delivery_attempt_order_key"), "delivery_attempt", ["order_key"])
    op.create_table(
        "destination_state",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("open_until", UtcDateTime(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_destination_state")),
    )


def downgrade() -> None:
    """Takes the change back; of several orders of a message the first stays."""
    op.drop_table("destination_state")
    op.drop_table("delivery_attempt")
    first = sa.select(sa.func.min(_ORDER.c.key)).group_by(_ORDER.c.message_key)
    op.execute(_ORDER.delete().where(_ORDER.c.key.not_in(first)))
    op.execute(_ORDER.update().where(_ORDER.c.state == "held").values(state="due"))
    with op.batch_alter_table("delivery_order") as batch:
        batch.drop_index("ix_delivery_order_destination")
        batch.drop_index("ix_delivery_order_due")
        batch.create_index("ix_delivery_order_due", ["state", "due"])
        batch.drop_constraint("uq_delivery_order_message_key", type_="unique")
        batch.create_unique_constraint("uq_delivery_order_message_key", ["message_key"])
        for name in (
            "is_delay_told",
            "held_by",
            "lease_token",
            "tried_since",
            "is_redirected",
            "destination_name",
            "destination_kind",
        ):
            batch.drop_column(name)

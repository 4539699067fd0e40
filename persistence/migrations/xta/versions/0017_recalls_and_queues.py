"""Why a message that another data centre has is asked back; a queue of its own for forwarding."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ORDER = sa.table(
    "delivery_order", sa.column("destination_kind"), sa.column("is_forwarding", sa.Boolean())
)


def upgrade() -> None:
    """Applies the change: nothing is asked back yet."""
    op.add_column(
        "forwarded_message", sa.Column("recall_cause", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "delivery_order",
        sa.Column("is_forwarding", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    is_elsewhere = _ORDER.c.destination_kind == "rechenzentrum"
    op.execute(_ORDER.update().where(is_elsewhere).values(is_forwarding=True))
    op.drop_index("ix_delivery_order_due", "delivery_order")
    op.create_index(
        "ix_delivery_order_due", "delivery_order", ["state", "is_forwarding", "due", "key"]
    )


def downgrade() -> None:
    """Takes the change back: what was asked back may end without a letter."""
    op.drop_index("ix_delivery_order_due", "delivery_order")
    op.create_index("ix_delivery_order_due", "delivery_order", ["state", "due", "key"])
    op.drop_column("delivery_order", "is_forwarding")
    op.drop_column("forwarded_message", "recall_cause")

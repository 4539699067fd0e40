"""Lists of the Web-Client: the channel of a message, debtors of a Vorgang, who leads a mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.String(255).with_variant(sa.String(255, collation="C"), "postgresql")
_INDEXES = {
    "ix_message_outbox": ("message", ["author_mandant", "initial_send", "key"]),
    "ix_message_outbox_state": ("message", ["author_mandant", "state", "initial_send", "key"]),
    "ix_message_outbox_reader": (
        "message",
        ["author_mandant", "reader_value", "initial_send", "key"],
    ),
    "ix_message_outbox_kanal": ("message", ["author_mandant", "kanal", "initial_send", "key"]),
    "ix_vorgang_changed": ("vorgang", ["mandant_key", "changed", "key"]),
    "ix_vorgang_state": ("vorgang", ["mandant_key", "state", "changed", "key"]),
    "ix_vorgang_partner": ("vorgang", ["mandant_key", "partner_value", "changed", "key"]),
    "ix_vorgang_overdue": ("vorgang", ["mandant_key", "answer_is_stated", "answer_day"]),
}
# What is known of messages that were sent before: by their state, else by their orders.
_LETTERS = (
    "UPDATE message SET kanal = 'brief' WHERE state = 'als-brief-ausgegeben' OR key IN"
    " (SELECT message_key FROM delivery_order WHERE destination_kind = 'brief')"
)
_ELECTRONIC = (
    "UPDATE message SET kanal = 'elektronisch' WHERE kanal IS NULL AND state IN"
    " ('zugestellt', 'abgeholt', 'bestaetigt', 'weitergeleitet', 'anderswo-zugestellt',"
    " 'anderswo-beendet')"
)


def upgrade() -> None:
    """Applies the change. Debtors of older Vorgänge stay unknown: only their messages name them."""
    op.add_column("message", sa.Column("kanal", sa.String(16), nullable=True))
    op.execute(_LETTERS)
    op.execute(_ELECTRONIC)
    op.add_column(
        "mandant",
        sa.Column("is_mailbox_led_by_web", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column("vorgang", sa.Column("schuldner", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "vorgang_schuldner",
        sa.Column("vorgang_key", _KEY, nullable=False),
        sa.Column("name_folded", _NAME, nullable=False),
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["vorgang_key"],
            ["vorgang.key"],
            name=op.f("fk_vorgang_schuldner_vorgang_key_vorgang"),
        ),
        sa.ForeignKeyConstraint(
            ["mandant_key"],
            ["mandant.key"],
            name=op.f("fk_vorgang_schuldner_mandant_key_mandant"),
        ),
        sa.PrimaryKeyConstraint("vorgang_key", "name_folded", name=op.f("pk_vorgang_schuldner")),
    )
    op.create_index(
        "ix_vorgang_schuldner_name",
        "vorgang_schuldner",
        ["mandant_key", "name_folded", "vorgang_key"],
    )
    op.drop_index("ix_vorgang_changed", table_name="vorgang")
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Takes the change back."""
    for name, (table, _) in _INDEXES.items():
        op.drop_index(name, table_name=table)
    op.create_index("ix_vorgang_changed", "vorgang", ["mandant_key", "changed"])
    op.drop_table("vorgang_schuldner")
    op.drop_column("vorgang", "schuldner")
    op.drop_column("mandant", "is_mailbox_led_by_web")
    op.drop_column("message", "kanal")

"""Vorgänge and their history; what a message says to its Vorgang."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change."""
    op.add_column("message", sa.Column("facts", sa.JSON(none_as_null=True), nullable=True))
    _create_vorgang()
    _create_vorgang_entry()


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table("vorgang_entry")
    op.drop_table("vorgang")
    # Not in a batch: that would copy the table, to which others refer.
    op.drop_column("message", "facts")


def _create_vorgang() -> None:
    op.create_table(
        "vorgang",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("vorgang_id", sa.String(length=64), nullable=False),
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("rolle", sa.String(length=16), nullable=False),
        sa.Column("partner_value", sa.String(length=255), nullable=False),
        sa.Column("partner_type", sa.String(length=64), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("partner_category", sa.Text(), nullable=False),
        sa.Column("own_aktenzeichen", sa.String(length=255), nullable=False),
        sa.Column("partner_aktenzeichen", sa.String(length=255), nullable=False),
        sa.Column("process_requester", sa.String(length=255), nullable=False),
        sa.Column("process_responder", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("opened", UtcDateTime(), nullable=False),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.Column("answer_owed_by", sa.String(length=16), nullable=True),
        sa.Column("answer_day", sa.Date(), nullable=True),
        sa.Column("answer_is_stated", sa.Boolean(), nullable=False),
        sa.Column("is_reminded", sa.Boolean(), nullable=False),
        sa.Column("successor_value", sa.String(length=255), nullable=False),
        sa.Column("successor_type", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_vorgang_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vorgang")),
        sa.UniqueConstraint("vorgang_id", name=op.f("uq_vorgang_vorgang_id")),
    )
    for name, columns in (
        ("own_aktenzeichen", ["mandant_key", "own_aktenzeichen", "partner_value"]),
        ("partner_aktenzeichen", ["mandant_key", "partner_aktenzeichen"]),
        ("process_requester", ["mandant_key", "process_requester"]),
        ("process_responder", ["mandant_key", "process_responder"]),
        ("changed", ["mandant_key", "changed"]),
        ("answer", ["is_reminded", "answer_is_stated", "answer_day"]),
    ):
        op.create_index(f"ix_vorgang_{name}", "vorgang", columns)


def _create_vorgang_entry() -> None:
    op.create_table(
        "vorgang_entry",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("vorgang_key", _KEY, nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("message_key", _KEY, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vorgang_key"], ["vorgang.key"], name=op.f("fk_vorgang_entry_vorgang_key_vorgang")
        ),
        sa.ForeignKeyConstraint(
            ["message_key"], ["message.key"], name=op.f("fk_vorgang_entry_message_key_message")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vorgang_entry")),
    )
    for name in ("vorgang_key", "message_key"):
        op.create_index(op.f(f"ix_vorgang_entry_{name}"), "vorgang_entry", [name])

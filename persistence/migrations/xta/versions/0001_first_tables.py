"""First tables."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "mandant",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identifier_value", sa.String(length=255), nullable=False),
        sa.Column("identifier_type", sa.String(length=64), nullable=False),
        sa.Column("identifier_category", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("is_electronic", sa.Boolean(), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mandant")),
        sa.UniqueConstraint(
            "identifier_value", "identifier_type", name=op.f("uq_mandant_identifier_value")
        ),
    )
    op.create_table(
        "mailbox_request",
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column(
            "mandant_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_mailbox_request_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_mailbox_request")),
    )
    with op.batch_alter_table("mailbox_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailbox_request_expires"), ["expires"], unique=False)

    op.create_table(
        "mandant_certificate",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "mandant_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandant_key"],
            ["mandant.key"],
            name=op.f("fk_mandant_certificate_mandant_key_mandant"),
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_mandant_certificate")),
    )
    op.create_table(
        "message",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id_folded", sa.String(length=255), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column(
            "author_mandant", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "reader_mandant", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("author_value", sa.String(length=255), nullable=False),
        sa.Column("author_type", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_category", sa.Text(), nullable=False),
        sa.Column("reader_value", sa.String(length=255), nullable=False),
        sa.Column("reader_type", sa.String(length=64), nullable=False),
        sa.Column("reader_name", sa.Text(), nullable=False),
        sa.Column("reader_category", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("business_scenario", sa.Text(), nullable=False),
        sa.Column("message_type", sa.Text(), nullable=False),
        sa.Column("payload_schema", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("metadata_xml", sa.LargeBinary(), nullable=False),
        sa.Column("tokens_xml", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("origin", UtcDateTime(), nullable=False),
        sa.Column("initial_send", UtcDateTime(), nullable=True),
        sa.Column("delivery", UtcDateTime(), nullable=True),
        sa.Column("initial_fetch", UtcDateTime(), nullable=True),
        sa.Column("reception", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_mandant"], ["mandant.key"], name=op.f("fk_message_author_mandant_mandant")
        ),
        sa.ForeignKeyConstraint(
            ["reader_mandant"], ["mandant.key"], name=op.f("fk_message_reader_mandant_mandant")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id_folded", name=op.f("uq_message_message_id_folded")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_mailbox", ["reader_mandant", "state", "delivery", "key"], unique=False
        )

    op.create_table(
        "delivery_order",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "message_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"], ["message.key"], name=op.f("fk_delivery_order_message_key_message")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_delivery_order")),
        sa.UniqueConstraint("message_key", name=op.f("uq_delivery_order_message_key")),
    )
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_order_due", ["state", "due"], unique=False)

    op.create_table(
        "message_part",
        sa.Column(
            "message_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"], ["message.key"], name=op.f("fk_message_part_message_key_message")
        ),
        sa.PrimaryKeyConstraint("message_key", "position", name=op.f("pk_message_part")),
    )
    with op.batch_alter_table("message_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_part_sha256"), ["sha256"], unique=False)

    op.create_table(
        "report_entry",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "message_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"], ["message.key"], name=op.f("fk_report_entry_message_key_message")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_report_entry")),
    )
    with op.batch_alter_table("report_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_report_entry_message_key"), ["message_key"], unique=False
        )


def downgrade() -> None:
    """Takes the change back."""
    with op.batch_alter_table("report_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_entry_message_key"))

    op.drop_table("report_entry")
    with op.batch_alter_table("message_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_part_sha256"))

    op.drop_table("message_part")
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_order_due")

    op.drop_table("delivery_order")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_mailbox")

    op.drop_table("message")
    op.drop_table("mandant_certificate")
    with op.batch_alter_table("mailbox_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailbox_request_expires"))

    op.drop_table("mailbox_request")
    op.drop_table("mandant")

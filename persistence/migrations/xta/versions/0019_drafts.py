"""Drafts of Ersuchen, their attachments, and bank details that are known."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change: there are no drafts yet."""
    _create_drafts()
    _create_attachments()
    _create_bank_details()


def downgrade() -> None:
    """Takes the change back: drafts are lost, their contents are swept up."""
    for table in ("bank_details", "capture_choice", "draft_attachment", "draft"):
        op.drop_table(table)


def _create_drafts() -> None:
    op.create_table(
        "draft",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("draft_id", sa.String(length=36), nullable=False),
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("is_template", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("aktenzeichen", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("bank_user", _KEY, nullable=True),
        sa.Column("release_user", _KEY, nullable=True),
        sa.Column("release_name", sa.Text(), nullable=False, server_default=""),
        sa.Column("release_moment", UtcDateTime(), nullable=True),
        sa.Column("release_details", sa.Text(), nullable=False, server_default=""),
        _refer("draft", "mandant_key", "mandant"),
        _refer("draft", "bank_user", "web_user"),
        _refer("draft", "release_user", "web_user"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_draft")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_draft_draft_id")),
    )
    op.create_index("ix_draft_list", "draft", ["mandant_key", "is_template", "changed", "key"])


def _create_attachments() -> None:
    op.create_table(
        "draft_attachment",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("draft_key", _KEY, nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=False),
        sa.Column("art", sa.String(length=32), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        _refer("draft_attachment", "draft_key", "draft"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_draft_attachment")),
    )
    for column in ("draft_key", "blob"):
        op.create_index(op.f(f"ix_draft_attachment_{column}"), "draft_attachment", [column])


def _create_bank_details() -> None:
    op.create_table(
        "capture_choice",
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("releases_bank_details", sa.Boolean(), nullable=False, server_default=sa.false()),
        _refer("capture_choice", "mandant_key", "mandant"),
        sa.PrimaryKeyConstraint("mandant_key", name=op.f("pk_capture_choice")),
    )
    op.create_table(
        "bank_details",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("kontoinhaber", sa.Text(), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        _refer("bank_details", "mandant_key", "mandant"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bank_details")),
    )
    op.create_index("ix_bank_details_mandant_key", "bank_details", ["mandant_key", "iban"])


def _refer(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.key"], name=op.f(f"fk_{table}_{column}_{target}")
    )

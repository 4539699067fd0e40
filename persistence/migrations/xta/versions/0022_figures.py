"""Figures: claims of messages, what is to be counted, what was counted, and the sums."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MESSAGE_SUMS = (
    *("messages", "ersuchen", "claims", "cents"),
    *("fetched", "fetch_seconds", "closed", "close_seconds", "done", "done_seconds"),
)


def upgrade() -> None:
    """Applies the change: the worker counts the messages that are there already."""
    _create_claims()
    _create_counting()
    _create_sums()
    op.execute("INSERT INTO figure_lock (key) VALUES (1)")
    op.execute(
        "INSERT INTO figure_due (message_key) SELECT key FROM message WHERE NOT is_test ORDER BY 1"
    )


def downgrade() -> None:
    """Takes the change back: the sums are lost, and can be counted again."""
    for table in (
        *("figure_letter", "figure_cell", "figure_party"),
        *("figure_counted", "figure_lock", "figure_due", "message_claim"),
    ):
        op.drop_table(table)


def _create_claims() -> None:
    op.create_table(
        "message_claim",
        sa.Column("message_key", _KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("einnahmeart", sa.String(length=64), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        _to_message("message_claim"),
        sa.PrimaryKeyConstraint("message_key", "position", name=op.f("pk_message_claim")),
    )


def _create_counting() -> None:
    op.create_table(
        "figure_due",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("message_key", _KEY, nullable=False),
        _to_message("figure_due"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_figure_due")),
    )
    op.create_table(
        "figure_lock",
        sa.Column("key", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_figure_lock")),
    )
    op.create_table(
        "figure_counted",
        sa.Column("message_key", _KEY, nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        _to_message("figure_counted"),
        sa.PrimaryKeyConstraint("message_key", name=op.f("pk_figure_counted")),
    )


def _create_sums() -> None:
    op.create_table(
        "figure_party",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_figure_party")),
        sa.UniqueConstraint("value", "type", name=op.f("uq_figure_party_value")),
    )
    cell: tuple[sa.Column[Any], ...] = (
        sa.Column("mandant_key", sa.BigInteger(), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("partner_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("einnahmeart", sa.String(length=64), nullable=False),
    )
    _create_sum_table("figure_cell", cell, _MESSAGE_SUMS)
    letter: tuple[sa.Column[Any], ...] = (
        sa.Column("mandant_key", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cost_centre", sa.String(length=255), nullable=False),
        sa.Column("output", sa.String(length=64), nullable=False),
        sa.Column("product", sa.String(length=255), nullable=False),
        sa.Column("duplex", sa.Boolean(), nullable=False),
        sa.Column("colour", sa.Boolean(), nullable=False),
    )
    _create_sum_table("figure_letter", letter, ("letters", "pages", "sheets"))


def _create_sum_table(name: str, key: tuple[sa.Column[Any], ...], sums: tuple[str, ...]) -> None:
    op.create_table(
        name,
        *key,
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in sums),
        sa.PrimaryKeyConstraint(*(column.name for column in key), name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _to_message(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["message_key"], ["message.key"], name=op.f(f"fk_{table}_message_key_message")
    )

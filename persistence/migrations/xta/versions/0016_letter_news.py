"""What print outputs tell of letters, and what the directory has to learn of it."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "letter_news",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("letter_key", _KEY, nullable=False),
        sa.Column("progress", sa.String(length=16), nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.Column("learned", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("sheets", sa.Integer(), nullable=True),
        _refer("letter_news", "letter_key", "letter"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_letter_news")),
        sa.UniqueConstraint(
            "letter_key", "progress", "moment", name=op.f("uq_letter_news_letter_key")
        ),
    )
    op.create_table(
        "batch_news",
        sa.Column("batch_key", _KEY, nullable=False),
        sa.Column("asked", UtcDateTime(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("sheets", sa.Integer(), nullable=True),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.Column("difference_count", sa.Integer(), nullable=False),
        _refer("batch_news", "batch_key", "print_batch"),
        sa.PrimaryKeyConstraint("batch_key", name=op.f("pk_batch_news")),
    )
    op.create_table(
        "directory_doubt",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("letter_key", _KEY, nullable=False),
        sa.Column("party_value", sa.Text(), nullable=False),
        sa.Column("party_type", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=False),
        _refer("directory_doubt", "letter_key", "letter"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_directory_doubt")),
        sa.UniqueConstraint("letter_key", name=op.f("uq_directory_doubt_letter_key")),
    )
    op.create_index(op.f("ix_directory_doubt_due"), "directory_doubt", ["due"])


def _refer(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.key"], name=name)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table("directory_doubt")
    op.drop_table("batch_news")
    op.drop_table("letter_news")

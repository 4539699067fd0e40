"""Matters are listed by the channel of their Ersuchen."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_OF_ITS_ERSUCHEN = """
    UPDATE vorgang SET kanal = COALESCE((
        SELECT message.kanal FROM vorgang_entry
        JOIN message ON message.key = vorgang_entry.message_key
        WHERE vorgang_entry.vorgang_key = vorgang.key AND vorgang_entry.event = 'ersuchen'
        ORDER BY vorgang_entry.key DESC LIMIT 1
    ), '')
"""


def upgrade() -> None:
    """Applies the change: what is known of matters that are there comes from their messages."""
    op.add_column("vorgang", sa.Column("kanal", sa.String(32), nullable=False, server_default=""))
    op.execute(_OF_ITS_ERSUCHEN)
    op.create_index(
        "ix_vorgang_kanal",
        "vorgang",
        ["mandant_key", "kanal", "rolle", "state", "changed", "key"],
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index("ix_vorgang_kanal", table_name="vorgang")
    op.drop_column("vorgang", "kanal")

"""Secrets of the second factor are encrypted; attempts to sign in are counted by client address."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change; what is there is encrypted by `serve`, which has the key."""
    _change_type(sa.Text())
    op.create_table(
        "web_address",
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Float(), nullable=False),
        sa.Column("counted", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_web_address")),
    )
    op.create_index(op.f("ix_web_address_counted"), "web_address", ["counted"])


def downgrade() -> None:
    """Takes the change back. Encrypted secrets are of no use without it and are removed: their
    users sign in without second factor and set it up anew.
    """
    op.drop_table("web_address")
    op.execute("UPDATE web_user SET totp_secret = '', totp_step = 0 WHERE totp_secret LIKE 's1-%'")
    _change_type(sa.String(length=64))


def _change_type(new_type: sa.String) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("web_user", "totp_secret", type_=new_type, existing_server_default="")
        return
    # SQLite changes no type, and the table is not made anew while others refer to it.
    column = sa.Column("totp_new", new_type, nullable=False, server_default="")
    op.add_column("web_user", column)
    op.execute("UPDATE web_user SET totp_new = totp_secret")
    op.drop_column("web_user", "totp_secret")
    op.execute("ALTER TABLE web_user RENAME COLUMN totp_new TO totp_secret")

"""Messages to and from other data centres.

A message that another data centre forwarded has no author among the Mandanten. SQLite can change
a column only by making its table anew, which other tables refer to; that a column may be NULL
changes nothing in the rows, so there the text of the table is changed, as the documentation of
SQLite describes it for this case (lang_altertable, section 7).
"""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NULLABLE = "author_mandant INTEGER"
_REQUIRED = f"{_NULLABLE} NOT NULL"
_MESSAGE = sa.table("message", sa.column("author_mandant"))


def upgrade() -> None:
    """Applies the change."""
    _require_author(is_required=False)
    op.add_column(
        "message", sa.Column("author_centre", sa.String(64), nullable=False, server_default="")
    )
    op.add_column(
        "report_entry", sa.Column("centre", sa.String(64), nullable=False, server_default="")
    )
    op.add_column("report_entry", sa.Column("severity", sa.Integer(), nullable=True))
    op.create_table(
        "forwarded_message",
        sa.Column("message_key", _KEY, autoincrement=False, nullable=False),
        sa.Column("centre", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("management", sa.Text(), nullable=False),
        sa.Column("next_poll", UtcDateTime(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("heard", UtcDateTime(), nullable=False),
        sa.Column("is_silence_told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"], ["message.key"], name=op.f("fk_forwarded_message_message_key_message")
        ),
        sa.PrimaryKeyConstraint("message_key", name=op.f("pk_forwarded_message")),
    )
    op.create_index("ix_forwarded_message_due", "forwarded_message", ["next_poll"])


def downgrade() -> None:
    """Takes the change back; impossible while there are messages of other data centres."""
    foreign = sa.select(sa.func.count()).where(_MESSAGE.c.author_mandant.is_(None))
    if op.get_bind().scalar(foreign):
        raise ValueError("there are messages that other data centres have forwarded")
    op.drop_table("forwarded_message")
    for name in ("severity", "centre"):
        op.drop_column("report_entry", name)
    op.drop_column("message", "author_centre")
    _require_author(is_required=True)


def _require_author(*, is_required: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(
            "message", "author_mandant", existing_type=sa.BigInteger(), nullable=not is_required
        )
        return
    before, after = (_NULLABLE, _REQUIRED) if is_required else (_REQUIRED, _NULLABLE)
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?)"
        " WHERE type = 'table' AND name = 'message' AND instr(sql, ?)",
        (f"{before},", f"{after},", f"{before},"),
    )
    if changed.rowcount != 1:
        raise ValueError("the table message is not as migration 0001 made it")
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")

"""Participants are versioned like the other rows of the directory.

Those that were added one by one belong to no version.
"""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CURRENT = sa.text("version_to IS NULL")
_DATA = ("fingerprint", "name", "not_after")


def upgrade() -> None:
    """Applies the change."""
    rows = _take_rows()
    op.create_table(
        "participant",
        sa.Column("key", sa.Integer(), nullable=False),
        *_data_columns(),
        sa.Column("version_from", sa.Integer(), nullable=True),
        sa.Column("version_to", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["directory_version.key"],
                name=f"fk_participant_{column}_directory_version",
            )
            for column in ("version_from", "version_to")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_participant")),
    )
    for column in ("version_from", "version_to"):
        op.create_index(f"ix_participant_{column}", "participant", [column])
    op.create_index(
        "ix_participant_fingerprint",
        "participant",
        ["fingerprint"],
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    )
    _put_rows(rows)


def downgrade() -> None:
    """Takes the change back; what ended is forgotten."""
    rows = _take_rows("WHERE version_to IS NULL")
    op.create_table(
        "participant",
        *_data_columns(),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_participant")),
    )
    _put_rows(rows)


def _data_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=False),
    ]


def _take_rows(condition: str = "") -> list[dict[str, object]]:
    """The rows of the table, which is dropped: SQLite cannot change a primary key."""
    text = f"SELECT fingerprint, name, not_after FROM participant {condition}"  # noqa: S608
    query = sa.text(text).columns(not_after=UtcDateTime())
    rows = [dict(zip(_DATA, row, strict=True)) for row in op.get_bind().execute(query)]
    op.drop_table("participant")
    return rows


def _put_rows(rows: list[dict[str, object]]) -> None:
    if rows:
        op.bulk_insert(sa.table("participant", *_data_columns()), rows)

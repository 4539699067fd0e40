"""Drafts are found by debtor, Aktenzeichen and who changed them last."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LENGTH = 255
_NAME = sa.String(_LENGTH).with_variant(sa.String(_LENGTH, collation="C"), "postgresql")
_INDEXES = {
    "ix_draft_changed_by": ["mandant_key", "is_template", "changed_by", "changed", "key"],
    "ix_draft_aktenzeichen": ["mandant_key", "is_template", "aktenzeichen", "changed", "key"],
}


def upgrade() -> None:
    """Applies the change: the debtors of drafts that are there are read from what was typed."""
    op.create_table(
        "draft_schuldner",
        sa.Column("draft_key", _KEY, nullable=False),
        sa.Column("name_folded", _NAME, nullable=False),
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_key"], ["draft.key"], name=op.f("fk_draft_schuldner_draft_key_draft")
        ),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_draft_schuldner_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("draft_key", "name_folded", name=op.f("pk_draft_schuldner")),
    )
    op.create_index(
        "ix_draft_schuldner_name", "draft_schuldner", ["mandant_key", "name_folded", "draft_key"]
    )
    _collate_aktenzeichen('"C"')
    for name, columns in _INDEXES.items():
        op.create_index(name, "draft", columns)
    _read_names()


def downgrade() -> None:
    """Takes the change back."""
    for name in _INDEXES:
        op.drop_index(name, table_name="draft")
    op.drop_table("draft_schuldner")
    _collate_aktenzeichen('"default"')


def _collate_aktenzeichen(collation: str) -> None:
    """SQLite compares all texts by code points."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE draft ALTER COLUMN aktenzeichen TYPE TEXT COLLATE {collation}")


def _read_names() -> None:
    draft = sa.table(
        "draft", sa.column("key"), sa.column("mandant_key"), sa.column("content", sa.JSON())
    )
    names = sa.table(
        "draft_schuldner",
        *(sa.column(name) for name in ("draft_key", "name_folded", "mandant_key")),
    )
    connection = op.get_bind()
    rows = [
        {"draft_key": row.key, "mandant_key": row.mandant_key, "name_folded": name}
        for row in connection.execute(sa.select(draft))
        for name in sorted(_list_names(row.content))
    ]
    if rows:
        connection.execute(sa.insert(names), rows)


def _list_names(content: dict[str, Any]) -> set[str]:
    typed = content.get("schuldner", {}).get("schuldner") or ()
    return {name for row in typed if (name := _fold(row))}


def _fold(row: dict[str, Any]) -> str:
    """As the store folds names; signs that no database keeps are left out."""
    parts = ("firma",) if row.get("art") == "firma" else ("name", "vorname")
    name = ", ".join(filter(None, (str(row.get(part) or "") for part in parts)))
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(printable.casefold().split())[:_LENGTH]

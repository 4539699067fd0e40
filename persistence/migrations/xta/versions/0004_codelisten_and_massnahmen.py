"""Imported code lists; what Mandanten say of the catalogue of measures."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    _create_codelisten()
    _create_massnahmen()


def _create_codelisten() -> None:
    op.create_table(
        "codeliste",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uri", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("imported", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_codeliste")),
        sa.UniqueConstraint("revision", name=op.f("uq_codeliste_revision")),
        sa.UniqueConstraint("uri", "version", name=op.f("uq_codeliste_uri")),
    )
    op.create_table(
        "codeliste_entry",
        sa.Column(
            "codeliste_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["codeliste_key"],
            ["codeliste.key"],
            name=op.f("fk_codeliste_entry_codeliste_key_codeliste"),
        ),
        sa.PrimaryKeyConstraint("codeliste_key", "code", name=op.f("pk_codeliste_entry")),
    )


def _create_massnahmen() -> None:
    op.create_table(
        "massnahme_setting",
        sa.Column(
            "mandant_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("massnahme", sa.String(length=64), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_massnahme_setting_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("mandant_key", "massnahme", name=op.f("pk_massnahme_setting")),
    )
    op.create_table(
        "own_massnahme",
        sa.Column(
            "mandant_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("massnahme", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("legal_bases", sa.JSON(), nullable=False),
        sa.Column("angaben", sa.JSON(), nullable=False),
        sa.Column("laender", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_own_massnahme_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("mandant_key", "massnahme", name=op.f("pk_own_massnahme")),
    )


def downgrade() -> None:
    """Takes the change back."""
    for name in ("own_massnahme", "massnahme_setting", "codeliste_entry", "codeliste"):
        op.drop_table(name)

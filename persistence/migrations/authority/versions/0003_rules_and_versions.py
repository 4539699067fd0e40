"""Versions of the directory, rules for regions, and what an authority tells about itself.

Rules and certificates name an authority by its identifier, as its rows are versioned now. What
was there before becomes version 1.
"""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CURRENT = sa.text("version_to IS NULL")
_CLOSED = sa.text("version_to IS NOT NULL")


def upgrade() -> None:
    """Applies the change."""
    _create_versions()
    _create_regel()
    _create_ortsteil()
    op.execute(
        "INSERT INTO regel (anchor, land, kreis, ags, plz, ort, strasse, number_from, number_to,"
        " parity, einnahmearten, behoerde_value, behoerde_type, version_from)"
        " SELECT z.ags, '', '', z.ags, '', '', '', '', '', '', z.einnahmeart,"
        " b.identifier_value, b.identifier_type, 1"
        " FROM zustaendigkeit z JOIN behoerde b ON b.key = z.behoerde_key"
    )
    op.drop_table("zustaendigkeit")
    _name_behoerde_by_identifier()
    _extend_behoerde()
    _extend_gemeinde()


def _create_versions() -> None:
    op.create_table(
        "directory_version",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_directory_version")),
    )
    op.create_table(
        "directory_revision",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_directory_revision")),
    )
    op.execute("INSERT INTO directory_revision (key, revision) VALUES (1, 1)")
    op.execute(
        "INSERT INTO directory_version (created, source, state, summary)"
        " SELECT CURRENT_TIMESTAMP, 'Bestand', 'active', '{}'"
        " WHERE EXISTS (SELECT 1 FROM behoerde) OR EXISTS (SELECT 1 FROM gemeinde)"
    )


def _version_columns(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("version_from", sa.Integer(), nullable=False),
        sa.Column("version_to", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], ["directory_version.key"], name=f"fk_{table}_{column}_directory_version"
            )
            for column in ("version_from", "version_to")
        ),
    ]


def _create_version_indexes(table: str) -> None:
    op.create_index(f"ix_{table}_version_from", table, ["version_from"])
    op.create_index(
        f"ix_{table}_version_to",
        table,
        ["version_to"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )


def _create_current_index(name: str, table: str, columns: list[str], unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=_CURRENT, postgresql_where=_CURRENT
    )


def _create_regel() -> None:
    op.create_table(
        "regel",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column(
            "anchor",
            sa.String(length=600).with_variant(sa.String(600, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("land", sa.String(length=2), nullable=False),
        sa.Column("kreis", sa.String(length=5), nullable=False),
        sa.Column("ags", sa.String(length=8), nullable=False),
        sa.Column("plz", sa.String(length=5), nullable=False),
        sa.Column("ort", sa.String(length=255), nullable=False),
        sa.Column("strasse", sa.String(length=255), nullable=False),
        sa.Column("number_from", sa.String(length=16), nullable=False),
        sa.Column("number_to", sa.String(length=16), nullable=False),
        sa.Column("parity", sa.String(length=4), nullable=False),
        sa.Column("einnahmearten", sa.Text(), nullable=False),
        sa.Column("behoerde_value", sa.String(length=255), nullable=False),
        sa.Column("behoerde_type", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        *_version_columns("regel"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_regel")),
    )
    _create_version_indexes("regel")
    _create_current_index("ix_regel_anchor", "regel", ["anchor"])
    _create_current_index("ix_regel_behoerde", "regel", ["behoerde_value", "behoerde_type"])


def _create_ortsteil() -> None:
    op.create_table(
        "ortsteil",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("ags", sa.String(length=8), nullable=False),
        sa.Column("plz", sa.String(length=5), nullable=False),
        *_version_columns("ortsteil"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ortsteil")),
    )
    _create_version_indexes("ortsteil")


def _name_behoerde_by_identifier() -> None:
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("behoerde_value", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("behoerde_type", sa.String(length=64), nullable=True))
    for part in ("value", "type"):
        op.execute(
            f"UPDATE certificate SET behoerde_{part} = (SELECT b.identifier_{part}"  # noqa: S608
            " FROM behoerde b WHERE b.key = certificate.behoerde_key)"
        )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_behoerde_key")
        batch_op.drop_constraint("fk_certificate_behoerde_key_behoerde", type_="foreignkey")
        batch_op.drop_column("behoerde_key")
        batch_op.alter_column("behoerde_value", existing_type=sa.String(255), nullable=False)
        batch_op.alter_column("behoerde_type", existing_type=sa.String(64), nullable=False)
        batch_op.create_index("ix_certificate_behoerde", ["behoerde_value", "behoerde_type"])


def _extend_behoerde() -> None:
    with op.batch_alter_table("behoerde", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("state", sa.String(length=16), nullable=False, server_default="active")
        )
        batch_op.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("is_doubtful", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("doubt_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("iban", sa.String(length=34), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("einnahmearten", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("rechenzentrum", sa.String(length=255), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("contact", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.drop_constraint("uq_behoerde_identifier_value", type_="unique")
    _add_versions("behoerde")
    _create_current_index(
        "ix_behoerde_identifier", "behoerde", ["identifier_value", "identifier_type"], unique=True
    )
    _drop_defaults(
        "behoerde",
        "state",
        "is_doubtful",
        "doubt_reason",
        "iban",
        "einnahmearten",
        "rechenzentrum",
        "contact",
        "version_from",
    )


def _extend_gemeinde() -> None:
    with op.batch_alter_table("gemeinde", schema=None) as batch_op:
        batch_op.drop_index("ix_gemeinde_plz")
        batch_op.drop_column("ort_folded")
        batch_op.add_column(
            sa.Column("kreis", sa.String(length=255), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("is_deprecated", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    _add_versions("gemeinde")
    _create_current_index("ix_gemeinde_plz", "gemeinde", ["plz"])
    _create_current_index("ix_gemeinde_ags", "gemeinde", ["ags"])
    _drop_defaults("gemeinde", "kreis", "is_deprecated", "version_from")


def _add_versions(table: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("version_from", sa.Integer(), nullable=False, server_default="1")
        )
        batch_op.add_column(sa.Column("version_to", sa.Integer(), nullable=True))
        for column in ("version_from", "version_to"):
            batch_op.create_foreign_key(
                f"fk_{table}_{column}_directory_version", "directory_version", [column], ["key"]
            )
    _create_version_indexes(table)


def _drop_defaults(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    """Refuses: the older tables have no room for rules of other regions, nor for versions."""
    raise NotImplementedError("take a backup back instead")

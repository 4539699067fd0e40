"""Data centres, whom they serve, and client certificates with their holders."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    _create_data_centre()
    _create_mandant_service()
    _create_bound_certificate()


def downgrade() -> None:
    """Takes the change back."""
    for name in ("bound_certificate", "mandant_service", "data_centre_endpoint", "data_centre"):
        op.drop_table(name)


def _create_data_centre() -> None:
    op.create_table(
        "data_centre",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_data_centre")),
        sa.UniqueConstraint("name", name=op.f("uq_data_centre_name")),
    )
    op.create_table(
        "data_centre_endpoint",
        sa.Column("data_centre_key", sa.Integer(), nullable=False),
        sa.Column("port", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        _refer_to_centre("data_centre_endpoint"),
        sa.PrimaryKeyConstraint("data_centre_key", "port", name=op.f("pk_data_centre_endpoint")),
    )


def _create_mandant_service() -> None:
    op.create_table(
        "mandant_service",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("mandant_value", sa.String(length=255), nullable=False),
        sa.Column("mandant_type", sa.String(length=64), nullable=False),
        sa.Column("data_centre_key", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _refer_to_centre("mandant_service"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mandant_service")),
        sa.UniqueConstraint(
            "mandant_value",
            "mandant_type",
            "valid_from",
            name=op.f("uq_mandant_service_mandant_value"),
        ),
    )
    op.create_index(
        op.f("ix_mandant_service_data_centre_key"), "mandant_service", ["data_centre_key"]
    )


def _create_bound_certificate() -> None:
    op.create_table(
        "bound_certificate",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=False),
        sa.Column("accepted_until", UtcDateTime(), nullable=False),
        sa.Column("mandant_value", sa.String(length=255), nullable=False),
        sa.Column("mandant_type", sa.String(length=64), nullable=False),
        sa.Column("data_centre_key", sa.Integer(), nullable=True),
        sa.Column("registered", UtcDateTime(), nullable=False),
        sa.Column("revoked", UtcDateTime(), nullable=True),
        sa.Column("revocation_reason", sa.String(length=32), nullable=False),
        _refer_to_centre("bound_certificate"),
        sa.CheckConstraint(
            "(mandant_value <> '') <> (data_centre_key IS NOT NULL)",
            name=op.f("ck_bound_certificate_one_holder"),
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_bound_certificate")),
    )
    op.create_index(
        op.f("ix_bound_certificate_data_centre_key"), "bound_certificate", ["data_centre_key"]
    )
    op.create_index(
        "ix_bound_certificate_mandant", "bound_certificate", ["mandant_value", "mandant_type"]
    )


def _refer_to_centre(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["data_centre_key"],
        ["data_centre.key"],
        name=op.f(f"fk_{table}_data_centre_key_data_centre"),
    )

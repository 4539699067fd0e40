"""Administration in the Web-Client: certificates that are asked for, code lists to be confirmed."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_OPEN = sa.text("finished IS NULL")


def upgrade() -> None:
    """Applies the change: nothing is asked for, nothing waits."""
    _create_requests()
    _create_uploads()


def downgrade() -> None:
    """Takes the change back: what waits is to be asked for, or uploaded, again."""
    op.drop_table("codelist_upload")
    op.drop_table("certificate_request")


def _create_requests() -> None:
    op.create_table(
        "certificate_request",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("mandant_key", _KEY, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("csr", sa.LargeBinary(), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=False),
        sa.Column("overlap_days", sa.Integer(), nullable=True),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=True),
        sa.Column("finished", UtcDateTime(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_certificate_request")),
        sa.ForeignKeyConstraint(
            ["mandant_key"],
            ["mandant.key"],
            name=op.f("fk_certificate_request_mandant_key_mandant"),
        ),
    )
    op.create_index("ix_certificate_request_mandant", "certificate_request", ["mandant_key", "key"])
    op.create_index(
        "ix_certificate_request_open",
        "certificate_request",
        ["key"],
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )


def _create_uploads() -> None:
    op.create_table(
        "codelist_upload",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_key", _KEY, nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("token", "number", name=op.f("pk_codelist_upload")),
        sa.ForeignKeyConstraint(
            ["user_key"], ["web_user.key"], name=op.f("fk_codelist_upload_user_key_web_user")
        ),
    )
    op.create_index(op.f("ix_codelist_upload_created"), "codelist_upload", ["created"])

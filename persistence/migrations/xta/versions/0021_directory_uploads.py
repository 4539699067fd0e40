"""Files for the directory that wait for their confirmation."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Applies the change: nothing waits yet."""
    op.create_table(
        "directory_upload",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user_key", _KEY, nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.Column("encoding", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_directory_upload")),
        sa.ForeignKeyConstraint(
            ["user_key"], ["web_user.key"], name=op.f("fk_directory_upload_user_key_web_user")
        ),
    )
    op.create_index(op.f("ix_directory_upload_created"), "directory_upload", ["created"])
    op.create_table(
        "directory_upload_file",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token", "number", name=op.f("pk_directory_upload_file")),
        sa.ForeignKeyConstraint(
            ["token"],
            ["directory_upload.token"],
            name=op.f("fk_directory_upload_file_token_directory_upload"),
        ),
    )


def downgrade() -> None:
    """Takes the change back: what waits is to be uploaded again."""
    op.drop_table("directory_upload_file")
    op.drop_table("directory_upload")

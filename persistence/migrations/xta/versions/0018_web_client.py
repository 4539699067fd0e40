"""Users of the Web-Client, their sessions, the audit, and indexes for the inbox."""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITS = "state IN ('abgeholt', 'zugestellt')"
_SEEN = "state IN ('abgeholt', 'bestaetigt', 'verfallen', 'zugestellt', 'zurueckgegeben')"
_BY_AUTHOR = ["reader_mandant", "author_value", "delivery", "key"]
_INDEXES = {
    "ix_message_inbox": (["reader_mandant", "delivery", "key"], _SEEN),
    "ix_message_inbox_author": (_BY_AUTHOR, _SEEN),
    "ix_message_mailbox_author": (_BY_AUTHOR, _WAITS),
}
_REFUSAL = "web_audit is append only"


def upgrade() -> None:
    """Applies the change: there are no users yet."""
    _create_users()
    _create_sessions()
    _create_audit()
    for name, (columns, condition) in _INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "message", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Takes the change back: users and audit are lost."""
    for name in _INDEXES:
        op.drop_index(name, "message")
    for table in (
        "web_audit",
        "web_oidc_request",
        "web_session",
        "web_recovery_code",
        "web_user",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_audit()")


def _create_users() -> None:
    op.create_table(
        "web_user",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("mandant_key", _KEY, nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False, server_default=""),
        sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_locked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("blocked_until", UtcDateTime(), nullable=True),
        sa.Column("totp_secret", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("oidc_subject", sa.String(length=255), nullable=True),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("last_sign_in", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_web_user_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_web_user")),
        sa.UniqueConstraint("login", name=op.f("uq_web_user_login")),
        sa.UniqueConstraint("oidc_subject", name=op.f("uq_web_user_oidc_subject")),
    )
    op.create_index(op.f("ix_web_user_mandant_key"), "web_user", ["mandant_key"])
    op.create_table(
        "web_recovery_code",
        sa.Column("user_key", _KEY, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        _to_user("web_recovery_code"),
        sa.PrimaryKeyConstraint("user_key", "code_hash", name=op.f("pk_web_recovery_code")),
    )


def _create_sessions() -> None:
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_key", _KEY, nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("opened", UtcDateTime(), nullable=False),
        sa.Column("seen", UtcDateTime(), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        _to_user("web_session"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_user_key"), "web_session", ["user_key"])
    op.create_index(op.f("ix_web_session_expires"), "web_session", ["expires"])
    op.create_table(
        "web_oidc_request",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_verifier", sa.String(length=128), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_web_oidc_request")),
    )
    op.create_index(op.f("ix_web_oidc_request_expires"), "web_oidc_request", ["expires"])


def _create_audit() -> None:
    op.create_table(
        "web_audit",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("mandant_key", _KEY, nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandant_key"], ["mandant.key"], name=op.f("fk_web_audit_mandant_key_mandant")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_web_audit")),
    )
    op.create_index("ix_web_audit_mandant", "web_audit", ["mandant_key", "key"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER web_audit_append_only BEFORE UPDATE OR DELETE ON web_audit "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER web_audit_no_{change.lower()} BEFORE {change} ON web_audit "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def _to_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_key"], ["web_user.key"], name=op.f(f"fk_{table}_user_key_web_user")
    )

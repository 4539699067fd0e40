"""The tables of the Web-Client (users, sessions, audit), and the indexes of its inbox."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from persistence.tables import WAITS, Key, message, metadata
from persistence.types import UtcDateTime, only_where

web_user = Table(
    "web_user",
    metadata,
    Column("key", Key, primary_key=True),
    # Folded, so that nobody is there twice.
    Column("login", String(100), nullable=False, unique=True),
    Column("name", String(255), nullable=False),
    Column("email", String(255), nullable=False),
    Column("role", String(32), nullable=False),
    # NULL for the operator.
    Column("mandant_key", ForeignKey("mandant.key"), nullable=True, index=True),
    # Argon2id in its encoded form; empty where only OIDC signs in.
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    Column("is_locked", Boolean, nullable=False, server_default=false()),
    # Failed sign-ins in a row, and until when no further one is looked at.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("blocked_until", UtcDateTime, nullable=True),
    # Encrypted (persistence/blobs/sealing.py); empty where there is no second factor.
    Column("totp_secret", Text, nullable=False, server_default=""),
    # The last step whose code was used.
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    # The subject at the provider; NULL until the first sign-in by OIDC.
    Column("oidc_subject", String(255), nullable=True, unique=True),
    Column("created", UtcDateTime, nullable=False),
    Column("last_sign_in", UtcDateTime, nullable=True),
)

# Each helps once, where the second factor is lost.
web_recovery_code = Table(
    "web_recovery_code",
    metadata,
    Column("user_key", ForeignKey("web_user.key"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

# The token itself is with the browser only.
web_session = Table(
    "web_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_key", ForeignKey("web_user.key"), nullable=False, index=True),
    Column("stage", String(16), nullable=False),
    Column("opened", UtcDateTime, nullable=False),
    Column("seen", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False, index=True),
)

# A sign-in by OIDC that has begun and not come back yet.
web_oidc_request = Table(
    "web_oidc_request",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("nonce", String(64), nullable=False),
    Column("code_verifier", String(128), nullable=False),
    Column("expires", UtcDateTime, nullable=False, index=True),
)

# Failed sign-ins of a client address; `failures` as it was at `counted`, it falls with time.
web_address = Table(
    "web_address",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("failures", Float, nullable=False),
    Column("counted", UtcDateTime, nullable=False, index=True),
    Column("blocked_until", UtcDateTime, nullable=True),
)

# Rows are added, never changed or deleted: triggers of the migration see to it.
web_audit = Table(
    "web_audit",
    metadata,
    Column("key", Key, primary_key=True),
    Column("moment", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=True),
    Column("action", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    # Where it was written in the database of the directory first; each is taken over once.
    Column("origin", String(32), nullable=True),
    Index("ix_web_audit_mandant", "mandant_key", "key"),
    Index("ix_web_audit_origin", "origin", unique=True),
)

# What the reader of a message sees of it, whether it was confirmed or not.
SEEN = "state IN ('abgeholt', 'bestaetigt', 'verfallen', 'zugestellt', 'zurueckgegeben')"
_BY_AUTHOR = (
    message.c.reader_mandant,
    message.c.author_value,
    message.c.delivery,
    message.c.key,
)
Index(
    "ix_message_inbox",
    message.c.reader_mandant,
    message.c.delivery,
    message.c.key,
    **only_where(SEEN),
)
Index("ix_message_inbox_author", *_BY_AUTHOR, **only_where(SEEN))
Index("ix_message_mailbox_author", *_BY_AUTHOR, **only_where(WAITS))

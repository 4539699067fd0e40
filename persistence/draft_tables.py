"""The tables of capturing: drafts, their attachments, bank details that are known."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from persistence.tables import Key, metadata
from persistence.types import UtcDateTime
from persistence.vorgang_tables import NAME_LENGTH
from persistence.web_tables import web_user
from server.domain.draft import DraftState

# Compared by code points, so that a beginning is found by an index.
_CODE_POINTS = Text().with_variant(Text(collation="C"), "postgresql")
_LISTED = ("mandant_key", "is_template")

draft = Table(
    "draft",
    metadata,
    Column("key", Key, primary_key=True),
    Column("draft_id", String(36), nullable=False, unique=True),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Column("is_template", Boolean, nullable=False),
    Column("title", Text, nullable=False),
    Column("aktenzeichen", _CODE_POINTS, nullable=False),
    # What was typed, by step.
    Column("content", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("changed", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("message_id", String(255), nullable=False),
    # Who typed the bank details as they are; and who released which ones.
    Column("bank_user", ForeignKey(web_user.c.key), nullable=True),
    Column("release_user", ForeignKey(web_user.c.key), nullable=True),
    Column("release_name", Text, nullable=False, server_default=""),
    Column("release_moment", UtcDateTime, nullable=True),
    Column("release_details", Text, nullable=False, server_default=""),
    # What the last check found; empty where it found none.
    Column("state", String(32), nullable=False, server_default=DraftState.UNCHECKED.value),
    Column("asked_value", _CODE_POINTS, nullable=False, server_default=""),
    Column("asked_type", Text, nullable=False, server_default=""),
    Column("asked_name", Text, nullable=False, server_default=""),
    Column("kanal", String(32), nullable=False, server_default=""),
    Index("ix_draft_list", *_LISTED, "changed", "key"),
    Index("ix_draft_changed_by", *_LISTED, "changed_by", "changed", "key"),
    Index("ix_draft_aktenzeichen", *_LISTED, "aktenzeichen", "changed", "key"),
    Index("ix_draft_state", *_LISTED, "state", "changed", "key"),
    Index("ix_draft_asked", *_LISTED, "asked_value", "changed", "key"),
    Index("ix_draft_kanal", *_LISTED, "kanal", "changed", "key"),
)

# Whom a draft is about, by folded names: compared by their code points, as those of Vorgänge.
draft_schuldner = Table(
    "draft_schuldner",
    metadata,
    Column("draft_key", ForeignKey("draft.key"), primary_key=True),
    Column(
        "name_folded",
        String(NAME_LENGTH).with_variant(String(NAME_LENGTH, collation="C"), "postgresql"),
        primary_key=True,
    ),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Index("ix_draft_schuldner_name", "mandant_key", "name_folded", "draft_key"),
)

draft_attachment = Table(
    "draft_attachment",
    metadata,
    Column("key", Key, primary_key=True),
    Column("draft_key", ForeignKey("draft.key"), nullable=False, index=True),
    Column("filename", String(255), nullable=False),
    Column("content_type", String(255), nullable=False),
    Column("art", String(32), nullable=False),
    Column("hint", Text, nullable=False),
    Column("blob", Text, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
)

# What a Mandant chose for capturing.
capture_choice = Table(
    "capture_choice",
    metadata,
    Column("mandant_key", ForeignKey("mandant.key"), primary_key=True),
    Column("releases_bank_details", Boolean, nullable=False, server_default=false()),
)

# Accounts that the Mandant registered, or used in a message that was sent.
bank_details = Table(
    "bank_details",
    metadata,
    Column("key", Key, primary_key=True),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Column("kontoinhaber", Text, nullable=False),
    Column("iban", String(34), nullable=False),
    Column("bic", String(11), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("told_by", Text, nullable=False),
    Index("ix_bank_details_mandant_key", "mandant_key", "iban"),
)

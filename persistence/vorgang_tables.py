"""The tables of Vorgänge, their history and their debtors."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, String, Table, Text

from persistence.tables import Key, metadata
from persistence.types import UtcDateTime, only_where

# Of a debtor's name so many characters are kept for the search.
NAME_LENGTH = 255
# An index of PostgreSQL finds a beginning only where it does not sort by the rules of a language.
_FOR_BEGINNINGS = "varchar_pattern_ops"

# A matter as one Mandant has it; the other side has a row of its own.
vorgang = Table(
    "vorgang",
    metadata,
    Column("key", Key, primary_key=True),
    Column("vorgang_id", String(64), nullable=False, unique=True),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Column("rolle", String(16), nullable=False),
    Column("partner_value", String(255), nullable=False),
    Column("partner_type", String(64), nullable=False),
    Column("partner_name", Text, nullable=False),
    Column("partner_category", Text, nullable=False),
    Column("own_aktenzeichen", String(255), nullable=False),
    Column("partner_aktenzeichen", String(255), nullable=False),
    Column("process_requester", String(255), nullable=False),
    Column("process_responder", String(255), nullable=False),
    Column("state", String(32), nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("opened", UtcDateTime, nullable=False),
    Column("changed", UtcDateTime, nullable=False),
    Column("answer_owed_by", String(16), nullable=True),
    # The last day, where the question states it; else the first one.
    Column("answer_day", Date, nullable=True),
    Column("answer_is_stated", Boolean, nullable=False),
    Column("is_reminded", Boolean, nullable=False, default=False),
    Column("successor_value", String(255), nullable=False, default=""),
    Column("successor_type", String(64), nullable=False, default=""),
    # Names of the debtors, surname first.
    Column("schuldner", JSON, nullable=False, server_default="[]"),
    # The channel of its Ersuchen; empty until it is known.
    Column("kanal", String(32), nullable=False, server_default=""),
    Index(
        "ix_vorgang_own_aktenzeichen",
        *("mandant_key", "own_aktenzeichen", "partner_value"),
        postgresql_ops={"own_aktenzeichen": _FOR_BEGINNINGS},
    ),
    Index(
        "ix_vorgang_partner_aktenzeichen",
        *("mandant_key", "partner_aktenzeichen"),
        postgresql_ops={"partner_aktenzeichen": _FOR_BEGINNINGS},
    ),
    Index("ix_vorgang_process_requester", "mandant_key", "process_requester"),
    Index("ix_vorgang_process_responder", "mandant_key", "process_responder"),
    Index("ix_vorgang_changed", "mandant_key", "changed", "key"),
    Index("ix_vorgang_state", "mandant_key", "state", "changed", "key"),
    Index("ix_vorgang_rolle", "mandant_key", "rolle", "state", "changed", "key"),
    Index("ix_vorgang_kanal", "mandant_key", "kanal", "rolle", "state", "changed", "key"),
    Index("ix_vorgang_partner", "mandant_key", "partner_value", "changed", "key"),
    Index(
        "ix_vorgang_overdue",
        *("mandant_key", "rolle", "answer_owed_by", "answer_is_stated", "answer_day", "key"),
    ),
    Index("ix_vorgang_answer", "is_reminded", "answer_is_stated", "answer_day"),
)

# Whose matter it is, by folded names: compared by their code points, so that a beginning is found.
vorgang_schuldner = Table(
    "vorgang_schuldner",
    metadata,
    Column("vorgang_key", ForeignKey("vorgang.key"), primary_key=True),
    Column(
        "name_folded",
        String(NAME_LENGTH).with_variant(String(NAME_LENGTH, collation="C"), "postgresql"),
        primary_key=True,
    ),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Index("ix_vorgang_schuldner_name", "mandant_key", "name_folded", "vorgang_key"),
)

vorgang_entry = Table(
    "vorgang_entry",
    metadata,
    Column("key", Key, primary_key=True),
    Column("vorgang_key", ForeignKey("vorgang.key"), nullable=False, index=True),
    Column("moment", UtcDateTime, nullable=False),
    Column("direction", String(16), nullable=False),
    Column("event", String(32), nullable=False),
    Column("message_key", ForeignKey("message.key"), nullable=True, index=True),
    Column("state", String(32), nullable=False),
    Column("fits", Boolean, nullable=False),
    Column("hint", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index(
        "ix_vorgang_entry_direction",
        *("vorgang_key", "direction", "message_key"),
        **only_where("message_key IS NOT NULL"),
    ),
)

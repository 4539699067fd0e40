"""The tables of letters and their batches (docs/batches.md); `tables` has the others."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from persistence.tables import Key, metadata
from persistence.types import UtcDateTime, only_where

# Conditions of partial indexes, written as queries write them: else no database uses the index.
IS_READY = "state = 'ready'"
IS_UNTOLD = "is_told IS FALSE"


def _handling_columns() -> tuple[Column[Any], ...]:
    """How it is printed and posted; empty words leave it to the output."""
    return (
        Column("output", String(64), nullable=False),
        Column("duplex", Boolean, nullable=False),
        Column("colour", Boolean, nullable=False),
        Column("stock", String(255), nullable=False),
        Column("envelope", String(255), nullable=False),
        Column("product", String(255), nullable=False),
    )


print_batch = Table(
    "print_batch",
    metadata,
    Column("key", Key, primary_key=True),
    Column("batch_id", String(100), nullable=False, unique=True),
    *_handling_columns(),
    # NULL where nothing was waited for.
    Column("cut_off", UtcDateTime, nullable=True),
    Column("state", String(16), nullable=False),
    Column("letters", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sheets", Integer, nullable=False),
    Column("closed", UtcDateTime, nullable=False),
    Column("submitted", UtcDateTime, nullable=True),
    # What the output calls it.
    Column("reference", Text, nullable=False, server_default=""),
    # Written before the batch is handed over for the first time: a repeat brings the same.
    Column("ticket_xml", LargeBinary, nullable=True),
    Column("ticket_csv", LargeBinary, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("leased_until", UtcDateTime, nullable=True),
    Column("lease_token", String(32), nullable=False, server_default=""),
    Column("cause", Text, nullable=False, server_default=""),
    # Every letter follows the state of the batch.
    Column("is_told", Boolean, nullable=False, server_default=false()),
    # NULL where nothing is to be asked, or no end is set.
    Column("next_poll", UtcDateTime, nullable=True),
    Column("news_until", UtcDateTime, nullable=True),
    Index("ix_print_batch_due", "state", "due", "key"),
    Index("ix_print_batch_poll", "state", "next_poll", "key"),
    Index("ix_print_batch_untold", "key", **only_where(IS_UNTOLD)),
)

letter = Table(
    "letter",
    metadata,
    Column("key", Key, primary_key=True),
    Column("letter_id", String(100), nullable=False, unique=True),
    Column("message_key", ForeignKey("message.key"), nullable=False, index=True),
    Column("order_key", ForeignKey("delivery_order.key"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    *_handling_columns(),
    Column("cost_centre", String(255), nullable=False),
    # When its batch closes; NULL where it goes with the next one.
    Column("cut_off", UtcDateTime, nullable=True),
    Column("postal_code", String(16), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sheets", Integer, nullable=False),
    # The PDF as it goes out; once marks are drawn, the marked one.
    Column("is_marked", Boolean, nullable=False, server_default=false()),
    Column("blob", String(64), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    # What the job ticket says of it beside that.
    Column("details", JSON, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("batch_key", ForeignKey("print_batch.key"), nullable=True),
    Column("number", Integer, nullable=True),
    # Also the index for the letters of a batch in their order.
    UniqueConstraint("batch_key", "number"),
    Index("ix_letter_ready", "cut_off", "key", **only_where(IS_READY)),
    Index("ix_letter_batch_state", "batch_key", "state", "number"),
)

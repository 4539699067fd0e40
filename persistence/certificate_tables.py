"""The table of certificates that were asked for in the Web-Client."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from persistence.tables import Key, metadata
from persistence.types import UtcDateTime, only_where

IS_OPEN = "finished IS NULL"

# What the CA has still to sign, and what became of it. `der` is the certificate as soon as it is
# signed: what a crash interrupted goes on with it.
certificate_request = Table(
    "certificate_request",
    metadata,
    Column("key", Key, primary_key=True),
    Column("mandant_key", ForeignKey("mandant.key"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("csr", LargeBinary, nullable=False),
    Column("key_name", String(64), nullable=False),
    Column("overlap_days", Integer, nullable=True),
    Column("created", UtcDateTime, nullable=False),
    Column("der", LargeBinary, nullable=True),
    Column("finished", UtcDateTime, nullable=True),
    Column("fingerprint", String(64), nullable=False),
    Column("refusal", Text, nullable=False),
    Index("ix_certificate_request_mandant", "mandant_key", "key"),
    Index("ix_certificate_request_open", "key", **only_where(IS_OPEN)),
)

"""The tables of the Authority-Server. Migrations under `migrations/authority` make them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from persistence.types import NAMING_CONVENTION, UtcDateTime

metadata = MetaData(naming_convention=NAMING_CONVENTION)

behoerde = Table(
    "behoerde",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("identifier_value", String(255), nullable=False),
    Column("identifier_type", String(64), nullable=False),
    Column("identifier_category", String(255), nullable=False),
    Column("name", String(255), nullable=False),
    Column("strasse", String(255), nullable=False),
    Column("hausnummer", String(32), nullable=False),
    Column("plz", String(5), nullable=False),
    Column("ort", String(255), nullable=False),
    Column("kanal", String(16), nullable=False),
    UniqueConstraint("identifier_value", "identifier_type"),
)

gemeinde = Table(
    "gemeinde",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("ags", String(8), nullable=False),
    Column("plz", String(5), nullable=False),
    Column("ort", String(255), nullable=False),
    Column("ort_folded", String(255), nullable=False),
    Index("ix_gemeinde_plz", "plz", "ort_folded"),
)

zustaendigkeit = Table(
    "zustaendigkeit",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("ags", String(8), nullable=False, index=True),
    # An empty Einnahmeart stands for all of them.
    Column("einnahmeart", String(64), nullable=False),
    Column("behoerde_key", ForeignKey("behoerde.key"), nullable=False),
)

# Certificates for which others encrypt, in DER form.
certificate = Table(
    "certificate",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("behoerde_key", ForeignKey("behoerde.key"), nullable=False, index=True),
    Column("der", LargeBinary, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
)

participant = Table(
    "participant",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
)

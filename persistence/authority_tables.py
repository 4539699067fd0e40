"""The tables of the Authority-Server. Migrations under `migrations/authority` make them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
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

data_centre = Table(
    "data_centre",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("title", String(255), nullable=False),
)

# The URLs of its XTA ports; `port` is management, send or msgbox.
data_centre_endpoint = Table(
    "data_centre_endpoint",
    metadata,
    Column("data_centre_key", ForeignKey("data_centre.key"), primary_key=True),
    Column("port", String(16), primary_key=True),
    Column("url", Text, nullable=False),
)

# Which data centre serves a Mandant, by days; the last one is NULL where it is open.
mandant_service = Table(
    "mandant_service",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("mandant_value", String(255), nullable=False),
    Column("mandant_type", String(64), nullable=False),
    Column("data_centre_key", ForeignKey("data_centre.key"), nullable=False, index=True),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=True),
    UniqueConstraint("mandant_value", "mandant_type", "valid_from"),
)

# Client certificates, each bound to exactly one Mandant or data centre.
bound_certificate = Table(
    "bound_certificate",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("der", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    # In hex: it has up to 160 bits.
    Column("serial", String(64), nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
    # Earlier than its end where a newer one has replaced it.
    Column("accepted_until", UtcDateTime, nullable=False),
    Column("mandant_value", String(255), nullable=False),
    Column("mandant_type", String(64), nullable=False),
    Column("data_centre_key", ForeignKey("data_centre.key"), nullable=True, index=True),
    Column("registered", UtcDateTime, nullable=False),
    Column("revoked", UtcDateTime, nullable=True),
    Column("revocation_reason", String(32), nullable=False),
    CheckConstraint("(mandant_value <> '') <> (data_centre_key IS NOT NULL)", "one_holder"),
    Index("ix_bound_certificate_mandant", "mandant_value", "mandant_type"),
)

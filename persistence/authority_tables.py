"""The tables of the Authority-Server. Migrations under `migrations/authority` make them.

Rows of the directory are versioned: `version_from` is the import that brought a row, `version_to`
the one that replaced or ended it; a row without `version_to` is current.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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
    text,
)

from persistence.types import NAMING_CONVENTION, UtcDateTime

metadata = MetaData(naming_convention=NAMING_CONVENTION)

# Compared by bytes, so that a look-up may ask for all anchors that begin alike.
ANCHOR_TYPE = String(600).with_variant(String(600, collation="C"), "postgresql")
_CURRENT = text("version_to IS NULL")
_CLOSED = text("version_to IS NOT NULL")


def _version_columns(table: str) -> tuple[Column[int] | Index, ...]:
    return (
        Column("version_from", ForeignKey("directory_version.key"), nullable=False, index=True),
        Column("version_to", ForeignKey("directory_version.key")),
        # Without current rows: else a planner may take this index to find all of them.
        Index(
            f"ix_{table}_version_to",
            "version_to",
            sqlite_where=_CLOSED,
            postgresql_where=_CLOSED,
        ),
    )


def _current_index(name: str, *columns: str, unique: bool = False) -> Index:
    """An index over current rows only."""
    return Index(name, *columns, unique=unique, sqlite_where=_CURRENT, postgresql_where=_CURRENT)


directory_version = Table(
    "directory_version",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("created", UtcDateTime, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("summary", JSON, nullable=False),
)

# One row; its number grows with every change, so that processes know when to read anew.
directory_revision = Table(
    "directory_revision",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
)

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
    Column("state", String(16), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("is_doubtful", Boolean, nullable=False),
    Column("doubt_reason", Text, nullable=False),
    Column("iban", String(34), nullable=False),
    # Codes with spaces between them; empty: not told.
    Column("einnahmearten", Text, nullable=False),
    Column("rechenzentrum", String(255), nullable=False),
    Column("contact", JSON, nullable=False),
    *_version_columns("behoerde"),
    _current_index("ix_behoerde_identifier", "identifier_value", "identifier_type", unique=True),
)

gemeinde = Table(
    "gemeinde",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("ags", String(8), nullable=False),
    Column("plz", String(5), nullable=False),
    Column("ort", String(255), nullable=False),
    Column("kreis", String(255), nullable=False),
    Column("is_deprecated", Boolean, nullable=False),
    *_version_columns("gemeinde"),
    _current_index("ix_gemeinde_plz", "plz"),
    _current_index("ix_gemeinde_ags", "ags"),
)

# Names of parts of a Gemeinde and other names of it; an empty plz stands for all of its own.
ortsteil = Table(
    "ortsteil",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("ags", String(8), nullable=False),
    Column("plz", String(5), nullable=False),
    *_version_columns("ortsteil"),
)

regel = Table(
    "regel",
    metadata,
    Column("key", Integer, primary_key=True),
    # What a look-up finds the rule by (domain: Region.anchor).
    Column("anchor", ANCHOR_TYPE, nullable=False),
    Column("land", String(2), nullable=False),
    Column("kreis", String(5), nullable=False),
    Column("ags", String(8), nullable=False),
    Column("plz", String(5), nullable=False),
    Column("ort", String(255), nullable=False),
    Column("strasse", String(255), nullable=False),
    Column("number_from", String(16), nullable=False),
    Column("number_to", String(16), nullable=False),
    Column("parity", String(4), nullable=False),
    # Codes with spaces between them; empty: all Einnahmearten.
    Column("einnahmearten", Text, nullable=False),
    Column("behoerde_value", String(255), nullable=False),
    Column("behoerde_type", String(64), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    *_version_columns("regel"),
    _current_index("ix_regel_anchor", "anchor"),
    _current_index("ix_regel_behoerde", "behoerde_value", "behoerde_type"),
)

# Certificates for which others encrypt, in DER form.
certificate = Table(
    "certificate",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("behoerde_value", String(255), nullable=False),
    Column("behoerde_type", String(64), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
    Index("ix_certificate_behoerde", "behoerde_value", "behoerde_type"),
)

# Client certificates that may ask; those added one by one belong to no version.
participant = Table(
    "participant",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
    Column("version_from", ForeignKey("directory_version.key"), index=True),
    Column("version_to", ForeignKey("directory_version.key"), index=True),
    _current_index("ix_participant_fingerprint", "fingerprint", unique=True),
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

# Audit entries of changes to these tables, until the database of the XTA server has them.
pending_audit = Table(
    "pending_audit",
    metadata,
    Column("origin", String(32), primary_key=True),
    Column("moment", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("mandant_key", BigInteger, nullable=True),
    Column("action", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
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
    Column("mandant_value", String(255), nullable=False),
    Column("mandant_type", String(64), nullable=False),
    Column("data_centre_key", ForeignKey("data_centre.key"), nullable=True, index=True),
    Column("registered", UtcDateTime, nullable=False),
    Column("revoked", UtcDateTime, nullable=True),
    Column("revocation_reason", String(32), nullable=False),
    # Where a newer one has replaced it; else it counts until its end.
    Column("accepted_until", UtcDateTime, nullable=True),
    CheckConstraint("(mandant_value <> '') <> (data_centre_key IS NOT NULL)", "one_holder"),
    Index("ix_bound_certificate_mandant", "mandant_value", "mandant_type"),
)

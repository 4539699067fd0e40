"""The table of letterheads that authorities set in the Web-Client."""

from sqlalchemy import JSON, Column, ForeignKey, LargeBinary, String, Table, Text

from persistence.tables import metadata
from persistence.types import UtcDateTime

letterhead = Table(
    "letterhead",
    metadata,
    Column("mandant_key", ForeignKey("mandant.key"), primary_key=True),
    # New with every change: who holds an older one reads again.
    Column("revision", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("absenderzeile", Text, nullable=False),
    Column("zeilen", JSON, nullable=False),
    Column("vermerke", JSON, nullable=False),
    Column("fuss", JSON, nullable=False),
    # NULL where the logo of the installation stays.
    Column("logo_kind", String(8), nullable=True),
    Column("logo", LargeBinary, nullable=True),
    Column("changed", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
)

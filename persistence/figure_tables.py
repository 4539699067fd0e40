"""The tables of figures (docs/figures.md): what is to be counted, what was, and the sums."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from persistence.tables import Key, message, metadata

# The claims that an Ersuchen states, by Einnahmeart; read at the door.
message_claim = Table(
    "message_claim",
    metadata,
    Column("message_key", ForeignKey(message.c.key), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),
    Column("einnahmeart", String(64), nullable=False),
    Column("claims", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
)

# A message that is to be counted anew; written with each event, so it may stand there twice.
figure_due = Table(
    "figure_due",
    metadata,
    Column("key", Key, primary_key=True),
    Column("message_key", ForeignKey(message.c.key), nullable=False),
)

# One row: who has locked it counts.
figure_lock = Table("figure_lock", metadata, Column("key", Key, primary_key=True))

# What each message has added to the sums.
figure_counted = Table(
    "figure_counted",
    metadata,
    Column("message_key", ForeignKey(message.c.key), primary_key=True, autoincrement=False),
    Column("counted", JSON, nullable=False),
)

# Behoerden as the sums name them, with the name they had last.
figure_party = Table(
    "figure_party",
    metadata,
    Column("key", Key, primary_key=True),
    Column("value", String(255), nullable=False),
    Column("type", String(64), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("value", "type"),
)

# Sums of messages. No foreign keys: mandant_key 0 stands for all Mandanten. SQLite keeps the rows
# in the order of their key, which is that of the questions.
figure_cell = Table(
    "figure_cell",
    metadata,
    Column("mandant_key", BigInteger, primary_key=True, autoincrement=False),
    Column("span", String(8), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("direction", String(8), primary_key=True),
    Column("partner_key", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("state", String(32), primary_key=True),
    Column("einnahmeart", String(64), primary_key=True),
    *(
        Column(name, BigInteger, nullable=False)
        for name in (
            *("messages", "ersuchen", "claims", "cents"),
            *("fetched", "fetch_seconds", "closed", "close_seconds", "done", "done_seconds"),
        )
    ),
    sqlite_with_rowid=False,
)

# Sums of letters, by day; those of all Mandanten are added up when they are asked for.
figure_letter = Table(
    "figure_letter",
    metadata,
    Column("mandant_key", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("cost_centre", String(255), primary_key=True),
    Column("output", String(64), primary_key=True),
    Column("product", String(255), primary_key=True),
    Column("duplex", Boolean, primary_key=True),
    Column("colour", Boolean, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("letters", "pages", "sheets")),
    sqlite_with_rowid=False,
)

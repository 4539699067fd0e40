"""The tables of what print outputs tell of letters (docs/batches.md)."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from persistence.letter_tables import letter, print_batch
from persistence.tables import Key, metadata
from persistence.types import UtcDateTime

letter_news = Table(
    "letter_news",
    metadata,
    Column("key", Key, primary_key=True),
    Column("letter_key", ForeignKey(letter.c.key), nullable=False),
    Column("progress", String(16), nullable=False),
    # When it happened, as the output says, and when we learned it.
    Column("moment", UtcDateTime, nullable=False),
    Column("learned", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    # What the output counted; NULL where it does not tell.
    Column("pages", Integer, nullable=True),
    Column("sheets", Integer, nullable=True),
    # Also the index for the news of a letter.
    UniqueConstraint("letter_key", "progress", "moment"),
)

batch_news = Table(
    "batch_news",
    metadata,
    Column("batch_key", ForeignKey(print_batch.c.key), primary_key=True),
    # The last answer of the output; NULL as long as there was none.
    Column("asked", UtcDateTime, nullable=True),
    # Why there is none now; empty where there is.
    Column("cause", Text, nullable=False),
    # What the output counted in the whole batch; NULL where it does not tell.
    Column("letters", Integer, nullable=True),
    Column("pages", Integer, nullable=True),
    Column("sheets", Integer, nullable=True),
    # What of it does not agree, in German lines; empty where all does.
    Column("differences", Text, nullable=False),
    Column("difference_count", Integer, nullable=False),
    # How many of them nobody has acknowledged.
    Column("open_count", Integer, nullable=False, server_default=text("0")),
)

# Which differences of a batch an operator has acknowledged; the line says which.
difference_acknowledgement = Table(
    "difference_acknowledgement",
    metadata,
    Column("key", Key, primary_key=True),
    Column("batch_key", ForeignKey(print_batch.c.key), nullable=False, index=True),
    Column("line", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("moment", UtcDateTime, nullable=False),
)

# What the directory has still to learn: written with the news of a letter that came back.
directory_doubt = Table(
    "directory_doubt",
    metadata,
    Column("key", Key, primary_key=True),
    Column("letter_key", ForeignKey(letter.c.key), nullable=False, unique=True),
    Column("party_value", Text, nullable=False),
    Column("party_type", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("due", UtcDateTime, nullable=False, index=True),
)

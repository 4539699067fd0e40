"""Brings a database to the newest schema by Alembic migrations."""

from enum import StrEnum
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from persistence.engine import begin_reading, begin_writing, is_postgresql

# Any number: whoever migrates holds the advisory lock of this name, one for each database.
_MIGRATION_LOCK = 7_206_110_725


class DatabaseKind(StrEnum):
    """Which set of tables; the value names its folder below `migrations/`."""

    XTA = "xta"
    AUTHORITY = "authority"


def upgrade_schema(engine: Engine, kind: DatabaseKind) -> None:
    """Runs every migration that is still missing, in one transaction.

    Of several processes that do so at once one migrates; the others wait for it and find nothing
    left to do.
    """
    config = _make_config(kind)
    with begin_writing(engine) as connection:
        _lock_schema(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_schema_current(engine: Engine, kind: DatabaseKind) -> bool:
    """True where no migration is missing."""
    with begin_reading(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == _find_head(kind)


@cache
def _find_head(kind: DatabaseKind) -> str | None:
    """The newest migration; all their files are read for it, so once a process."""
    return ScriptDirectory.from_config(_make_config(kind)).get_current_head()


def _lock_schema(connection: Connection) -> None:
    """Until the transaction ends; on SQLite the transaction has the write lock anyway."""
    if is_postgresql(connection):
        # A migration may take long, and so may waiting for the one of another process.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK}
        )


def _make_config(kind: DatabaseKind) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations" / kind))
    return config

"""Brings a database to the newest schema by Alembic migrations."""

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from persistence.engine import begin_writing


class DatabaseKind(StrEnum):
    """Which set of tables; the value names its folder below `migrations/`."""

    XTA = "xta"
    AUTHORITY = "authority"


def upgrade_schema(engine: Engine, kind: DatabaseKind) -> None:
    """Runs every migration that is still missing, in one transaction."""
    config = _make_config(kind)
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_schema_current(engine: Engine, kind: DatabaseKind) -> bool:
    """True where no migration is missing."""
    script = ScriptDirectory.from_config(_make_config(kind))
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == script.get_current_head()


def _make_config(kind: DatabaseKind) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations" / kind))
    return config

"""What commands need of an installation: its settings, its database, and an end with a reason."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current
from server.running.installation_check import find_installation_problems
from server.settings import Settings
from server.settings_file import SettingsError, load_settings

CONFIG = click.option(
    "--config",
    "config",
    required=True,
    type=click.Path(path_type=Path),
    help="Einstellungsdatei (damtshilfe.toml).",
)


def load(config: Path) -> Settings:
    """The settings; ends the command with all that is wrong with them."""
    try:
        return load_settings(config)
    except SettingsError as error:
        fail([f"{error.source}: {problem}" for problem in error.problems])


@contextmanager
def open_database(config: Path) -> Iterator[Database]:
    """The database of the XTA server, where the installation is in order and its tables are new."""
    settings = load(config)
    fail_if(find_installation_problems(settings, now()))
    database = Database(make_engine(settings.database.url))
    try:
        if not is_schema_current(database.engine, DatabaseKind.XTA):
            fail(["Der Datenbank fehlen Migrationen; „damtshilfe serve“ holt sie beim Start nach."])
        yield database
    finally:
        database.engine.dispose()


@contextmanager
def open_directory(config: Path) -> Iterator[AuthorityDatabase]:
    """The database of the Authority-Server, where the installation is in order."""
    settings = load(config)
    fail_if(find_installation_problems(settings, now()))
    directory = AuthorityDatabase(make_engine(settings.authority_server.database_url))
    try:
        if not is_schema_current(directory.engine, DatabaseKind.AUTHORITY):
            fail(
                ["Dem Verzeichnis fehlen Migrationen; „damtshilfe serve“ holt sie beim Start nach."]
            )
        yield directory
    finally:
        directory.engine.dispose()


def now() -> datetime:
    """The current moment."""
    return datetime.now(UTC)


def fail_if(problems: Iterable[str]) -> None:
    """Ends the command where there are problems."""
    found = list(problems)
    if found:
        fail(found)


def fail(problems: Iterable[str]) -> NoReturn:
    """Tells every problem and ends the command."""
    for problem in problems:
        click.echo(f"Fehler: {problem}", err=True)
    sys.exit(1)

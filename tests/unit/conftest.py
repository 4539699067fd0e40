"""Real stores in a real database, and a clock that stands still until it is moved.

The database is a file of SQLite. Tests with the mark `both_databases` run a second time on
PostgreSQL, where one can be started.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from server.domain.behoerde import PartyIdentifier
from server.domain.mandant import Caller
from server.services.codelisten import Codelisten
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.message_rules import MessageRules
from server.services.standard_massnahmen import read_standard_massnahmen
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.postgres import Cluster

NewEngine = Callable[..., Engine]


class Backend(StrEnum):
    """Where a test keeps its rows."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgres"


class FixedClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    is_marked = metafunc.definition.get_closest_marker("both_databases")
    marks = metafunc.definition.iter_markers("parametrize")
    has_own = any(mark.args[0] == "backend" for mark in marks)
    if is_marked and "backend" in metafunc.fixturenames and not has_own:
        metafunc.parametrize("backend", list(Backend), indirect=True, ids=str)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Backend:
    """SQLite, or what the mark `both_databases` asks for."""
    return getattr(request, "param", Backend.SQLITE)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[DatabaseKind], Path]:
    """Files that have the tables already."""
    folder = tmp_path_factory.mktemp("vorlagen")

    @cache
    def make(kind: DatabaseKind) -> Path:
        engine = make_engine(f"sqlite:///{folder}/{kind}.sqlite")
        upgrade_schema(engine, kind)
        # The last connection takes what is in the log into the file.
        engine.dispose()
        return folder / f"{kind}.sqlite"

    return make


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> Callable[[DatabaseKind], str]:
    """Names of databases that have the tables already; copying one is fast."""

    @cache
    def make(kind: DatabaseKind) -> str:
        engine = make_engine(postgres.create_database(f"template_{kind}"))
        upgrade_schema(engine, kind)
        engine.dispose()
        return f"template_{kind}"

    return make


@pytest.fixture
def new_engine(
    backend: Backend, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[NewEngine]:
    """Makes engines, each for a database of its own: with tables, or empty without a kind."""
    made: list[Engine] = []

    def make_url(kind: DatabaseKind | None) -> str:
        template = request.getfixturevalue(f"{backend}_template")(kind) if kind else None
        if backend is Backend.POSTGRESQL:
            make_database = request.getfixturevalue("make_postgres_database")
            return str(make_database(template) if template else make_database())
        path = tmp_path / "daten" / f"{len(made)}.sqlite"
        path.parent.mkdir(exist_ok=True)
        if template:
            shutil.copy(template, path)
        return f"sqlite:///{path}"

    def make(kind: DatabaseKind | None = None) -> Engine:
        engine = make_engine(make_url(kind), connections=16)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.dispose()


@pytest.fixture
def database(new_engine: NewEngine) -> Database:
    """An empty database of the XTA server."""
    return Database(new_engine(DatabaseKind.XTA))


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "inhalte")


def add_caller(
    database: Database, name: str, clock: FixedClock, is_electronic: bool = True
) -> Caller:
    """A Mandant with a certificate that is valid for a year."""
    fingerprint = name.encode().hex().ljust(64, "0")
    with database.writing() as stores:
        key = stores.mandanten.add(PartyIdentifier(f"ags:{name}", "xoev"), name, is_electronic)
        not_after = clock.now + timedelta(days=365)
        stores.mandanten.bind_certificate(key, fingerprint, f"CN={name}", not_after)
        caller = stores.mandanten.find_caller(fingerprint)
    assert caller is not None
    return caller


@pytest.fixture
def author(database: Database, clock: FixedClock) -> Caller:
    return add_caller(database, "potsdam", clock)


@pytest.fixture
def reader(database: Database, clock: FixedClock) -> Caller:
    return add_caller(database, "jena", clock)


def make_rules(database: Database, clock: FixedClock) -> MessageRules:
    """The rules with the shipped code lists and the standard catalogue."""
    return MessageRules(
        Codelisten(database, clock, read_shipped_codelisten()),
        Massnahmenkataloge(database, read_standard_massnahmen()),
    )


@pytest.fixture
def rules(database: Database, clock: FixedClock) -> MessageRules:
    return make_rules(database, clock)

"""Real stores on a real SQLite file, and a clock that stands still until it is moved."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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

pytest.register_assert_rewrite("server.printing.plugin_contract")


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


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database of the XTA server."""
    made = Database(make_engine(f"sqlite:///{tmp_path}/daten/test.sqlite"))
    upgrade_schema(made.engine, DatabaseKind.XTA)
    yield made
    made.engine.dispose()


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

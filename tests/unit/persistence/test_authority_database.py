"""The directory on a real SQLite file."""

from datetime import UTC, datetime, timedelta

import pytest

from persistence.authority_database import AuthorityDatabase
from persistence.schema import DatabaseKind
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.eintrag import Eintrag
from tests.unit.conftest import NewEngine

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JENA = PartyIdentifier("ags:16053000", "xoev")


@pytest.fixture
def directory(new_engine: NewEngine) -> AuthorityDatabase:
    """A directory that knows Jena."""
    made = AuthorityDatabase(new_engine(DatabaseKind.AUTHORITY))
    with made.writing() as store:
        anschrift = Anschrift("Saalstraße", "17", "07743", "Jena")
        behoerde = Behoerde(JENA, "Stadt Jena", anschrift, Kanal.ELEKTRONISCH)
        store.behoerden.add(Eintrag(behoerde), store.versions.open("Test", NOW))
    return made


def test_list_certificates_only_valid_ones_newest_first(directory: AuthorityDatabase) -> None:
    year, day = timedelta(days=365), timedelta(days=1)
    with directory.writing() as store:
        store.behoerden.add_certificate(JENA, b"ended", NOW - year, NOW - day)
        store.behoerden.add_certificate(JENA, b"old", NOW - day * 30, NOW + day)
        store.behoerden.add_certificate(JENA, b"new", NOW - day, NOW + year)
        store.behoerden.add_certificate(JENA, b"future", NOW + day, NOW + year)
    with directory.reading() as store:
        assert store.behoerden.list_certificates(JENA, NOW) == (b"new", b"old")
        assert store.behoerden.list_certificates(PartyIdentifier("ags:0", "xoev"), NOW) == ()

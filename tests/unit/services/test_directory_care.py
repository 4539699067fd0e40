"""Marks of doubt come, are replaced, and go."""

import pytest

from persistence.authority_database import AuthorityDatabase
from persistence.schema import DatabaseKind
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.eintrag import Eintrag
from server.services.directory_care import DirectoryCare
from tests.unit.conftest import FixedClock, NewEngine

pytestmark = pytest.mark.both_databases

JENA = PartyIdentifier("ags:16053000", "xoev")
NOBODY = PartyIdentifier("ags:0", "xoev")


@pytest.fixture
def care(new_engine: NewEngine, clock: FixedClock) -> DirectoryCare:
    database = AuthorityDatabase(new_engine(DatabaseKind.AUTHORITY))
    with database.writing() as store:
        anschrift = Anschrift("Saalstraße", "17", "07743", "Jena")
        behoerde = Behoerde(JENA, "Stadt Jena", anschrift, Kanal.BRIEF)
        store.behoerden.add(Eintrag(behoerde), store.versions.open("Test", clock()))
    return DirectoryCare(database, clock)


def find_doubt(care: DirectoryCare) -> tuple[bool, str]:
    found = care.find(JENA)
    assert found is not None
    return found.is_doubtful, found.doubt_reason


def test_report_doubt_newest_reason_counts_until_it_is_cleared(care: DirectoryCare) -> None:
    assert find_doubt(care) == (False, "")
    assert care.report_doubt(JENA, "Der Brief\nkam zurück.", "RZ Süd")
    assert find_doubt(care) == (True, "23.11.2026, RZ Süd: Der Brief kam zurück.")
    assert care.report_doubt(JENA, "Kein Postfach.", "RZ Nord")
    assert find_doubt(care) == (True, "23.11.2026, RZ Nord: Kein Postfach.")
    assert care.clear_doubt(JENA)
    assert find_doubt(care) == (False, "")
    assert not care.clear_doubt(JENA)


def test_report_doubt_about_nobody_is_said(care: DirectoryCare) -> None:
    assert not care.report_doubt(NOBODY, "Kein Postfach.", "RZ Süd")
    assert not care.clear_doubt(NOBODY)
    assert [item.is_doubtful for item in care.list_all()] == [False]

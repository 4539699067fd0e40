"""Registration: every mistake at once, and no answer before the confirmation."""

from datetime import date
from pathlib import Path

import pytest

from persistence.authority_database import AuthorityDatabase
from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.eintrag import EintragState
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.authority import Authority
from server.services.directory_cache import DirectoryCache
from server.services.directory_data.importing import DirectoryImport
from server.services.directory_data.registration import Registration, RegistrationRefused
from server.services.directory_data.registration_file import (
    RegistrationUnreadable,
    read_registration,
)
from server.services.directory_data.versions import DirectoryVersions
from server.services.zustaendigkeit import ZustaendigkeitFinder
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.unit.conftest import FixedClock
from tests.unit.services.directory_data.conftest import Write

pytestmark = pytest.mark.both_databases

WEIMAR = PartyIdentifier("ags:16053999", "xoev")
VALUES = {
    "kennung": WEIMAR.value,
    "name": "Kasse Nord",
    "strasse": "Saalstraße",
    "hausnummer": "1",
    "plz": "07743",
    "ort": "Jena",
    "kanal": "brief",
    "iban": "DE89 3704 0044 0532 0130 00",
    "einnahmearten": "bussgeld hundesteuer",
    "kontakte": "Eva Beispiel; 03641 1; eva@example.org",
}


@pytest.fixture
def registration(directory: AuthorityDatabase, clock: FixedClock) -> Registration:
    return Registration(directory, clock, read_shipped_codelisten(), 85)


@pytest.mark.usefixtures("filled")
def test_register_is_no_answer_before_it_is_confirmed(
    registration: Registration,
    directory: AuthorityDatabase,
    job: DirectoryImport,
    read: Write,
    clock: FixedClock,
) -> None:
    eintrag = registration.register(VALUES)
    assert eintrag.state is EintragState.REGISTERED
    assert eintrag.iban == "DE89370400440532013000"
    job.run(read(f"ags;einnahmearten;behoerde\n16053000;bussgeld;{WEIMAR.value}\n"))
    cache = DirectoryCache(directory, 85, ())
    authority = Authority(directory, ZustaendigkeitFinder(directory, cache), clock)
    anfrage = ZustaendigkeitAnfrage("bussgeld", Anschrift("Saalstraße", "1", "07743", "Jena"))
    assert authority.find_behoerde(WEIMAR) is None
    assert WEIMAR.value not in {
        item.identifier.value for item in authority.find_zustaendigkeit(anfrage).behoerde_list
    }
    registration.confirm(WEIMAR)
    fresh = DirectoryCache(directory, 85, ())
    authority = Authority(directory, ZustaendigkeitFinder(directory, fresh), clock)
    found = authority.find_behoerde(WEIMAR)
    assert found is not None
    (answer,) = authority.find_zustaendigkeit(anfrage).behoerde_list
    assert answer.identifier.value == WEIMAR.value
    with pytest.raises(RegistrationRefused, match="schon bestätigt"):
        registration.confirm(WEIMAR)


@pytest.mark.usefixtures("filled")
def test_register_all_mistakes_are_told_together(registration: Registration) -> None:
    values = {
        **VALUES,
        "kennung": "ags:1",
        "name": "",
        "strasse": "Saal\0straße",
        "plz": "7",
        "kanal": "elektronisch",
        "iban": "DE00",
        "einnahmearten": "bussgeld erfunden",
        "kontakte": "Eva Beispiel",
    }
    with pytest.raises(RegistrationRefused) as caught:
        registration.register(values)
    fields = [problem.partition(":")[0] for problem in caught.value.problems]
    assert sorted(fields) == [
        "einnahmearten",
        "iban",
        "kennung",
        "kontakte",
        "name",
        "plz",
        "rechenzentrum",
        "strasse",
    ]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("missing", ["iban", "einnahmearten", "kontakte", "ort", "kanal"])
def test_register_missing_field_is_refused(registration: Registration, missing: str) -> None:
    values = {name: value for name, value in VALUES.items() if name != missing}
    with pytest.raises(RegistrationRefused) as caught:
        registration.register(values)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [missing]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("ort", ["Potsdam", "Nirgendwo"])
def test_register_address_that_the_directory_does_not_know_needs_a_word(
    registration: Registration, ort: str
) -> None:
    values = {**VALUES, "ort": ort}
    with pytest.raises(RegistrationRefused, match=f"07743 {ort} kennt das Verzeichnis nicht"):
        registration.register(values)
    assert registration.register(values, accepts_address=True).behoerde.anschrift.ort == ort


@pytest.mark.usefixtures("filled")
def test_register_again_replaces_until_confirmed(
    registration: Registration, directory: AuthorityDatabase
) -> None:
    registration.register(VALUES)
    registration.register({**VALUES, "name": "Kasse Süd"})
    with directory.reading() as store:
        eintrag = store.behoerden.find(WEIMAR)
    assert eintrag is not None
    assert eintrag.behoerde.name == "Kasse Süd"
    registration.confirm(WEIMAR)
    with pytest.raises(RegistrationRefused, match="schon eingetragen"):
        registration.register(VALUES)
    DirectoryVersions(directory).roll_back(3)
    with directory.reading() as store:
        eintrag = store.behoerden.find(WEIMAR)
    assert eintrag is not None
    assert eintrag.behoerde.name == "Kasse Nord"
    assert not eintrag.is_valid_on(date(2026, 11, 24))


def test_confirm_of_nobody_is_refused(registration: Registration) -> None:
    with pytest.raises(RegistrationRefused, match="nicht registriert"):
        registration.confirm(WEIMAR)


def test_read_registration_gives_fields_of_columns() -> None:
    content = (
        'kennung = "ags:16053999"\nname = "Kasse"\neinnahmearten = ["bussgeld", "hundesteuer"]\n'
        "gueltig_von = 2026-01-01\n"
        '[[kontakt]]\nname = "Eva Beispiel"\nemail = "eva@example.org"\n'
        '[[kontakt]]\nname = "Max Muster"\ntelefon = "1"\n'
    )
    assert read_registration(content.encode()) == {
        "kennung": "ags:16053999",
        "name": "Kasse",
        "einnahmearten": "bussgeld hundesteuer",
        "gueltig_von": "2026-01-01",
        "kontakte": "Eva Beispiel;;eva@example.org; | Max Muster;1;;",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name = ", "Kein gültiges TOML"),
        (b"name = '\xfc'", "Kein gültiges TOML"),
        (b"plz = 7743", "plz: Text erwartet"),
        (b"status = 'aktiv'", "status: diesen Schlüssel gibt es nicht"),
        (b"kontakt = 'Eva'", r"\[\[kontakt\]\] erwartet"),
        (b"[[kontakt]]\nfax = '1'", "kontakt 1: fax gibt es nicht"),
        (b"[[kontakt]]\nname = 'Eva; Max'", "kontakt 1: name muss Text ohne ; und | sein"),
    ],
)
def test_read_registration_what_is_none_is_told(content: bytes, words: str) -> None:
    with pytest.raises(RegistrationUnreadable) as caught:
        read_registration(content)
    assert any(words.replace("\\", "") in problem for problem in caught.value.problems)


@pytest.mark.usefixtures("filled")
def test_documented_registration_is_taken(registration: Registration) -> None:
    text = (Path(__file__).resolve().parents[4] / "docs" / "directory.md").read_text("utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    eintrag = registration.register(read_registration(example.encode()))
    assert eintrag.contact[0]["name"] == "Eva Beispiel"
    assert eintrag.rechenzentrum == "RZ Süd"

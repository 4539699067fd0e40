"""The pages by which an authority cares for itself: its own things alone, each change told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from server.domain.eintrag import Eintrag
from server.domain.fallback import FallbackAction, FallbackRules
from server.domain.mandant import Caller
from server.domain.print_settings import PrintChoice
from server.domain.rights import Role
from tests.support.audit import list_audit
from tests.support.directory import fill_directory, make_behoerde, open_directory
from tests.support.web import Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock

AUTHORITY = "/behoerde"
FALLBACKS = f"{AUTHORITY}/ersatzwege"
PRINT = f"{AUTHORITY}/druck"
CERTIFICATES = f"{AUTHORITY}/zertifikate"
MEASURES = "/massnahmen"
KEY = "vermoegensauskunft"
MEASURE = f"{MEASURES}/{KEY}"

MakeSite = Callable[..., WebSite]


@pytest.fixture
def directory(tmp_path: Path) -> AuthorityDatabase:
    return open_directory(tmp_path / "verzeichnis.sqlite")


@pytest.fixture
def make(database: Database, clock: FixedClock, tmp_path: Path) -> MakeSite:
    """Sites whose directory is looked for beside the other files of the test."""
    authority = {"database_url": f"sqlite:///{tmp_path}/verzeichnis.sqlite"}

    def make_one(**sections: Any) -> WebSite:
        return make_site(database, clock, sections={"authority_server": authority, **sections})

    return make_one


@pytest.fixture
def site(make: MakeSite) -> WebSite:
    return make()


@pytest.fixture
def administrator(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.ADMINISTRATOR, author.mandant.key, "anna")


def test_entry_of_the_directory_is_shown(
    directory: AuthorityDatabase, administrator: Browser, author: Caller
) -> None:
    behoerde = make_behoerde(author.mandant.identifier.value)
    entry = Eintrag(
        behoerde, iban="DE02120300000000202051", is_doubtful=True, doubt_reason="Rückläufer"
    )
    fill_directory(directory, eintraege=[entry])
    page = administrator.get(AUTHORITY).text
    assert behoerde.name in page and "Am Markt 1" in page and "Rückläufer" in page
    assert "DE02120300000000202051" in page


def test_directory_that_is_away_is_told(administrator: Browser) -> None:
    page = administrator.get(AUTHORITY).text
    assert "zurzeit nicht erreichbar" in page


def test_mailbox_is_left_to_the_fachverfahren_and_taken_back(
    site: WebSite, administrator: Browser, author: Caller, reader: Caller
) -> None:
    for leader, is_led in (("fachverfahren", False), ("web", True)):
        answer = administrator.submit(AUTHORITY, f"{AUTHORITY}/postfach")
        assert answer.status_code == 303
        with site.database.reading() as stores:
            found = {item.key: item.is_mailbox_led_by_web for item in stores.mandanten.list_all()}
        assert found == {author.mandant.key: is_led, reader.mandant.key: True}, leader
    told = list_audit(site.database, "text", about="postfach")
    assert set(told) == {("der Web-Client",), ("Ihr Fachverfahren",)} and len(told) == 2
    hidden = find_hidden(administrator.get(AUTHORITY).text, f"{AUTHORITY}/postfach")
    wrong = administrator.post(f"{AUTHORITY}/postfach", **{**hidden, "fuehrt": "niemand"})
    assert wrong.status_code == 400


def test_fallback_rules_are_changed_and_told(
    site: WebSite, administrator: Browser, author: Caller, reader: Caller
) -> None:
    assert "nicht festgelegt" in administrator.get(FALLBACKS).text
    answer = administrator.submit(
        FALLBACKS, FALLBACKS, tage="21", abgelehnt="letter", kein_endpunkt=""
    )
    assert answer.status_code == 303
    with site.database.reading() as stores:
        assert stores.fallback_rules.find(author.mandant.key) == FallbackRules(
            21, FallbackAction.LETTER, None
        )
        assert stores.fallback_rules.find(reader.mandant.key) == FallbackRules()
        history = stores.mandanten.list_access_entries(author.mandant.key)
    assert history[-1].actor == "Name von anna (anna)"
    assert ("ersatzwege-geaendert", author.mandant.key) in list_audit(
        site.database, "action", "mandant_key"
    )
    assert "nach 21 Tagen ein Brief" in administrator.get(FALLBACKS).text


@pytest.mark.parametrize(
    "values",
    [
        {"tage": "-1", "abgelehnt": "letter", "kein_endpunkt": "letter"},
        {"tage": "morgen", "abgelehnt": "letter", "kein_endpunkt": "letter"},
        {"tage": "1", "abgelehnt": "park", "kein_endpunkt": "letter"},
    ],
)
def test_fallback_rules_that_cannot_be_are_refused_at_their_field(
    site: WebSite, administrator: Browser, author: Caller, values: dict[str, str]
) -> None:
    answer = administrator.submit(FALLBACKS, FALLBACKS, **values)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    with site.database.reading() as stores:
        assert stores.fallback_rules.find(author.mandant.key) == FallbackRules()


def test_print_choices_are_changed_and_taken_back(
    site: WebSite, administrator: Browser, author: Caller
) -> None:
    given = {"output": "folder", "duplex": "nein", "colour": "", "cost_centre": "4711"}
    assert administrator.submit(PRINT, PRINT, **given).status_code == 303
    with site.database.reading() as stores:
        chosen = stores.print_choices.find(author.mandant.key)
    assert chosen == PrintChoice("folder", duplex=False, cost_centre="4711")
    assert ("druck-geaendert", author.mandant.key) in list_audit(
        site.database, "action", "mandant_key"
    )
    assert 'value="4711"' in administrator.get(PRINT).text
    administrator.submit(PRINT, PRINT, output="", duplex="", colour="", cost_centre="")
    with site.database.reading() as stores:
        assert stores.print_choices.find(author.mandant.key) == PrintChoice()


def test_output_that_is_none_is_refused(administrator: Browser) -> None:
    assert administrator.submit(PRINT, PRINT, output="mond").status_code == 422


def test_measure_is_disabled_with_a_note_for_the_own_authority(
    site: WebSite, administrator: Browser, author: Caller, reader: Caller
) -> None:
    page = administrator.get(MEASURES).text
    assert MEASURE in page and 'id="mandant"' not in page
    # Another Mandant in the form changes nothing: the own one counts.
    other = str(reader.mandant.identifier)
    administrator.submit(MEASURE, MEASURE, hinweis="Bitte telefonisch.", mandant=other)
    with site.database.reading() as stores:
        own = stores.massnahmen.list_settings(author.mandant.key)
        assert stores.massnahmen.list_settings(reader.mandant.key) == {}
    assert own[KEY].is_disabled and own[KEY].note == "Bitte telefonisch."
    assert ("massnahme-geaendert", author.mandant.key) in list_audit(
        site.database, "action", "mandant_key"
    )
    page = administrator.get(MEASURES).text
    assert ">nicht angenommen<" in page and "Bitte telefonisch." in page
    administrator.submit(MEASURE, MEASURE, hinweis="", angenommen="y")
    assert ">nicht angenommen<" not in administrator.get(MEASURES).text


def test_note_that_is_too_long_is_refused_at_its_field(administrator: Browser) -> None:
    answer = administrator.submit(MEASURE, MEASURE, hinweis="x" * 1001)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text


def test_unknown_measure_is_not_found(administrator: Browser) -> None:
    hidden = find_hidden(administrator.get(MEASURE).text, MEASURE)
    assert administrator.get(f"{MEASURES}/gibt-es-nicht").status_code == 404
    assert administrator.post(f"{MEASURES}/gibt-es-nicht", **hidden).status_code == 404


def test_operator_chooses_whose_catalogue(site: WebSite, author: Caller, reader: Caller) -> None:
    operator = site.sign_in(Role.OPERATOR, None)
    assert "Bitte wählen Sie eine Behörde." in operator.get(MEASURES).text
    page = operator.get(f"{MEASURES}?mandant={author.mandant.identifier}").text
    assert "angenommen" in page
    chosen = f"{MEASURE}?mandant={author.mandant.identifier}"
    operator.submit(chosen, MEASURE, hinweis="Nein.")
    with site.database.reading() as stores:
        assert stores.massnahmen.list_settings(author.mandant.key)[KEY].is_disabled
        assert stores.massnahmen.list_settings(reader.mandant.key) == {}
    assert operator.get(MEASURE).status_code == 404
    assert operator.get(f"{MEASURES}?mandant=xoev:ags:1").status_code == 404


def test_codelisten_are_shown_with_their_entries(administrator: Browser) -> None:
    page = administrator.get("/codelisten").text
    assert "urn:damtshilfe:codeliste:einnahmeart" in page
    address = page.split('href="/codelisten?')[1].split('"')[0].replace("&amp;", "&")
    assert "Schlüssel" in administrator.get(f"/codelisten?{address}").text
    assert administrator.get("/codelisten?uri=urn:x&version=1").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_pages_of_the_authority_are_for_its_administrator(
    site: WebSite, author: Caller, role: Role
) -> None:
    browser = site.sign_in(role, None if role is Role.OPERATOR else author.mandant.key)
    for path in (AUTHORITY, FALLBACKS, PRINT, CERTIFICATES):
        assert browser.get(path).status_code == 403

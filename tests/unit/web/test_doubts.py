"""Doubtful entries of the directory: seen with who, when and why, and settled by the operator."""

from pathlib import Path

import pytest

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.eintrag import Eintrag
from server.domain.rights import Role
from server.services.directory_care import DirectoryCare
from tests.support.audit import list_audit
from tests.support.directory import fill_directory, make_behoerde, open_directory
from tests.support.web import Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock

PAGE = "/betrieb/verzeichnis/zweifel"
SETTLE = f"{PAGE}/{{}}/erledigt"
JENA, FULDA, GOSLAR = (PartyIdentifier(f"ags:{number}", "xoev") for number in (1, 2, 3))


@pytest.fixture
def directory(tmp_path: Path) -> AuthorityDatabase:
    return open_directory(tmp_path / "verzeichnis.sqlite")


@pytest.fixture
def care(directory: AuthorityDatabase, clock: FixedClock) -> DirectoryCare:
    """Three entries, two of them doubtful."""
    entries = [Eintrag(make_behoerde(item.value)) for item in (JENA, FULDA, GOSLAR)]
    fill_directory(directory, eintraege=entries)
    care = DirectoryCare(directory, clock)
    care.report_doubt(JENA, "Brief 7 kam zurück: verzogen", "xoev:ags:9")
    care.report_doubt(FULDA, "Kein Postfach", "Verwaltung")
    return care


@pytest.fixture
def site(database: Database, clock: FixedClock, tmp_path: Path) -> WebSite:
    url = f"sqlite:///{tmp_path}/verzeichnis.sqlite"
    return make_site(database, clock, sections={"authority_server": {"database_url": url}})


@pytest.fixture
def operator(site: WebSite) -> Browser:
    return site.sign_in(Role.OPERATOR, None, "jo")


def is_doubtful(care: DirectoryCare, identifier: PartyIdentifier) -> bool:
    found = care.find(identifier)
    assert found is not None
    return found.is_doubtful


def test_doubtful_entries_are_listed_with_who_when_and_why(
    care: DirectoryCare, operator: Browser
) -> None:
    page = operator.get(PAGE).text
    assert "2 Einträge auf dieser Seite" in page
    for text in ("Kasse ags:1", "23.11.2026", "xoev:ags:9", "Brief 7 kam zurück: verzogen"):
        assert text in page
    assert "Kasse ags:3" not in page


@pytest.mark.parametrize(
    ("term", "found"), [("VERZOGEN", 1), ("ags:2", 1), ("jena", 2), ("%", 0), ("verwaltung", 1)]
)
def test_doubtful_entries_are_searched(
    care: DirectoryCare, operator: Browser, term: str, found: int
) -> None:
    part = operator.get(f"{PAGE}?suche={term}", **{"HX-Request": "true"}).text
    assert part.count("/erledigt") == found and "<html" not in part


def test_settled_entry_is_trusted_again_and_told(
    care: DirectoryCare, site: WebSite, operator: Browser
) -> None:
    answer = operator.submit(PAGE, SETTLE.format(1), vermerk="Neue Anschrift eingetragen")
    assert answer.status_code == 303
    assert not is_doubtful(care, JENA) and is_doubtful(care, FULDA)
    mark = "23.11.2026, xoev:ags:9: Brief 7 kam zurück: verzogen"
    assert list_audit(site.database, "subject", "text", about="zweifel-erledigt") == [
        (str(JENA), f"{mark} – Neue Anschrift eingetragen")
    ]
    assert "Kasse ags:1" not in operator.get(PAGE).text.partition("<table")[2]
    hidden = find_hidden(operator.get(PAGE).text, SETTLE.format(2))
    for key in (1, 3, 99):
        assert operator.post(SETTLE.format(key), **hidden).status_code == 404


def test_doubt_that_came_meanwhile_stays(
    care: DirectoryCare, site: WebSite, operator: Browser
) -> None:
    hidden = find_hidden(operator.get(PAGE).text, SETTLE.format(1))
    care.report_doubt(JENA, "Brief 8 kam zurück", "xoev:ags:9")
    assert operator.post(SETTLE.format(1), **hidden).status_code == 303
    assert is_doubtful(care, JENA)
    assert "ist inzwischen etwas Neues gemeldet" in operator.get(PAGE).text
    assert list_audit(site.database, "subject", "text", about="zweifel-erledigt") == []


def test_pages_follow_one_another(directory: AuthorityDatabase, operator: Browser) -> None:
    entries = [
        Eintrag(make_behoerde(f"ags:{number}"), is_doubtful=True, doubt_reason="von Hand")
        for number in range(51)
    ]
    fill_directory(directory, eintraege=entries)
    first = operator.get(f"{PAGE}?suche=kasse").text
    assert first.count("/erledigt") == 50 and f"{PAGE}?suche=kasse&amp;ab=50" in first
    second = operator.get(f"{PAGE}?suche=kasse&ab=50").text
    assert second.count("/erledigt") == 1 and "Kasse ags:50" in second
    assert operator.get(f"{PAGE}?ab=unsinn").text.count("/erledigt") == 50


def test_directory_that_is_elsewhere_is_told(database: Database, clock: FixedClock) -> None:
    operator = make_site(database, clock).sign_in(Role.OPERATOR, None, "jo")
    page = operator.get(PAGE)
    assert "liegt nicht in dieser Installation" in page.text
    token = find_hidden(operator.get("/profil").text, "/abmelden")
    assert operator.post(SETTLE.format(1), **token).status_code == 404


def test_doubts_are_counted_where_the_operator_looks_first(
    care: DirectoryCare, operator: Browser
) -> None:
    page = operator.get("/betrieb/lage").text
    assert "2 Einträge sind" in page and PAGE in page and "Nichts wartet" not in page
    for identifier in (JENA, FULDA):
        care.clear_doubt(identifier)
    page = operator.get("/betrieb/lage").text
    assert "Kein Eintrag ist zweifelhaft." in page and "Nichts wartet auf Sie." in page

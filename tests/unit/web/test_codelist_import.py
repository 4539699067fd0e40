"""Code lists by the operator's browser: what changes is shown first, then all comes or nothing."""

from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from server.domain.codeliste import EINNAHMEART_URI, Codeliste
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.xmlio.genericode import write_codeliste
from tests.support.audit import list_audit
from tests.support.installation import read_sample
from tests.support.web import HOST, Browser, WebSite, find_hidden
from tests.unit.conftest import FixedClock

IMPORT = "/codelisten/import"
URI = "urn:example:farben"
COLOURS = Codeliste(URI, "1", "Farben", {"r": "Rot", "b": "Blau", "g": "Grün"})
NEWER = Codeliste(URI, "2", "Farben", {"r": "Hellrot", "b": "Blau", "w": "Weiß"})
EVIL = b'<!DOCTYPE a [<!ENTITY x "y">]><CodeList>&x;</CodeList>'


@pytest.fixture
def operator(site: WebSite) -> Browser:
    return site.sign_in(Role.OPERATOR, None, "jo")


def upload(browser: Browser, *contents: bytes, **values: str) -> TestResponse:
    hidden = find_hidden(browser.get(IMPORT).text, IMPORT)
    files = [(BytesIO(item), f"../ablage/liste{n}.xml") for n, item in enumerate(contents, 1)]
    return browser.client.post(
        IMPORT,
        base_url=HOST,
        data={**hidden, **values, "dateien": files},
        content_type="multipart/form-data",
    )


def upload_list(browser: Browser, *lists: Codeliste, **values: str) -> str:
    """The address of the dry run."""
    answer = upload(browser, *map(write_codeliste, lists), **values)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def take(browser: Browser, address: str) -> TestResponse:
    return browser.submit(address, f"{address}/uebernehmen")


def list_stored(site: WebSite) -> dict[str, Codeliste]:
    with site.database.reading() as stores:
        return {item.version: item for item in stores.codelisten.list_of(URI)}


def test_lists_are_shown_before_they_are_imported(site: WebSite, operator: Browser) -> None:
    first = upload_list(operator, COLOURS)
    page = operator.get(first).text
    assert "Bisher wurde nichts geschrieben." in page and "noch unbekannt" in page
    assert (
        list_stored(site) == {}
        and list_audit(site.database, "subject", "text", about="codelisten") == []
    )
    assert take(operator, first).status_code == 303
    assert list_stored(site) == {"1": COLOURS}

    second = upload_list(operator, NEWER, gueltig_ab="2027-01-01")
    page = operator.get(second).text
    assert "Version 1" in page and "1 neu" in page and "Weiß" in page
    assert "1 geändert" in page and "Hellrot" in page
    assert "1 entfallen" in page and "Grün" in page and "01.01.2027" in page
    take(operator, second)
    assert str(list_stored(site)["2"].valid_from) == "2027-01-01"
    assert list_audit(site.database, "subject", "text", about="codelisten")[0] == (
        URI,
        "Farben, Version 2: importiert, 1 neu, 1 geändert, 1 entfallen",
    )
    shown = operator.get("/codelisten").text
    assert "importiert" in shown and "unbefristet" in shown and "ab 01.01.2027" in shown
    # What was imported is not kept.
    assert operator.get(second).status_code == 404


def test_version_with_another_content_is_replaced_only_where_that_was_shown(
    site: WebSite, operator: Browser
) -> None:
    other = Codeliste(URI, "1", "Farben", {"r": "Rosa"})
    early = upload_list(operator, other)
    shown = find_hidden(operator.get(early).text, f"{early}/uebernehmen")
    assert shown["ersetzen"] == "nein"
    take(operator, upload_list(operator, COLOURS))
    # It was new when it was shown; by now it would replace something.
    answer = operator.post(f"{early}/uebernehmen", **shown)
    assert answer.status_code == 422 and "schon mit anderem Inhalt" in answer.text
    assert list_stored(site) == {"1": COLOURS}
    assert "Ersetzen und importieren" in answer.text
    assert take(operator, early).status_code == 303
    assert list_stored(site) == {"1": other}
    assert (
        "ersetzt, 0 neu, 1 geändert, 2 entfallen"
        in list_audit(site.database, "subject", "text", about="codelisten")[0][1]
    )


def test_lists_that_are_there_already_have_no_button(site: WebSite, operator: Browser) -> None:
    take(operator, upload_list(operator, COLOURS))
    address = upload_list(operator, COLOURS)
    page = operator.get(address).text
    assert "Es würde sich nichts ändern" in page and f"{address}/uebernehmen" not in page
    assert operator.submit(address, f"{address}/verwerfen").status_code == 303
    assert operator.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"kein XML", "nicht wohlgeformt"),
        (EVIL, "DTD"),
        (b"<a>" * 40 + b"</a>" * 40, "tiefer als 32"),
        (b"<a>" + b"<b/>" * 400_001 + b"</a>", "mehr als 400000 Elemente"),
        (b"<CodeList/>", "keine Codeliste in Genericode 1.0"),
        (read_sample("codelisten", "many-mistakes.gc.xml"), "Zeile"),
    ],
    ids=["no-xml", "dtd", "deep", "large", "other", "mistakes"],
)
def test_file_that_is_no_list_is_refused_with_code_cause_and_remedy(
    site: WebSite, operator: Browser, content: bytes, cause: str
) -> None:
    answer = upload(operator, content, write_codeliste(COLOURS))
    assert answer.status_code == 422
    assert "Fehler 9050" in answer.text and cause in answer.text and "XRepository" in answer.text
    assert ">liste1.xml: " in answer.text and "ablage" not in answer.text
    assert list_stored(site) == {}


def test_upload_without_file_or_with_a_list_twice_is_refused(operator: Browser) -> None:
    assert "mindestens eine Datei" in upload(operator, b"").text
    content = write_codeliste(COLOURS)
    answer = upload(operator, content, content)
    assert answer.status_code == 422 and "mehrfach angegeben" in answer.text
    answer = upload(operator, content, gueltig_ab="2027-01-01", gueltig_bis="2026-01-01")
    assert answer.status_code == 422 and "bevor sie beginnt" in answer.text
    assert upload(operator, content, gueltig_ab="morgen").status_code == 422


def test_files_belong_to_who_uploaded_them_for_a_day(
    site: WebSite, operator: Browser, clock: FixedClock
) -> None:
    address = upload_list(operator, COLOURS)
    other = site.sign_in(Role.OPERATOR, None, "ben")
    hidden = find_hidden(operator.get(address).text, f"{address}/verwerfen")
    assert other.get(address).status_code == 404
    token = find_hidden(other.get(IMPORT).text, IMPORT)
    for action in ("uebernehmen", "verwerfen"):
        assert other.post(f"{address}/{action}", **{**hidden, **token}).status_code == 404
    clock.advance(days=1, seconds=1)
    later = site.sign_in(Role.OPERATOR, None, "cem")
    upload_list(later, COLOURS)
    with site.database.reading() as stores:
        user = stores.web_users.find_by_login("jo")
        assert user is not None
        found = stores.codelist_uploads.list_files(address.rpartition("/")[2], user.key)
    assert found == () and list_stored(site) == {}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_import_is_for_the_operator(site: WebSite, author: Caller, role: Role) -> None:
    browser = site.sign_in(role, author.mandant.key)
    assert browser.get(IMPORT).status_code == 403
    assert browser.get(f"{IMPORT}/x").status_code == 403
    assert IMPORT not in browser.get("/codelisten").text


def test_shipped_list_is_compared_with(operator: Browser) -> None:
    newer = Codeliste(EINNAHMEART_URI, "2", "Einnahmeart", {"hundesteuer": "Hundesteuer"})
    page = operator.get(upload_list(operator, newer)).text
    assert "0 neu" in page and "werden Nachrichten mit diesen Schlüsseln abgelehnt" in page

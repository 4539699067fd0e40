"""Data into the directory by the Web-Client: seen before it is taken in, all of it or nothing."""

from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.rights import Role
from tests.support.audit import list_audit
from tests.support.directory import open_directory
from tests.support.web import HOST, Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock

DIRECTORY = "/betrieb/verzeichnis"
PLACES = "ags;plz;ort;kreis\n16053000;07743;Jena;\n12054000;14467;Potsdam;\n"


@pytest.fixture
def directory(tmp_path: Path) -> AuthorityDatabase:
    return open_directory(tmp_path / "verzeichnis.sqlite")


@pytest.fixture
def site(database: Database, clock: FixedClock, tmp_path: Path) -> WebSite:
    url = f"sqlite:///{tmp_path}/verzeichnis.sqlite"
    return make_site(database, clock, sections={"authority_server": {"database_url": url}})


@pytest.fixture
def operator(site: WebSite) -> Browser:
    return site.sign_in(Role.OPERATOR, None, "jo")


def upload(browser: Browser, *files: tuple[str, str], **values: str) -> TestResponse:
    hidden = find_hidden(browser.get(DIRECTORY).text, DIRECTORY)
    sent = [(BytesIO(content.encode()), name) for name, content in files]
    return browser.client.post(
        DIRECTORY,
        base_url=HOST,
        data={**hidden, "kodierung": "utf-8", **values, "dateien": sent},
        content_type="multipart/form-data",
    )


def upload_places(browser: Browser, content: str = PLACES, **values: str) -> str:
    """The address of the dry run."""
    answer = upload(browser, ("../../orte ü.csv", content), **values)
    assert answer.status_code == 303
    return answer.headers["Location"]


def count_versions(directory: AuthorityDatabase) -> int:
    with directory.reading() as store:
        return len(store.versions.list_all())


def test_files_are_shown_before_they_are_taken_in(
    directory: AuthorityDatabase, site: WebSite, operator: Browser
) -> None:
    address = upload_places(operator)
    page = operator.get(address).text
    assert "07743 Jena (16053000)" in page and "orte ü.csv" in page
    assert "Bisher wurde nichts geschrieben." in page
    assert count_versions(directory) == 0
    answer = operator.submit(address, f"{address}/uebernehmen")
    assert answer.status_code == 303
    page = operator.get(DIRECTORY).text
    assert "orte ü.csv" in page and "gilt" in page
    assert count_versions(directory) == 1
    assert ("verzeichnis-importiert", "Version 1: orte ü.csv") in list_audit(
        site.database, "action", "subject"
    )
    # What was taken in is not kept.
    assert operator.get(address).status_code == 404


def test_full_import_ends_what_is_missing(directory: AuthorityDatabase, operator: Browser) -> None:
    address = upload_places(operator)
    operator.submit(address, f"{address}/uebernehmen")
    only_jena = "ags;plz;ort;kreis\n16053000;07743;Jena;\n"
    assert "würde sich nichts ändern" in operator.get(upload_places(operator, only_jena)).text
    page = operator.get(upload_places(operator, only_jena, voll="y")).text
    assert "Gemeinden, beendet" in page and "14467 Potsdam" in page


def test_refused_lines_are_told_and_nothing_is_taken_in(
    directory: AuthorityDatabase, operator: Browser
) -> None:
    address = upload_places(operator, "ags;plz;ort;kreis\n1605;07743;Jena;\n")
    page = operator.get(address).text
    assert "Zeile 2" in page and "uebernehmen" not in page
    hidden = find_hidden(page, f"{address}/verwerfen")
    answer = operator.post(f"{address}/uebernehmen", **hidden)
    assert answer.status_code == 422
    assert count_versions(directory) == 0


def test_text_of_another_encoding_is_read_when_told(
    directory: AuthorityDatabase, operator: Browser
) -> None:
    content = "ags;plz;ort;kreis\n16053000;07743;Jenä;\n".encode("cp1252")
    hidden = find_hidden(operator.get(DIRECTORY).text, DIRECTORY)
    for encoding, expected in (("utf-8", "kein Text in utf-8"), ("windows-1252", "Jenä")):
        answer = operator.client.post(
            DIRECTORY,
            base_url=HOST,
            data={**hidden, "kodierung": encoding, "dateien": (BytesIO(content), "orte.csv")},
            content_type="multipart/form-data",
        )
        assert expected in operator.get(answer.headers["Location"]).text


def test_discarded_files_are_gone(directory: AuthorityDatabase, operator: Browser) -> None:
    address = upload_places(operator)
    operator.submit(address, f"{address}/verwerfen")
    assert operator.get(address).status_code == 404


def test_files_of_another_operator_are_not_there(
    directory: AuthorityDatabase, site: WebSite, operator: Browser
) -> None:
    address = upload_places(operator)
    other = site.sign_in(Role.OPERATOR, None, "kim")
    assert other.get(address).status_code == 404
    hidden = find_hidden(other.get(DIRECTORY).text, DIRECTORY)
    for action in ("uebernehmen", "verwerfen"):
        assert other.post(f"{address}/{action}", **hidden).status_code == 404
    assert operator.get(address).status_code == 200


def test_forgotten_files_go_after_a_day(
    directory: AuthorityDatabase, site: WebSite, clock: FixedClock
) -> None:
    address = upload_places(site.sign_in(Role.OPERATOR, None, "jo"))
    clock.advance(hours=25)
    later = site.open_browser()
    later.sign_in("jo")
    assert later.get(address).status_code == 200
    upload_places(later)
    assert later.get(address).status_code == 404


def test_newest_version_is_taken_back(
    directory: AuthorityDatabase, site: WebSite, operator: Browser
) -> None:
    address = upload_places(operator)
    operator.submit(address, f"{address}/uebernehmen")
    path = f"{DIRECTORY}/version/1/zuruecknehmen"
    hidden = find_hidden(operator.get(DIRECTORY).text, path)
    operator.post(path, **hidden)
    assert "zurückgenommen" in operator.get(DIRECTORY).text
    assert ("verzeichnis-zurueckgenommen", "Version 1") in list_audit(
        site.database, "action", "subject"
    )
    answer = operator.post(path, **hidden)
    assert "ist schon zurückgenommen" in operator.get(answer.headers["Location"]).text


def test_upload_without_files_is_refused_at_its_field(
    directory: AuthorityDatabase, operator: Browser
) -> None:
    answer = upload(operator)
    assert answer.status_code == 422 and "mindestens eine Datei" in answer.text


def test_without_a_directory_nothing_is_offered(operator: Browser, tmp_path: Path) -> None:
    page = operator.get(DIRECTORY)
    assert page.status_code == 200 and "nicht in dieser Installation" in page.text
    assert "Prüfen" not in page.text
    assert not (tmp_path / "verzeichnis.sqlite").exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_directory_is_for_the_operator_alone(site: WebSite, author: Caller, role: Role) -> None:
    browser = site.sign_in(role, author.mandant.key)
    assert browser.get(DIRECTORY).status_code == 403
    assert browser.get(f"{DIRECTORY}/import/x").status_code == 403

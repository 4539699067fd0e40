"""The letter that was made of a message, for clerks of the authority that sent it."""

from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.rights import Role
from tests.support.lettering import find_letter
from tests.support.web import Browser, WebSite, make_site
from tests.unit.conftest import FixedClock
from tests.unit.services.test_delivery_control import Desk


@pytest.fixture
def desk(database: Database, tmp_path: Path, author: Caller, clock: FixedClock) -> Desk:
    return Desk(database, tmp_path, clock, author)


@pytest.fixture
def site(database: Database, clock: FixedClock, tmp_path: Path) -> WebSite:
    return make_site(database, clock, blobs=FolderBlobs(tmp_path / "inhalte"))


@pytest.fixture
def clerk(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.SACHBEARBEITER, author.mandant.key)


def find_page(database: Database, message_id: str) -> str:
    with database.reading() as stores:
        message = stores.messages.find(message_id)
    assert message is not None
    return f"/nachrichten/{message.key}"


def test_letter_is_downloaded_from_the_page_of_its_message(
    database: Database, desk: Desk, clerk: Browser
) -> None:
    message_id = desk.send("urn:x:1")
    page = find_page(database, message_id)
    answer = clerk.get(f"{page}/brief.pdf")
    assert answer.status_code == 303
    assert "ist kein Brief entstanden" in clerk.get(page).text
    desk.deliver()
    assert f"{page}/brief.pdf" in clerk.get(page).text
    answer = clerk.get(f"{page}/brief.pdf")
    letter = find_letter(database, message_id).letter
    assert answer.data.startswith(b"%PDF-") and len(answer.data) == letter.pdf.size
    assert answer.headers["Content-Type"] == "application/octet-stream"
    name = f"attachment; filename=brief-{letter.letter_id}.pdf"
    assert answer.headers["Content-Disposition"] == name


def test_letter_is_for_nobody_else(
    database: Database, site: WebSite, desk: Desk, reader: Caller, author: Caller
) -> None:
    message_id = desk.send("urn:x:1")
    desk.deliver()
    path = f"{find_page(database, message_id)}/brief.pdf"
    other = site.sign_in(Role.SACHBEARBEITER, reader.mandant.key)
    assert other.get(path).status_code == 404
    looking = site.sign_in(Role.READ_ONLY, author.mandant.key)
    assert looking.get(path).status_code == 403

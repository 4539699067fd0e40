"""The page of the letterhead: looked at as a letter, saved, taken back; the own one alone."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from werkzeug.test import TestResponse

from persistence.database import Database
from server.domain.eintrag import Eintrag
from server.domain.letterhead import OwnLetterhead
from server.domain.mandant import Caller
from server.domain.rights import Role
from tests.support.audit import list_audit
from tests.support.directory import fill_directory, make_behoerde, open_directory
from tests.support.letter_attachments import make_pdf_logo, make_written
from tests.support.letter_kinds import make_logo
from tests.support.web import HOST, Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock
from tests.unit.printing.pdf_reading import read_texts

PAGE = "/behoerde/briefkopf"
PREVIEW = f"{PAGE}/vorschau.pdf"
RESET = f"{PAGE}/zuruecksetzen"
LOGO = "/behoerde/logo.svg"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    b'<rect width="40" height="20" fill="#20407a"/></svg>'
)
TEXTS = {
    "name": "Landeshauptstadt Potsdam",
    "zeilen": "Vollstreckung\r\n\r\n Haus 2 ",
    "absenderzeile": "LHP · Postfach 1 · 14461 Potsdam",
    "vermerke": "Vollstreckungssache",
    "fuss": "Sprechzeiten: Di 9–12 Uhr",
}


@pytest.fixture
def administrator(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.ADMINISTRATOR, author.mandant.key, "anna")


def send(browser: Browser, path: str = PAGE, file: bytes = b"", **values: str) -> TestResponse:
    hidden = find_hidden(browser.get(PAGE).text, PAGE)
    data: dict[str, object] = {**hidden, **TEXTS, **values}
    if file:
        data["logo"] = (BytesIO(file), "logo.bin")
    return browser.client.post(path, base_url=HOST, data=data, content_type="multipart/form-data")


def find_own(database: Database, caller: Caller) -> OwnLetterhead | None:
    with database.reading() as stores:
        return stores.letterheads.find(caller.mandant.key)


@pytest.mark.parametrize(("file", "kind"), [(SVG, "svg"), (make_logo(), "png")])
def test_letterhead_is_saved_with_its_logo_and_told(
    site: WebSite, administrator: Browser, author: Caller, reader: Caller, file: bytes, kind: str
) -> None:
    answer = send(administrator, file=file)
    assert answer.status_code == 303, answer.text
    own = find_own(site.database, author)
    assert own is not None and own.logo is not None
    assert (own.logo.kind, own.logo.content) == (kind, file)
    assert own.letterhead.zeilen == ("Vollstreckung", "Haus 2")
    ((action, mandant_key, text),) = list_audit(
        site.database, "action", "mandant_key", "text", about="briefkopf"
    )
    assert (action, mandant_key) == ("briefkopf-geaendert", author.mandant.key)
    assert "Name: Landeshauptstadt Potsdam" in text and f"Logo: {kind.upper()}, " in text
    page = administrator.get(PAGE).text
    assert "LHP · Postfach 1" in page and "zuletzt geändert am" in page
    assert administrator.get(LOGO).mimetype == "image/svg+xml"
    other = site.sign_in(Role.ADMINISTRATOR, reader.mandant.key)
    assert "LHP" not in other.get(PAGE).text
    assert other.get(LOGO).status_code == 404


@pytest.mark.parametrize(("has_gradient", "kind"), [(False, "svg"), (True, "png")])
def test_logo_that_comes_as_pdf_is_drawn_and_stands_on_the_sample(
    site: WebSite, administrator: Browser, author: Caller, has_gradient: bool, kind: str
) -> None:
    logo = make_pdf_logo(has_gradient=has_gradient)
    with_logo, without = send(administrator, PREVIEW, logo), send(administrator, PREVIEW)
    drawn, blank = (find_ink(answer.data) for answer in (with_logo, without))
    assert drawn > 0 and blank == 0
    assert send(administrator, file=logo).status_code == 303
    own = find_own(site.database, author)
    assert own is not None and own.logo is not None and own.logo.kind == kind
    ((_, _, text),) = list_audit(site.database, "action", "mandant_key", "text", about="briefkopf")
    assert f"Logo: {kind.upper()}, " in text
    assert administrator.get(LOGO).mimetype == "image/svg+xml"


def find_ink(letter: bytes) -> int:
    """How many pixels of the place of the logo (at the right of the letterhead) are not white."""
    document = pypdfium2.PdfDocument(letter)
    try:
        picture = document[0].render(grayscale=True).to_pil()
    finally:
        document.close()
    scale = picture.width / 210
    box = tuple(int(side * scale) for side in (145, 8, 190, 33))
    return sum(picture.crop(box).histogram()[:250])


def test_letterhead_is_shown_as_a_letter_before_it_is_saved(
    site: WebSite, administrator: Browser, author: Caller
) -> None:
    answer = send(administrator, PREVIEW, make_logo(), fuss="Nur zur Ansicht")
    assert answer.mimetype == "application/pdf"
    (text,) = read_texts(answer.data)
    assert "Landeshauptstadt Potsdam" in text and "Nur zur Ansicht" in text
    assert "LHP · Postfach 1" in text and "Musterstadt" in text
    with pikepdf.open(BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) == 1
    assert find_own(site.database, author) is None
    assert list_audit(site.database, "action", "mandant_key", "text", about="briefkopf") == []


def test_sample_letter_comes_from_the_authority_as_the_directory_knows_it(
    database: Database, clock: FixedClock, author: Caller, tmp_path: Path
) -> None:
    behoerde = make_behoerde(author.mandant.identifier.value)
    fill_directory(open_directory(tmp_path / "v.sqlite"), eintraege=[Eintrag(behoerde)])
    authority = {"database_url": f"sqlite:///{tmp_path}/v.sqlite"}
    site = make_site(database, clock, sections={"authority_server": authority})
    administrator = site.sign_in(Role.ADMINISTRATOR, author.mandant.key)
    answer = send(administrator, PREVIEW, name="", zeilen="", absenderzeile="")
    (text,) = read_texts(answer.data)
    assert behoerde.name in text and "Am Markt 1" in text


def test_logo_stays_until_it_is_dropped(
    site: WebSite, administrator: Browser, author: Caller
) -> None:
    send(administrator, file=SVG)
    send(administrator, name="Stadt Potsdam")
    own = find_own(site.database, author)
    assert own is not None and own.logo is not None and own.letterhead.name == "Stadt Potsdam"
    send(administrator, ohne_logo="y")
    own = find_own(site.database, author)
    assert own is not None and own.logo is None
    newest = list_audit(site.database, "action", "mandant_key", "text", about="briefkopf")[0]
    assert "Logo: wie vorgegeben" in newest[2]


def test_letterhead_is_reset_and_told(
    site: WebSite, administrator: Browser, author: Caller
) -> None:
    send(administrator, file=SVG)
    assert administrator.submit(PAGE, RESET).status_code == 303
    assert find_own(site.database, author) is None
    assert (
        list_audit(site.database, "action", "mandant_key", "text", about="briefkopf")[0][0]
        == "briefkopf-zurueckgesetzt"
    )
    assert "vorgegebene Briefkopf" in administrator.get(PAGE).text
    assert administrator.get(LOGO).status_code == 404


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"GIF89a", "weder eine PNG-, noch eine SVG-, noch eine PDF-Datei"),
        (b"%PDF-1.7", "ist unvollständig"),
        (make_written(pages=2), "hat 2 Seiten, erlaubt ist eine"),
        (SVG.replace(b"<rect", b"<script/><rect"), "enthält ein Skript"),
        (make_logo()[:60], "ist beschädigt"),
        (SVG + b" " * 2 * 1024 * 1024, "größer als 2 MB"),
        (
            SVG.replace(b"<rect", b'<image href="data:image/png;base64,iVBORw0KGgo="/><rect'),
            "enthält ein Bild, das sich nicht drucken lässt",
        ),
    ],
    ids=["gif", "cut", "pages", "script", "broken", "large", "picture"],
)
@pytest.mark.parametrize("path", [PAGE, PREVIEW])
def test_file_that_is_no_logo_is_refused_at_its_field(
    site: WebSite, administrator: Browser, author: Caller, path: str, file: bytes, reason: str
) -> None:
    answer = send(administrator, path, file)
    assert answer.status_code == 422
    assert reason in answer.text and 'aria-invalid="true"' in answer.text
    assert "Landeshauptstadt Potsdam" in answer.text
    assert find_own(site.database, author) is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"vermerke": "Eins\nZwei"}, "nur Platz für einen Vermerk"),
        ({"fuss": "1\n2\n3\n4"}, "Höchstens 3 Zeilen"),
        ({"name": "x" * 161}, "Höchstens 160 Zeichen"),
        ({"absenderzeile": "a\u202eb"}, "keine Steuerzeichen"),
    ],
)
def test_letterhead_that_cannot_be_printed_is_refused(
    site: WebSite, administrator: Browser, author: Caller, values: dict[str, str], reason: str
) -> None:
    answer = send(administrator, PAGE, b"", **values)
    assert answer.status_code == 422 and reason in answer.text
    assert find_own(site.database, author) is None
    assert list_audit(site.database, "action", "mandant_key", "text", about="briefkopf") == []


def test_older_state_does_not_overwrite_a_newer_one(
    site: WebSite, administrator: Browser, author: Caller
) -> None:
    send(administrator, name="Die erste")
    answer = send(administrator, stand="", name="Die zweite")
    assert answer.status_code == 422
    assert "Name von anna hat den Briefkopf inzwischen geändert" in answer.text
    own = find_own(site.database, author)
    assert own is not None and own.letterhead.name == "Die erste"
    stand = find_hidden(answer.text, PAGE)["stand"]
    assert send(administrator, stand=stand, name="Die zweite").status_code == 303


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_letterhead_is_for_the_administrator_of_the_authority(
    site: WebSite, author: Caller, role: Role
) -> None:
    browser = site.sign_in(role, None if role is Role.OPERATOR else author.mandant.key)
    assert browser.get(PAGE).status_code == browser.get(LOGO).status_code == 403
    for path in (PAGE, PREVIEW, RESET):
        assert browser.post(path).status_code == 403

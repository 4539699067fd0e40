"""Two authorities work on a matter in the Web-Client, from the Ersuchen to its closing."""

import io
import uuid
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import OpenWindow, Screen, find_reason_to_skip
from tests.support.installation import Installation

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())


@pytest.fixture
def screens(open_window: OpenWindow) -> dict[str, Screen]:
    """A window of a clerk in Potsdam, and one in Jena."""
    return {name: open_window(f"sachbearbeitung.{name}") for name in ("potsdam", "jena")}


def send_ersuchen(installation: Installation, aktenzeichen: str) -> str:
    """Potsdam's Fachverfahren asks Jena."""
    content = installation.payload().replace(b"VS-2026-0815", aktenzeichen.encode())
    sent = installation.fachverfahren("potsdam").send(None, content, [])
    return str(sent.messageId)


def open_newest(screen: Screen, kind: str) -> Page:
    """Opens the newest message of this kind from the inbox, and confirms it."""
    screen.open("/eingang?stand=ungelesen")
    page = screen.page
    page.get_by_role("table").get_by_role("link", name=kind).first.click()
    page.get_by_role("button", name="Nachricht öffnen").click()
    expect(page.get_by_role("heading", name="Inhalt")).to_be_visible()
    page.get_by_role("button", name="Empfang bestätigen").click()
    expect(page.get_by_text("Der Empfang ist bestätigt.")).to_be_visible()
    return page


def write(page: Page, action: str, **fields: str) -> None:
    """From the page of a message, or of the Vorgang, to the next message."""
    to_vorgang = page.get_by_role("link", name="Zum Vorgang")
    if to_vorgang.count():
        to_vorgang.click()
    page.get_by_role("link", name=action, exact=True).click()
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Senden").click()
    expect(page.get_by_text("ist gesendet.")).to_be_visible()


def test_matter_from_ersuchen_to_closing_between_two_authorities(
    installation: Installation, screens: dict[str, Screen], tmp_path: Path
) -> None:
    aktenzeichen = f"VS-{uuid.uuid4().hex[:8]}"
    send_ersuchen(installation, aktenzeichen)

    jena = open_newest(screens["jena"], "Vollstreckungshilfeersuchen")
    write(jena, "Annehmen, Sachstand mitteilen", Unser_Aktenzeichen="J 4711/26")
    submit(jena)
    expect(jena.get_by_text("Sachstand: angenommen").first).to_be_visible()
    write(jena, "Rückfrage stellen", Fragen="Wo arbeitet der Schuldner?")
    submit(jena)

    potsdam = open_newest(screens["potsdam"], "Rückfrage")
    bescheid = tmp_path / "bescheid.pdf"
    bescheid.write_bytes(installation.attachment())
    write(potsdam, "Antworten", **{"Wo arbeitet der Schuldner?": "Bei der Post."})
    potsdam.get_by_label("Anlagen").set_input_files(bescheid)
    submit(potsdam)

    jena = open_newest(screens["jena"], "Antwort")
    expect(jena.get_by_text("Bei der Post.")).to_be_visible()
    with jena.expect_download() as download:
        jena.get_by_role("link", name="Alles als ZIP herunterladen").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        assert archive.read("bescheid.pdf") == bescheid.read_bytes()
    write(jena, "Zahlung mitteilen", Gezahlter_Betrag="viel")
    jena.get_by_role("button", name="Senden").click()
    expect(jena.get_by_text("Bitte einen Betrag in Euro angeben")).to_be_visible()
    jena.get_by_label("Gezahlter Betrag").fill("48,00")
    jena.get_by_label("Eingegangen am").fill("2026-11-20")
    jena.get_by_label("Noch offen").fill("0")
    submit(jena)
    write(jena, "Erledigen", Insgesamt_vereinnahmt="48,00")
    submit(jena)
    expect(jena.get_by_role("link", name="Erledigen", exact=True)).to_have_count(0)

    screens["potsdam"].open(f"/vorgaenge?stand=alle&suche={aktenzeichen}")
    potsdam = screens["potsdam"].page
    expect(potsdam.get_by_role("table").get_by_text("erledigt")).to_be_visible()
    potsdam.get_by_role("link", name=aktenzeichen).click()
    expect(potsdam.get_by_text("J 4711/26").first).to_be_visible()
    assert screens["potsdam"].complaints == []

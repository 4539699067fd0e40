"""The Web-Client in Firefox and in WebKit, the engine of Safari; Chromium has all other tests."""

import re
import time
from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys

from tests.support.installation import Installation
from tests.support.other_browsers import OtherScreen, find_reason_to_skip, running_browser

BROWSERS = [("firefox", "light"), ("firefox", "dark"), ("webkit", "light"), ("webkit", "dark")]
CLERK = "sachbearbeitung.potsdam"
# Pages with all that browsers may see differently: tables, fields, details, charts, dialogues.
PAGES = (
    (CLERK, "/"),
    (CLERK, "/ausgang?stand=alle"),
    (CLERK, "/vorgaenge?stand=alle"),
    (CLERK, "/profil"),
    ("leitung.jena", "/auswertung"),
    ("verwaltung.jena", "/benutzer"),
    ("betreiber", "/betrieb/lage"),
)
# Red, green and blue, as they are drawn.
BACKGROUND = """(() => {
  const drawing = document.createElement('canvas').getContext('2d');
  drawing.fillStyle = getComputedStyle(document.body).backgroundColor;
  drawing.fillRect(0, 0, 1, 1);
  return [...drawing.getImageData(0, 0, 1, 1).data].slice(0, 3);
})()"""


@pytest.fixture(scope="module", params=BROWSERS, ids="-".join)
def screen(request: pytest.FixtureRequest, installation: Installation) -> Iterator[OtherScreen]:
    """A window of a browser in light or in dark."""
    name, scheme = request.param
    if reason := find_reason_to_skip(name):
        pytest.skip(reason)
    with running_browser(name, scheme) as driver:
        yield OtherScreen(driver, installation, scheme)


def test_pages_are_drawn_without_barriers(screen: OtherScreen) -> None:
    shown = ""
    for login, path in PAGES:
        if login != shown:
            screen.sign_in(login)
            shown = login
        screen.open(path)
        assert screen.find_barriers() == [], path
        assert screen.measure_overhang() <= 0, path


def test_pages_have_their_look(screen: OtherScreen) -> None:
    screen.sign_in(CLERK)
    screen.open("/ausgang")
    screen.wait_for("[...document.fonts].some((font) => font.status === 'loaded')")
    brightness = sum(screen.evaluate(BACKGROUND)) / 3
    assert brightness < 64 if screen.scheme == "dark" else brightness > 192


def test_list_is_filtered_by_script_without_a_new_page(screen: OtherScreen) -> None:
    screen.sign_in(CLERK)
    screen.open("/eingang")
    screen.driver.execute_script("window.isSamePage = true")
    screen.choose("Stand", "alle")
    screen.wait_for_address("stand=alle")
    assert screen.evaluate("window.isSamePage") is True


def test_suggested_authority_is_chosen_by_keyboard(
    screen: OtherScreen, installation: Installation
) -> None:
    """In the list of suggestions of the browser itself, which can be led in Firefox alone."""
    if screen.driver.name != "firefox":
        pytest.skip("WebDriver reaches the list of suggestions in Firefox alone")
    client = installation.xta("potsdam")
    for reader in ("jena", "cochem"):
        client.send(installation.outgoing(client.create_message_id(), reader))
    screen.sign_in(CLERK)
    # The browser draws its list when it comes to it, and nothing tells when that is.
    chosen = (choose_first_suggestion(screen, pause) for pause in (0.2, 0.5, 1.5, 5.0))
    assert any(chosen)
    value = screen.find("[name=behoerde]").get_attribute("value")
    assert re.search(r"^Stadt .*\(ags:\d+\)$", value or "")
    assert screen.evaluate("window.isSamePage") is True


def choose_first_suggestion(screen: OtherScreen, pause: float) -> bool:
    """With so many seconds between the keys; True where the list is limited by it."""
    screen.open("/ausgang")
    screen.driver.execute_script("window.isSamePage = true")
    field = screen.find("[name=behoerde]")
    field.send_keys("sta")
    screen.wait_for("document.querySelectorAll('#behoerden option').length > 1")
    for key in (Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER):
        time.sleep(pause)
        field.send_keys(key)
    time.sleep(2 * pause)
    return "behoerde=Stadt" in screen.driver.current_url


def test_ersuchen_is_captured_sent_and_opened(
    screen: OtherScreen, installation: Installation
) -> None:
    installation.empty_mailbox()
    screen.sign_in(CLERK)
    screen.open("/entwuerfe")
    screen.press("Neues Ersuchen")
    type_debtor(screen)
    screen.press("Weiter")
    type_claim(screen)
    screen.press("Weiter")
    screen.choose("Weitere Maßnahme", "sachpfaendung")
    screen.press("Maßnahme hinzufügen")
    screen.find_button("Maßnahme entfernen")
    screen.press("Weiter")
    screen.wait_for_address("/anlagen")
    attachment = installation.facts["sample"]["attachment"]
    screen.find("#dateien").send_keys(attachment)
    screen.find_link("bescheid.pdf")
    screen.press("Weiter")
    screen.wait_for_text("in das Postfach der Behörde auf diesem Server")
    assert screen.find_barriers() == []
    screen.press("Ersuchen senden")
    screen.wait_for_text("Das Ersuchen ist angenommen.")
    open_newest(screen)


def type_debtor(screen: OtherScreen) -> None:
    """The place brings its postal code, where only one has it."""
    screen.fill("Ihr Aktenzeichen", "VS-2026-4712")
    screen.fill("Familienname", "Beispiel")
    screen.fill("Vorname", "Erika")
    place = screen.find("[name='schuldner-0-ort']")
    place.send_keys("Cochem")
    screen.wait_for("document.querySelector('datalist option[value=Cochem]')")
    place.send_keys(Keys.TAB)
    screen.wait_for("document.querySelector('[name=schuldner-0-plz]').value === '56812'")
    place.clear()
    place.send_keys("Jena")
    code = screen.find("[name='schuldner-0-plz']")
    code.clear()
    code.send_keys("07743")


def type_claim(screen: OtherScreen) -> None:
    screen.choose("Einnahmeart", "hundesteuer")
    for name, value in (
        ("bezeichnung", "1. Rate"),
        ("betrag", "1.184,50"),
        ("faelligkeit", "15.02.2026"),
    ):
        screen.find(f"[name='forderungen-0-{name}']").send_keys(value)
    screen.fill("Bescheinigt am", "02.11.2026")
    screen.fill("Bescheinigt von", "Im Auftrag, Ahorn")


def open_newest(screen: OtherScreen) -> None:
    """Jena opens it, and confirms it."""
    screen.sign_in("sachbearbeitung.jena")
    screen.open("/eingang?stand=ungelesen")
    screen.find_link("Vollstreckungshilfeersuchen").click()
    screen.press("Nachricht öffnen")
    screen.wait_for_text("VS-2026-4712")
    screen.press("Empfang bestätigen")
    screen.wait_for_text("Der Empfang ist bestätigt.")
    assert screen.find_barriers() == []

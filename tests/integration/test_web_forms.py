"""Pages behind others: answers, templates, accounts, plans; each as in test_web_pages."""

import uuid
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from server.web.reply_forms import REPLY_FORMS
from tests.integration.test_web_matters import open_newest, send_ersuchen
from tests.support.chromium import Screen, find_reason_to_skip
from tests.support.installation import REPOSITORY, Installation

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

PASSWORD = "Vier Birken stehen am See"
# What Chromium says where a page answers with an error, or a form is drawn again.
ERROR = "Failed to load resource: the server responded with a status of "


class Screens:
    """Windows of several persons, closed at the end."""

    def __init__(self, browser: Browser, installation: Installation) -> None:
        self._browser, self._installation = browser, installation
        self._opened: list[Screen] = []

    def open(self, login: str = "") -> Screen:
        """A window; of somebody who has signed in where a login is named."""
        self._opened.append(Screen(self._browser, self._installation))
        if login:
            self._opened[-1].sign_in(login)
        return self._opened[-1]

    def close(self) -> None:
        for screen in self._opened:
            screen.close()


@pytest.fixture
def screens(chromium: Browser, installation: Installation) -> Iterator[Screens]:
    found = Screens(chromium, installation)
    yield found
    found.close()


def require_usable(screen: Screen) -> None:
    """In light and dark, at 200 %, by keyboard."""
    page = screen.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        assert screen.find_barriers() == [], (page.url, scheme)
    page.set_viewport_size({"width": 640, "height": 500})
    page.evaluate("document.fonts.ready")
    overhang = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overhang <= 0, page.url
    # A field that was typed into, or that is wrong, has the focus: the walk begins at the top.
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    page.evaluate("document.body.removeAttribute('tabindex')")
    reached = screen.walk_by_tab()
    assert [item for item in screen.list_controls() if item not in reached] == [], page.url
    page.set_viewport_size({"width": 1280, "height": 900})
    assert [item for item in screen.complaints if not item.startswith(ERROR)] == []


def test_every_form_of_an_answer_is_usable_also_with_what_is_wrong(
    screens: Screens, installation: Installation
) -> None:
    aktenzeichen = f"VS-{uuid.uuid4().hex[:8]}"
    send_ersuchen(installation, aktenzeichen)
    jena, potsdam = screens.open("sachbearbeitung.jena"), screens.open("sachbearbeitung.potsdam")
    open_newest(jena, "Vollstreckungshilfeersuchen").get_by_role("link", name="Zum Vorgang").click()
    potsdam.open(f"/vorgaenge?stand=alle&suche={aktenzeichen}")
    potsdam.page.get_by_role("link", name=aktenzeichen).click()
    seen = {event for screen in (jena, potsdam) for event in look_at_answers(screen)}
    assert seen == {event.value for event in REPLY_FORMS}


def look_at_answers(screen: Screen) -> list[str]:
    """The kinds of messages that the page of a Vorgang offers."""
    page = screen.page
    page.wait_for_selector(".da-aktionen a")
    paths = page.eval_on_selector_all(
        ".da-aktionen a", "links => links.map((link) => link.getAttribute('href'))"
    )
    for path in paths:
        screen.open(path)
        require_usable(screen)
        for field in page.locator(".da-antwort input[type=text], .da-antwort textarea").all():
            field.fill("")
        # No name of a person has digits: so none is sent.
        page.get_by_label("Bearbeitung").fill("Eva 2")
        page.get_by_role("button", name="Senden").click()
        expect(page.locator("[aria-invalid=true]").first).to_be_visible()
        require_usable(screen)
    return [str(path).rpartition("/")[2] for path in paths]


def test_templates_and_questions_before_removing_are_usable(screens: Screens) -> None:
    screen = screens.open("leitung.jena")
    page = screen.page
    screen.open("/entwuerfe")
    page.get_by_role("button", name="Neues Ersuchen").click()
    screen.open("/entwuerfe")
    page.get_by_role("link", name="Löschen").first.click()
    require_usable(screen)
    screen.open("/entwuerfe")
    page.get_by_role("button", name="Als Vorlage").first.click()
    page.get_by_label("Name der Vorlage").fill("Hundesteuer")
    for step in ("Forderungen", "Maßnahmen"):
        require_usable(screen)
        page.get_by_role("button", name=step, exact=True).click()
    require_usable(screen)
    screen.open("/vorlagen/verwalten")
    require_usable(screen)
    page.get_by_role("link", name="Löschen: Hundesteuer").first.click()
    require_usable(screen)


def test_first_password_and_second_factor_are_usable(screens: Screens) -> None:
    administrator, invited = screens.open("verwaltung.jena"), screens.open()
    login = f"neu.{uuid.uuid4().hex[:8]}"
    administrator.open("/benutzer")
    page = administrator.page
    for label, value in (("Anmeldename", login), ("Vor- und", "Ina Eibe"), ("E-Mail", "i@j.de")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Einladen").click()
    first = page.locator(".da-code").inner_text()
    require_usable(administrator)
    invited.sign_in(login, first)
    require_usable(invited)
    page = invited.page
    page.get_by_label("Bisheriges Kennwort").fill(first)
    page.get_by_label("Neues Kennwort", exact=True).fill(PASSWORD)
    page.get_by_label("Neues Kennwort wiederholen").fill(PASSWORD)
    page.get_by_role("button", name="Kennwort ändern").click()
    set_up_second_factor(invited)
    again = screens.open()
    again.try_to_sign_in(login, PASSWORD)
    expect(again.page.get_by_label("Code")).to_be_visible()
    require_usable(again)
    again.page.get_by_label("Code").fill("000000")
    again.page.get_by_role("button", name="Weiter").click()
    require_usable(again)
    invited.open("/profil/zweiter-faktor")
    require_usable(invited)


def set_up_second_factor(screen: Screen) -> None:
    screen.open("/profil/zweiter-faktor")
    page = screen.page
    secret = page.locator(".da-code").inner_text()
    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Einrichten").click()
    expect(page.locator(".da-codes")).to_be_visible()
    require_usable(screen)


def test_pages_of_one_object_of_the_operator_are_usable(
    screens: Screens, installation: Installation
) -> None:
    client = installation.xta("potsdam")
    message_id = client.create_message_id()
    client.send(installation.outgoing(message_id, "jena"))
    screen = screens.open("betreiber")
    page = screen.page
    for path in ("/betrieb/mandanten/xoev:ags:16053000", f"/betrieb/nachricht?id={message_id}"):
        screen.open(path)
        require_usable(screen)
    screen.open("/betrieb/verzeichnis")
    page.locator("#dateien").set_input_files(REPOSITORY / "server" / "demo" / "behoerden.csv")
    page.get_by_role("button", name="Prüfen").click()
    expect(page.get_by_role("button", name="Verwerfen")).to_be_visible()
    require_usable(screen)
    page.get_by_role("button", name="Verwerfen").click()
    expect(page.get_by_text("Die Dateien sind verworfen.")).to_be_visible()


def test_own_measure_is_usable_while_it_is_changed(screens: Screens) -> None:
    screen, key = screens.open("verwaltung.jena"), f"hausbesuch-{uuid.uuid4().hex[:6]}"
    page = screen.page
    screen.open("/eigene-massnahme")
    page.get_by_label("Schlüssel").fill(key)
    page.get_by_role("textbox", name="Bezeichnung").fill(f"Besuch {key}")
    page.get_by_label("Rechtsgrundlagen").fill("§ 258 AO")
    page.get_by_role("button", name="Hinzufügen").click()
    expect(page.get_by_role("status")).to_contain_text("steht jetzt im Katalog")
    screen.open(f"/massnahmen/{key}/aendern")
    require_usable(screen)


@pytest.mark.parametrize(
    ("path", "heading"), [("/gibt-es-nicht", "Nicht gefunden"), ("/protokoll", "Kein Zugriff")]
)
def test_pages_of_errors_are_usable_and_lead_on(screens: Screens, path: str, heading: str) -> None:
    screen = screens.open("sachbearbeitung.jena")
    screen.open(path)
    expect(screen.page.get_by_role("heading", name=heading)).to_be_visible()
    require_usable(screen)
    screen.page.get_by_role("link", name="Zur Übersicht").click()
    expect(screen.page.get_by_role("heading", name="Übersicht")).to_be_visible()

"""Every page in a real browser: barriers, keyboard, zoom, light and dark, complaints.

A new page adds its line to PAGES.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from persistence.database import Database
from persistence.engine import make_engine
from persistence.stores.letter_news import BatchNews
from server.domain.batch import StoredBatch
from server.domain.reconciliation import NOT_COUNTED
from server.pki import read_certificate
from server.services.batching.acknowledging import AcknowledgementNote, acknowledge
from server.services.clock import read_clock
from server.settings_file import load_settings
from tests.support.chromium import Screen, find_reason_to_skip
from tests.support.connecting import wait_until
from tests.support.installation import Installation

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

NOBODY = ""
CLERK = "sachbearbeitung.jena"
ADMINISTRATOR = "verwaltung.jena"
MANAGER = "leitung.jena"
OPERATOR = "betreiber"

# Who looks at which page. Behind a stroke stands the link that is followed from there; without a
# name it is the first one in the table. "{in_use}" is the certificate that no test revokes.
PAGES = (
    (NOBODY, "/anmelden"),
    (NOBODY, "/impressum"),
    (NOBODY, "/barrierefreiheit"),
    (CLERK, "/"),
    (CLERK, "/eingang"),
    (CLERK, "/eingang?suche=gibt-es-nicht"),
    (CLERK, "/eingang?stand=alle&behoerde=a&zeilen=50"),
    (CLERK, "/vorgaenge?stand=alle&behoerde=gibt-es-nicht"),
    (CLERK, "/entwuerfe"),
    (CLERK, "/entwuerfe?schuldner=gibt-es-nicht"),
    (CLERK, "/vorlagen"),
    (ADMINISTRATOR, "/einstellungen/bankverbindungen"),
    (CLERK, "/ausgang"),
    (CLERK, "/vorgaenge?stand=alle"),
    (CLERK, "/eingang?stand=alle|"),
    (CLERK, "/vorgaenge?stand=alle|"),
    (CLERK, "/profil"),
    (CLERK, "/profil/kennwort"),
    (CLERK, "/profil/zweiter-faktor"),
    (MANAGER, "/auswertung"),
    (MANAGER, "/auswertung?gliederung=behoerde"),
    (MANAGER, "/auswertung/druckkosten"),
    (OPERATOR, "/"),
    (OPERATOR, "/auswertung"),
    (ADMINISTRATOR, "/benutzer"),
    (ADMINISTRATOR, "/behoerde"),
    (ADMINISTRATOR, "/behoerde/ersatzwege"),
    (ADMINISTRATOR, "/behoerde/druck"),
    (ADMINISTRATOR, "/behoerde/briefkopf"),
    (ADMINISTRATOR, "/behoerde/zertifikate"),
    (ADMINISTRATOR, "/behoerde/zertifikate|Fingerabdruck {in_use}"),
    (ADMINISTRATOR, "/behoerde/zertifikate|Fingerabdruck {in_use}|Sperren"),
    (ADMINISTRATOR, "/behoerde/zertifikate/ausstellen"),
    (ADMINISTRATOR, "/behoerde/zertifikate/eintragen"),
    (ADMINISTRATOR, "/massnahmen"),
    (ADMINISTRATOR, "/massnahmen/vermoegensauskunft"),
    (ADMINISTRATOR, "/eigene-massnahme"),
    (ADMINISTRATOR, "/codelisten"),
    (ADMINISTRATOR, "/protokoll"),
    (OPERATOR, "/betrieb/lage"),
    (OPERATOR, "/betrieb/zustellung"),
    (OPERATOR, "/betrieb/zustellung?stand=offen"),
    (OPERATOR, "/betrieb/ziele"),
    (OPERATOR, "/betrieb/druck?stand=alle"),
    (OPERATOR, "/betrieb/druck?stand=probleme|"),
    (OPERATOR, "/betrieb/mandanten"),
    (OPERATOR, "/betrieb/verzeichnis"),
    (OPERATOR, "/betrieb/verzeichnis/zweifel"),
    (OPERATOR, "/benutzer"),
    (OPERATOR, "/benutzer/1"),
    (OPERATOR, "/massnahmen"),
    (OPERATOR, "/codelisten/import"),
)
WIDTH = 1280

OpenScreen = Callable[..., Screen]


@pytest.fixture(scope="module")
def waiting_message(installation: Installation) -> str:
    """A message in the mailbox of Jena, so that lists are not empty."""
    client = installation.xta("potsdam")
    message_id = client.create_message_id()
    client.send(installation.outgoing(message_id, "jena"))
    return message_id


@pytest.fixture(scope="module")
def differing_batch(installation: Installation) -> None:
    """A batch of which the print shop told other sums than were handed over; one is cleared up."""
    client = installation.xta("potsdam")
    client.send(installation.outgoing(client.create_message_id(), "cochem"))
    database = Database(make_engine(load_settings(installation.config, {}).database.url))
    batch = await_batch(database)
    lines = ("Briefe: übergeben 1, gezählt 2.", "Seiten: übergeben 4, gezählt 8.")
    with database.writing() as stores:
        news = BatchNews(read_clock(), "", NOT_COUNTED, lines, len(lines), open_count=len(lines))
        stores.letter_news.save_batch_news(batch.key, news)
        note = AcknowledgementNote("Falz mitgezählt, Frau Ahorn", "Betreiber (eva)", read_clock())
        acknowledge(stores, batch, note, lines[1:])
    database.engine.dispose()


def await_batch(database: Database) -> StoredBatch:
    def list_batches() -> tuple[StoredBatch, ...]:
        with database.reading() as stores:
            return stores.batches.list_all(())

    wait_until(lambda: bool(list_batches()))
    return list_batches()[0]


@pytest.fixture(scope="module")
def sign_in_once(chromium: Browser, installation: Installation) -> Callable[[str], Any]:
    """The cookies of a user who has signed in."""

    @cache
    def sign_in(login: str) -> Any:
        screen = Screen(chromium, installation)
        screen.sign_in(login)
        cookies = screen.context.storage_state()
        screen.close()
        return cookies

    return sign_in


@pytest.fixture
def open_screen(
    chromium: Browser,
    installation: Installation,
    waiting_message: str,
    differing_batch: None,
    sign_in_once: Callable[[str], Any],
) -> Iterator[OpenScreen]:
    screens: list[Screen] = []

    def open_one(login: str = NOBODY, **options: Any) -> Screen:
        if login:
            options["storage_state"] = sign_in_once(login)
        screens.append(Screen(chromium, installation, **options))
        return screens[-1]

    yield open_one
    for screen in screens:
        screen.close()


@pytest.fixture
def in_use(installation: Installation) -> str:
    """How the fingerprint of the certificate of Jena's Fachverfahren begins."""
    return read_certificate(installation.certificate("jena")).fingerprint[:8]


def follow(screen: Screen, path: str) -> None:
    start, *names = path.split("|")
    screen.open(start)
    for name in names:
        named = screen.page.get_by_role("link", name=name)
        found = named if name else screen.page.locator("tbody a")
        target = found.first.get_attribute("href")
        assert target
        screen.open(target)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("login", "path"), PAGES)
def test_page_has_no_barriers_and_no_complaints(
    open_screen: OpenScreen, in_use: str, login: str, path: str, scheme: str
) -> None:
    screen = open_screen(login, color_scheme=scheme)
    follow(screen, path.format(in_use=in_use))
    assert screen.find_barriers() == []
    assert screen.complaints == []


@pytest.mark.parametrize(("login", "path"), PAGES)
def test_page_is_used_by_keyboard(
    open_screen: OpenScreen, in_use: str, login: str, path: str
) -> None:
    screen = open_screen(login)
    follow(screen, path.format(in_use=in_use))
    reached = screen.walk_by_tab()
    assert reached[0].endswith("Zum Inhalt springen")
    assert [item for item in screen.list_controls() if item not in reached] == []


# What is cut off by an area with a bar of its own does not count.
_WHAT_STICKS_OUT = """[...document.querySelectorAll('body *')]
  .filter((item) => item.getBoundingClientRect().right > innerWidth)
  .filter((item) => !item.parentElement.closest('.kern-table-responsive, .da-diagramm__rahmen'))
  .map((item) => item.cloneNode(false).outerHTML)"""


@pytest.mark.parametrize(("login", "path"), PAGES)
def test_page_at_double_size_needs_no_scrolling_aside(
    open_screen: OpenScreen, in_use: str, login: str, path: str
) -> None:
    # 200 % of a window is one of half its width.
    screen = open_screen(login, viewport={"width": WIDTH // 2, "height": 500})
    follow(screen, path.format(in_use=in_use))
    # As the page is with its own fonts.
    screen.page.evaluate("document.fonts.ready")
    overhang = screen.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overhang <= 0, screen.page.evaluate(_WHAT_STICKS_OUT)


def test_instruments_see_what_is_wrong(open_screen: OpenScreen) -> None:
    screen = open_screen()
    screen.open("/anmelden")
    screen.page.evaluate("document.querySelector('label').remove()")
    assert any(item.startswith("label (critical)") for item in screen.find_barriers())
    screen.page.evaluate("document.querySelector('button').setAttribute('style', 'color: red')")
    screen.page.evaluate("fetch('https://anderswo.example/').catch(() => null)")
    assert any("style-src" in item for item in screen.complaints)
    assert any("connect-src" in item for item in screen.complaints)


def test_inbox_filter_by_script_changes_the_list_alone(open_screen: OpenScreen) -> None:
    screen = open_screen(CLERK)
    screen.open("/eingang")
    screen.page.evaluate("window.isSamePage = true")
    screen.page.get_by_label("Stand").select_option("bestaetigt")
    screen.page.wait_for_url("**/eingang?*stand=bestaetigt*")
    screen.page.get_by_label("Stand").select_option("alle")
    screen.page.wait_for_url("**/eingang?*stand=alle*")
    expect(screen.page.get_by_role("table")).to_be_visible()
    assert screen.page.evaluate("window.isSamePage") is True
    assert screen.complaints == []


def test_inbox_sorted_by_script_stays_sorted_when_filtered(open_screen: OpenScreen) -> None:
    screen = open_screen(CLERK)
    screen.open("/eingang")
    screen.page.get_by_role("link", name="Absender").click()
    screen.page.wait_for_url("**sortierung=absender*")
    header = screen.page.get_by_role("columnheader", name="Absender")
    expect(header).to_have_attribute("aria-sort", "ascending")
    screen.page.get_by_label("Stand").select_option("alle")
    screen.page.wait_for_url("**stand=alle*")
    assert "sortierung=absender" in screen.page.url


def test_inbox_without_scripts_is_filtered_and_sorted(open_screen: OpenScreen) -> None:
    screen = open_screen(CLERK, java_script_enabled=False)
    screen.open("/eingang")
    screen.page.get_by_label("Stand").select_option("alle")
    screen.page.get_by_role("button", name="Anzeigen").click()
    assert "stand=alle" in screen.page.url
    screen.page.get_by_role("link", name="Eingegangen").click()
    assert "sortierung=aelteste" in screen.page.url
    assert "stand=alle" in screen.page.url


def test_inbox_finds_a_message_by_its_id(open_screen: OpenScreen, waiting_message: str) -> None:
    screen = open_screen(CLERK)
    screen.open("/eingang")
    screen.page.get_by_label("Suche").fill(waiting_message)
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url("**suche=urn*")
    expect(screen.page.get_by_role("status")).to_have_text("Eine Nachricht auf dieser Seite.")


def test_theme_that_was_chosen_goes_before_that_of_the_system(open_screen: OpenScreen) -> None:
    screen = open_screen(CLERK, color_scheme="light")
    screen.open("/profil")
    light = _read_background(screen)
    screen.page.get_by_label("dunkel").check()
    screen.page.get_by_role("button", name="Übernehmen").click()
    dark = _read_background(screen)
    assert dark != light
    screen.open("/eingang")
    assert _read_background(screen) == dark
    assert screen.find_barriers() == []


def test_sign_out_and_wrong_password_are_told(open_screen: OpenScreen) -> None:
    screen = open_screen()
    screen.sign_in("lesen.jena")
    screen.page.get_by_role("button", name="Abmelden").click()
    expect(screen.page.get_by_role("status")).to_contain_text("Sie sind abgemeldet.")
    screen.page.get_by_label("Anmeldename").fill("gibt.es.nicht")
    screen.page.get_by_label("Kennwort").fill("falsch")
    screen.page.get_by_role("button", name="Anmelden").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("Kennwort ist falsch")
    assert screen.find_barriers() == []


def _read_background(screen: Screen) -> str:
    return str(screen.page.evaluate("getComputedStyle(document.body).backgroundColor"))

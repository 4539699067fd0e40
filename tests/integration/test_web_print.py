"""An Ersuchen for a reader without mailbox, from capturing to the post, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.printing.output import BatchReceipt
from tests.integration.test_main_job import await_entry
from tests.support.chromium import OpenWindow, Screen, find_reason_to_skip
from tests.support.installation import Installation, make_installation, serving
from tests.support.print_shop import PrintShop
from tests.support.web_capture import capture_until_attachments, go_on

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

CLERK, OPERATOR = "sachbearbeitung.potsdam", "betreiber"
POSTED = "2026-11-28T17:00:00+01:00"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Unlike the demo it waits for what the print shop reports; the same Ersuchen is sent again."""
    made = make_installation(tmp_path_factory.mktemp("druck") / "demo")
    changes = {"PRINTING__NEWS_DAYS": "14", "DELIVERY__DUPLICATE_WINDOW_DAYS": "0"}
    with serving(made, {f"DAMTSHILFE_{key}": value for key, value in changes.items()}):
        yield made


@pytest.fixture
def screens(open_window: OpenWindow) -> dict[str, Screen]:
    """A window of a clerk in Potsdam, and one of the operator."""
    return {login: open_window(login) for login in (CLERK, OPERATOR)}


def test_letter_is_captured_handed_over_posted_and_followed(
    installation: Installation, letters: Path, screens: dict[str, Screen]
) -> None:
    clerk, operator = screens[CLERK], screens[OPERATOR]
    message_id = send_letter(clerk)
    await_entry(installation.xta("potsdam"), message_id, "brief-ausgegeben")
    place = installation.fachverfahren("potsdam").fetch_letter(message_id)
    batch_id, letter_id = place.stapel, place.briefId

    open_batch(operator, batch_id)
    require_letter(operator.page, letter_id, "übergeben")
    print_and_post(PrintShop(letters), batch_id, letter_id)
    operator.page.get_by_role("button", name="Druckausgabe sofort fragen").click()
    expect(operator.page.get_by_role("status")).to_contain_text("wird sofort gefragt")
    await_entry(installation.xta("potsdam"), message_id, "brief-versandt")

    clerk.open(f"/ausgang?suche={message_id}")
    row = clerk.page.get_by_role("table").get_by_role("row").nth(1)
    expect(row).to_contain_text("Brief")
    row.get_by_role("link", name="Vollstreckungshilfeersuchen").click()
    require_way(clerk.page, batch_id)
    clerk.page.get_by_role("link", name="Zum Vorgang").click()
    clerk.page.get_by_text("Weg der Nachricht (Brief").last.click()
    require_way(clerk.page, batch_id)

    operator.open("/betrieb/druck?stand=alle")
    open_listed_batch(operator.page, batch_id)
    require_letter(operator.page, letter_id, "versandt")
    expect(operator.page.get_by_text("stimmen überein")).to_be_visible()
    assert clerk.complaints == operator.complaints == []


def send_letter(screen: Screen) -> str:
    """Erika Beispiel lives in Cochem, which has no mailbox; returns the MessageID."""
    page = screen.page
    screen.open("/entwuerfe")
    capture_until_attachments(page, "Cochem", "56812")
    go_on(page)
    expect(page.get_by_text("Stadt Cochem, Stadtkasse").first).to_be_visible()
    expect(page.locator("dd", has_text="Brief")).to_be_visible()
    page.get_by_role("button", name="Ersuchen senden").click()
    expect(page.get_by_role("status")).to_contain_text("Das Ersuchen ist angenommen.")
    return page.url.partition("/gesendet/")[2]


def print_and_post(shop: PrintShop, batch_id: str, letter_id: str) -> None:
    """The print shop reports first that it has printed, then that the post has the letter."""
    shop.print_all(BatchReceipt("folder", batch_id, batch_id))
    shop.report(f"{batch_id}.2.csv", f"brief;stand;zeitpunkt\n{letter_id};versandt;{POSTED}\n")


def require_way(page: Page, batch_id: str) -> None:
    """What the author is told: each state with batch and letter."""
    entries = page.locator(".da-report").get_by_role("listitem")
    for what in ("ist gedruckt", "ist bei der Post"):
        told = entries.filter(has_text=what).filter(has_text=f"Stapel {batch_id}, Brief 1 von 1")
        expect(told).to_be_visible()


def open_batch(screen: Screen, batch_id: str) -> None:
    screen.open("/")
    screen.go_to("Druck")
    open_listed_batch(screen.page, batch_id)


def open_listed_batch(page: Page, batch_id: str) -> None:
    page.get_by_role("table").get_by_role("link", name=batch_id, exact=True).click()
    expect(page.get_by_role("heading", name=f"Stapel {batch_id}")).to_be_visible()


def require_letter(page: Page, letter_id: str, state: str) -> None:
    row = page.get_by_role("table").get_by_role("row").filter(has_text=letter_id)
    expect(row).to_contain_text("56812")
    expect(row).to_contain_text(state)

"""The other authority in the filter of a list: typed with suggestions, with and without a mouse."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.chromium import Screen, find_reason_to_skip
from tests.support.installation import Installation

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

ASKING, ASKED = "sachbearbeitung.potsdam", "sachbearbeitung.jena"
OUTBOX, INBOX = "/ausgang", "/eingang?stand=alle"
JENA, COCHEM, POTSDAM = "ags:16053000", "ags:07135020", "ags:12054000"

OpenList = Callable[[str, str], Page]


@pytest.fixture(scope="module")
def sent(installation: Installation) -> None:
    """Messages of Potsdam to two authorities."""
    client = installation.xta("potsdam")
    for reader in ("jena", "cochem"):
        client.send(installation.outgoing(client.create_message_id(), reader))


@pytest.fixture
def open_list(chromium: Browser, installation: Installation, sent: None) -> Iterator[OpenList]:
    screens: list[Screen] = []

    def open_one(login: str, path: str) -> Page:
        screens.append(Screen(chromium, installation))
        screens[-1].sign_in(login)
        screens[-1].open(path)
        screens[-1].page.evaluate("window.isSamePage = true")
        return screens[-1].page

    yield open_one
    for screen in screens:
        assert screen.complaints == []
        screen.close()


def list_sides(page: Page) -> set[str]:
    """The identifiers of the other side in all rows."""
    shown = page.locator("#liste tbody").inner_text()
    return set(re.findall(r"ags:\d+", shown))


def walk_to(page: Page, target: Locator) -> None:
    """By the tab key alone."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(100):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not reach {target}")


def await_list(page: Page, address: re.Pattern[str]) -> None:
    """The list has changed, and nothing else of the page."""
    page.wait_for_url(address)
    assert page.evaluate("window.isSamePage") is True


@pytest.mark.parametrize(
    ("login", "path", "label", "typed", "suggested", "value"),
    [
        (ASKING, OUTBOX, "Empfänger", "kasse coch", "Stadt Cochem, Stadtkasse", COCHEM),
        (ASKED, INBOX, "Absender", "potsd", "Landeshauptstadt Potsdam", POTSDAM),
    ],
    ids=["outbox", "inbox"],
)
def test_authority_is_typed_suggested_and_chosen(
    open_list: OpenList, login: str, path: str, label: str, typed: str, suggested: str, value: str
) -> None:
    page = open_list(login, path)
    field = page.get_by_label(label)
    field.press_sequentially(typed, delay=20)
    option = page.locator("#behoerden option")
    expect(option).to_have_count(1)
    text = option.get_attribute("value") or ""
    assert text.startswith(suggested) and text.endswith(f"({value})")
    # The list of the browser itself is out of reach: who chooses there gets text and event.
    field.fill(text)
    field.dispatch_event("change")
    await_list(page, re.compile(f"behoerde=[^&]*{value[-8:]}"))
    expect(page.get_by_role("status")).to_contain_text("auf dieser Seite")
    assert list_sides(page) == {value}
    # The address can be kept: it names the identifier, and the field shows the name.
    page.reload()
    assert list_sides(page) == {value}
    expect(field).to_have_value(text)
    field.fill("")
    field.press("Enter")
    page.wait_for_url(re.compile("behoerde=(&|$)"))
    expect(page.locator("#liste tbody tr").first).to_be_visible()


def test_authority_is_typed_and_found_by_keyboard_alone(open_list: OpenList) -> None:
    page = open_list(ASKING, OUTBOX)
    assert list_sides(page) >= {JENA, COCHEM}
    field = page.get_by_label("Empfänger")
    walk_to(page, field)
    page.keyboard.type("jena")
    page.keyboard.press("Enter")
    await_list(page, re.compile("behoerde=jena"))
    expect(page.locator("#liste tbody")).not_to_contain_text("Cochem")
    assert list_sides(page) == {JENA}
    # Who goes on typing needs no way back.
    expect(field).to_be_focused()


def test_authority_that_is_unclear_is_chosen_by_keyboard_alone(open_list: OpenList) -> None:
    page = open_list(ASKING, OUTBOX)
    walk_to(page, page.get_by_label("Empfänger"))
    page.keyboard.type("stadt")
    page.keyboard.press("Tab")
    await_list(page, re.compile("behoerde=stadt"))
    expect(page.locator("#liste")).to_contain_text("passen mehrere Behörden")
    assert list_sides_offered(page) >= {JENA, COCHEM}
    walk_to(page, page.locator("#liste").get_by_role("link", name="Stadt Cochem"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"behoerde=ags%3A{COCHEM[4:]}"))
    assert list_sides(page) == {COCHEM}
    assert "Stadt Cochem" in page.get_by_label("Empfänger").input_value()


def list_sides_offered(page: Page) -> set[str]:
    return set(re.findall(r"ags:\d+", page.locator("#liste ul").inner_text()))


def test_authority_that_is_none_is_told(open_list: OpenList) -> None:
    page = open_list(ASKED, INBOX)
    walk_to(page, page.get_by_label("Absender"))
    page.keyboard.type("Gibtesnicht")
    page.keyboard.press("Enter")
    expect(page.locator("#liste")).to_contain_text("gibt es keine Behörde")
    expect(page.locator("#behoerden option")).to_have_count(0)
    expect(page.get_by_role("status").last).to_have_text("Keine Nachricht entspricht der Auswahl.")

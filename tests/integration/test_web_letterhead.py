"""An administrator sets the letterhead in a real browser: the next letter has it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.test_main_job import await_entry
from tests.support.chromium import OpenWindow, Screen, find_reason_to_skip
from tests.support.installation import Installation
from tests.support.letter_kinds import make_logo
from tests.unit.printing.pdf_reading import read_texts

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

ADMINISTRATOR = "verwaltung.potsdam"
PAGE = "/behoerde/briefkopf"
NAME = "Potsdam schreibt neu"


@pytest.fixture
def screen(open_window: OpenWindow) -> Screen:
    return open_window(ADMINISTRATOR)


def test_letterhead_is_looked_at_saved_printed_and_taken_back(
    installation: Installation, screen: Screen, tmp_path: Path
) -> None:
    before = print_letter(installation)
    fill_in(screen, tmp_path)
    assert NAME in read_sample(screen, tmp_path)
    assert NAME not in print_letter(installation)
    screen.page.get_by_role("button", name="Speichern").click()
    expect(screen.page.get_by_role("status")).to_contain_text("gilt ab dem nächsten Brief")
    expect(screen.page.get_by_role("img", name="Logo im Briefkopf")).to_be_visible()
    assert NAME in print_letter(installation)
    assert NAME not in before
    take_back(screen)
    assert NAME not in print_letter(installation)
    screen.open("/protokoll")
    expect(screen.page.get_by_text("Briefkopf geändert").first).to_be_visible()
    assert screen.complaints == []


def print_letter(installation: Installation) -> str:
    """What stands on the first page of a letter that is ordered now."""
    client = installation.xta("potsdam")
    message_id = client.create_message_id()
    client.send(installation.outgoing(message_id, "cochem"))
    await_entry(client, message_id, "brief-ausgegeben")
    letter = installation.fachverfahren("potsdam").fetch_letter(message_id)
    return read_texts(letter.inhalt)[0]


def fill_in(screen: Screen, folder: Path) -> None:
    logo = folder / "logo.png"
    logo.write_bytes(make_logo())
    screen.open("/behoerde")
    screen.page.get_by_role("link", name="Briefkopf", exact=True).click()
    screen.page.get_by_label("Name im Briefkopf").fill(NAME)
    screen.page.get_by_label("Fußzeilen").fill("Sprechzeiten: Di 9–12 Uhr")
    screen.page.get_by_label("Neues Logo").set_input_files(logo)


def read_sample(screen: Screen, folder: Path) -> str:
    """The letter is downloaded, and what was typed stays in the page."""
    with screen.page.expect_download() as download:
        screen.page.get_by_role("button", name="Musterbrief ansehen").click()
    download.value.save_as(folder / "muster.pdf")
    expect(screen.page.get_by_label("Name im Briefkopf")).to_have_value(NAME)
    return read_texts((folder / "muster.pdf").read_bytes())[0]


def take_back(screen: Screen) -> None:
    screen.page.get_by_text("Auf den vorgegebenen Briefkopf zurücksetzen").click()
    screen.page.get_by_role("button", name="Briefkopf zurücksetzen").click()
    expect(screen.page.get_by_role("status")).to_contain_text("wieder den vorgegebenen")


def test_field_that_does_not_fit_is_shown_wherever_it_stands(
    chromium: Browser, installation: Installation
) -> None:
    """The footer stands far below: without that nobody would see why nothing was saved."""
    screen = Screen(chromium, installation, viewport={"width": 1280, "height": 600})
    screen.sign_in(ADMINISTRATOR)
    screen.open(PAGE)
    footer = screen.page.get_by_label("Fußzeilen")
    footer.fill("1\n2\n3\n4")
    screen.page.get_by_role("button", name="Speichern").click()
    expect(screen.page.get_by_text("Höchstens 3 Zeilen")).to_be_in_viewport()
    expect(footer).to_be_focused()
    assert screen.find_barriers() == []
    screen.close()

"""An Ersuchen from Potsdam to Jena, captured in a real browser, with and without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, FilePayload, Page, expect

from tests.support.chromium import Screen, find_reason_to_skip
from tests.support.installation import Installation
from tests.support.web_capture import (
    add_measure,
    capture_until_attachments,
    go_on,
    type_claim,
    type_debtor,
)

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

CLERK = "sachbearbeitung.potsdam"
# What Chromium says where a form is drawn again.
UNFIT = "Failed to load resource: the server responded with a status of 422"


@pytest.fixture
def screen(chromium: Browser, installation: Installation) -> Iterator[Screen]:
    opened = Screen(chromium, installation)
    opened.sign_in(CLERK)
    yield opened
    opened.close()


def require_sound(screen: Screen) -> None:
    """No barriers, and no complaints but that a form did not fit."""
    assert screen.find_barriers() == []
    assert [item for item in screen.complaints if not item.startswith(UNFIT)] == []


def test_ersuchen_is_captured_and_arrives(
    screen: Screen, installation: Installation, tmp_path: Path
) -> None:
    page = screen.page
    screen.open("/entwuerfe")
    page.get_by_role("button", name="Neues Ersuchen").click()
    require_sound(screen)
    go_on(page)
    expect(page.get_by_text("Bitte geben Sie den Familiennamen an.")).to_be_visible()
    type_debtor(page, "Jenna")
    go_on(page)
    expect(page.get_by_text("Der Ort ist vermutlich verschrieben.")).to_be_visible()
    require_sound(screen)
    page.get_by_role("button", name="07743 Jena").click()
    expect(page.locator("[name=schuldner-0-ort]")).to_have_value("Jena")
    go_on(page)
    type_claim(page)
    page.locator("[name=forderungen-0-betrag]").fill("184.50")
    page.get_by_role("button", name="Nebenforderung hinzufügen").click()
    page.locator("[name=forderungen-0-nebenforderungen-0-art]").select_option("mahngebuehr")
    page.locator("[name=forderungen-0-nebenforderungen-0-betrag]").fill("5")
    go_on(page)
    expect(page.get_by_text("Bitte geben Sie einen Betrag mit Komma an")).to_be_visible()
    require_sound(screen)
    page.locator("[name=forderungen-0-betrag]").fill("1.184,50")
    go_on(page)
    add_measure(page, "kontopfaendung")
    go_on(page)
    expect(page.get_by_text("Hierzu fehlt: Kontoverbindung")).to_be_visible()
    require_sound(screen)
    page.locator("[name=massnahmen-0-iban]").fill("DE02 1203 0000 0000 2020 51")
    go_on(page)
    attach(screen, installation, tmp_path)
    go_on(page)
    expect(page.get_by_text("in das Postfach der Behörde auf diesem Server")).to_be_visible()
    require_sound(screen)
    check_preview(screen)
    message_id = send(screen)
    fetch(installation, message_id)


def attach(screen: Screen, installation: Installation, tmp_path: Path) -> None:
    """One file that is taken, one that is not."""
    page = screen.page
    page.locator("#dateien").set_input_files(installation.facts["sample"]["attachment"])
    expect(page.get_by_role("link", name="bescheid.pdf")).to_be_visible()
    wrong = tmp_path / "rechnung.exe"
    wrong.write_bytes(b"MZ")
    page.locator("#dateien").set_input_files(wrong)
    expect(page.get_by_role("alert")).to_contain_text("von einer Art, die nicht angenommen wird")
    expect(page.get_by_role("link", name="bescheid.pdf")).to_be_visible()
    require_sound(screen)


def check_preview(screen: Screen) -> None:
    """The page, and the letter, of which nothing is printed."""
    page = screen.page
    page.get_by_role("button", name="Vorschau").click()
    expect(page.get_by_role("cell", name="1.189,50")).to_be_visible()
    require_sound(screen)
    address = page.get_by_role("link", name="Als Brief").get_attribute("href")
    letter = screen.context.request.get(f"{screen.web['url']}{address}")
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.body().startswith(b"%PDF-")
    page.get_by_role("link", name="Zurück zu „Prüfen & Senden“").click()


def send(screen: Screen) -> str:
    page = screen.page
    page.get_by_role("button", name="Ersuchen senden").click()
    expect(page.get_by_role("status")).to_contain_text("Das Ersuchen ist angenommen.")
    require_sound(screen)
    return page.url.partition("/gesendet/")[2]


def fetch(installation: Installation, message_id: str) -> None:
    """Jena has it in its mailbox, with the attachment byte by byte."""
    jena = installation.xta("jena")
    fetched = jena.fetch(message_id)
    assert fetched is not None
    assert b"VS-2026-4711" in fetched.message.content
    assert fetched.attachments[0].content == installation.attachment()
    jena.close(fetched.request_id, [message_id])


def test_capture_without_scripts_is_possible(
    chromium: Browser, installation: Installation, letters: Path
) -> None:
    before = set(letters.glob("*/*"))
    screen = Screen(chromium, installation, java_script_enabled=False)
    screen.sign_in(CLERK)
    page = screen.page
    screen.open("/entwuerfe")
    capture_until_attachments(page)
    page.locator("#dateien").set_input_files(installation.facts["sample"]["attachment"])
    page.get_by_role("button", name="Hochladen").click()
    expect(page.get_by_role("link", name="bescheid.pdf")).to_be_visible()
    # Who goes on at once keeps what was chosen, too.
    proof: FilePayload = {
        "name": "nachweis.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.7",
    }
    page.locator("#dateien").set_input_files(proof)
    go_on(page)
    expect(page.get_by_text("Die Datei ist angehängt.")).to_be_visible()
    page.get_by_role("button", name="Anlagen").click()
    page.get_by_role("button", name="Entfernen: nachweis.pdf").click()
    expect(page.get_by_text("Die Anlage ist entfernt.")).to_be_visible()
    go_on(page)
    page.get_by_label("eine andere Behörde").check()
    page.get_by_label("Kennung der Behörde").fill("ags:07135020")
    page.get_by_role("button", name="Speichern und neu prüfen").click()
    page.get_by_role("button", name="Vorschau").click()
    address = page.get_by_role("link", name="Als Brief").get_attribute("href")
    assert screen.context.request.get(f"{screen.web['url']}{address}").ok
    assert set(letters.glob("*/*")) == before
    page.get_by_role("link", name="Zurück zu „Prüfen & Senden“").click()
    page.get_by_label("wie es das Verzeichnis sagt").check()
    page.get_by_label("Frühestens zustellen am").fill("24.12.2030")
    page.get_by_role("button", name="Speichern und neu prüfen").click()
    page.get_by_role("button", name="Ersuchen senden").click()
    expect(page.get_by_text("wartet auf Zustellung")).to_be_visible()
    page.get_by_text("Zurückziehen …", exact=True).click()
    page.get_by_role("button", name="Endgültig zurückziehen").click()
    expect(page.get_by_text("sie wird nicht zugestellt")).to_be_visible()
    screen.close()


def open_attachments(screen: Screen) -> Page:
    """The step of a new draft."""
    screen.open("/entwuerfe")
    screen.page.get_by_role("button", name="Neues Ersuchen").click()
    screen.page.get_by_role("button", name="Anlagen").click()
    screen.page.wait_for_url("**/anlagen")
    return screen.page


def test_going_to_another_step_keeps_what_was_typed(
    chromium: Browser, installation: Installation
) -> None:
    for scripts in (True, False):
        screen = Screen(chromium, installation, java_script_enabled=scripts)
        screen.sign_in(CLERK)
        page = screen.page
        screen.open("/entwuerfe")
        page.get_by_role("button", name="Neues Ersuchen").click()
        page.get_by_label("Familienname").fill("Halbfertig")
        page.get_by_role("button", name="Forderungen", exact=True).click()
        expect(page).to_have_url(re.compile("/forderungen$"))
        page.locator("[name=forderungen-0-bezeichnung]").fill("1. Rate")
        # The enter key stays at the step, and keeps it, too.
        page.keyboard.press("Enter")
        expect(page.get_by_text("Gespeichert.")).to_be_visible()
        page.get_by_role("button", name="Schuldner", exact=True).click()
        expect(page.get_by_label("Familienname")).to_have_value("Halbfertig")
        page.get_by_role("button", name="Prüfen & Senden").click()
        page.get_by_label("Frühestens zustellen am").fill("24.12.2030")
        page.get_by_role("button", name="Vorschau").click()
        page.get_by_role("link", name="Zurück zu").click()
        expect(page.get_by_label("Frühestens zustellen am")).to_have_value("24.12.2030")
        screen.close()


def test_typing_keeps_the_session_and_is_asked_about_before_it_is_lost(screen: Screen) -> None:
    page = screen.page
    page.clock.install()
    screen.open("/entwuerfe")
    page.get_by_role("button", name="Neues Ersuchen").click()
    page.wait_for_url("**/schuldner")
    page.clock.fast_forward("05:01")
    with page.expect_response("**/profil/sitzung") as kept:
        page.get_by_label("Familienname").fill("Halbfertig")
    assert kept.value.status == 204
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Eingang").click(no_wait_after=True)
    expect(page.get_by_label("Familienname")).to_have_value("Halbfertig")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    page.get_by_role("link", name="Eingang").click()
    expect(page.get_by_role("heading", name="Eingang")).to_be_visible()
    assert asked == ["beforeunload"]


def test_double_click_sends_once_and_shows_what_was_sent(screen: Screen) -> None:
    page = screen.page
    screen.open("/entwuerfe")
    capture_until_attachments(page)
    go_on(page)
    page.get_by_role("button", name="Ersuchen senden").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Das Ersuchen ist angenommen.")
    require_sound(screen)


def drop(page: Page, target: str, *files: tuple[str, str]) -> bool:
    """Drags files (name, content) onto an element; whether the page took them from the browser."""
    return bool(
        page.evaluate(
            """([target, files]) => {
              const transfer = new DataTransfer();
              for (const [name, content] of files) transfer.items.add(new File([content], name));
              const event = new DragEvent(
                'drop', {dataTransfer: transfer, bubbles: true, cancelable: true});
              return !document.querySelector(target).dispatchEvent(event);
            }""",
            [target, files],
        )
    )


def test_files_are_dragged_into_the_page(screen: Screen) -> None:
    page = open_attachments(screen)
    files = [("notiz.pdf", "kein PDF"), ("bescheid.pdf", "%PDF-1.7"), ("programm.exe", "MZ")]
    drop(page, "[data-ablage]", *files)
    expect(page.get_by_role("link", name="bescheid.pdf")).to_be_visible()
    expect(page.get_by_role("alert").first).to_contain_text("nicht, was die Endung sagt")
    expect(page.get_by_role("alert").last).to_contain_text("von einer Art")
    expect(page.get_by_role("button", name="Hochladen")).to_be_hidden()
    assert screen.find_barriers() == []


def test_file_that_is_dropped_beside_does_not_replace_the_page(screen: Screen) -> None:
    page = open_attachments(screen)
    assert drop(page, "h1", ("bescheid.pdf", "%PDF-1.7"))
    expect(page.get_by_text("Noch keine Anlage.")).to_be_visible()


def test_upload_shows_its_progress_and_is_waited_for(screen: Screen) -> None:
    page = open_attachments(screen)
    screen.slow_down(upload_throughput=400_000)
    drop(page, "[data-ablage]", ("bescheid.pdf", "%PDF-1.7" + "x" * 1_000_000))
    drop(page, "[data-ablage]", ("nachweis.pdf", "%PDF-1.7"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("[data-stand]")).to_have_text(re.compile(r"bescheid.pdf: [1-9]\d? %"))
    go_on(page)
    expect(page.get_by_text("Bitte warten Sie, bis alle Dateien hochgeladen")).to_be_visible()
    expect(page.get_by_role("link", name="bescheid.pdf")).to_be_visible()
    # The second one waited for the first.
    expect(page.get_by_role("link", name="nachweis.pdf")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_hidden()
    expect(page.get_by_text("Bitte warten Sie")).to_be_hidden()
    go_on(page)
    expect(page).to_have_url(re.compile("/senden$"))


def test_kind_that_was_chosen_stays_when_another_file_comes(screen: Screen) -> None:
    page = open_attachments(screen)
    drop(page, "[data-ablage]", ("bescheid.pdf", "%PDF-1.7"))
    page.get_by_label("Art von bescheid.pdf").select_option("bescheid")
    drop(page, "[data-ablage]", ("nachweis.pdf", "%PDF-1.7"))
    expect(page.get_by_role("link", name="nachweis.pdf")).to_be_visible()
    expect(page.get_by_label("Art von bescheid.pdf")).to_have_value("bescheid")
    go_on(page)
    expect(page).to_have_url(re.compile("/senden$"))
    page.get_by_role("button", name="Anlagen").click()
    expect(page.get_by_label("Art von bescheid.pdf")).to_have_value("bescheid")


def test_file_that_does_not_arrive_is_told(screen: Screen) -> None:
    page = open_attachments(screen)
    page.route("**/anlagen", lambda route: route.abort())
    drop(page, "[data-ablage]", ("bescheid.pdf", "%PDF-1.7"))
    expect(page.get_by_role("alert")).to_contain_text("„bescheid.pdf“ ist nicht angekommen.")
    page.unroute("**/anlagen")
    drop(page, "[data-ablage]", ("bescheid.pdf", "%PDF-1.7"))
    expect(page.get_by_role("link", name="bescheid.pdf")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_session_that_has_ended_leads_from_an_upload_to_the_sign_in(screen: Screen) -> None:
    page = open_attachments(screen)
    screen.context.clear_cookies()
    drop(page, "[data-ablage]", ("bescheid.pdf", "%PDF-1.7"), ("nachweis.pdf", "%PDF-1.7"))
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()


def test_places_are_suggested_while_somebody_types(screen: Screen) -> None:
    screen.open("/entwuerfe")
    screen.page.get_by_role("button", name="Neues Ersuchen").click()
    screen.page.wait_for_url("**/schuldner")
    place = screen.page.locator("[name=schuldner-0-ort]")
    code = screen.page.locator("[name=schuldner-0-plz]")
    place.press_sequentially("Jena")
    expect(screen.page.locator("datalist option[value=Jena]").first).to_be_attached()
    place.blur()
    expect(code).to_have_value("")
    place.fill("")
    place.press_sequentially("Coche")
    expect(screen.page.locator("datalist option[value=Cochem]")).to_be_attached()
    place.press_sequentially("m")
    place.blur()
    expect(code).to_have_value("56812")
    require_sound(screen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_steps_have_no_barriers_and_no_overhang_at_double_size(
    chromium: Browser, installation: Installation, scheme: str
) -> None:
    viewport = {"width": 640, "height": 500}
    screen = Screen(chromium, installation, color_scheme=scheme, viewport=viewport)
    screen.sign_in(CLERK)
    screen.open("/entwuerfe")
    capture_until_attachments(screen.page)
    draft = screen.page.url.partition(screen.web["url"])[2].removesuffix("/anlagen")
    for step in ("schuldner", "forderungen", "massnahmen", "anlagen", "senden", "vorschau"):
        screen.open(f"{draft}/{step}")
        require_sound(screen)
        # What is folded away is reached once it is unfolded.
        screen.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        overhang = screen.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overhang <= 0, step
        reached = screen.walk_by_tab(200)
        assert [item for item in screen.list_controls() if item not in reached] == [], step
    screen.close()

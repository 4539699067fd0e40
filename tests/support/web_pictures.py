"""Renders the pictures of docs/web-client.md anew: `python -m tests.support.web_pictures`."""

import io
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from server.demo.data import DemoMandant, read_behoerden
from server.demo.sample import make_ersuchen
from server.domain.anschrift import Anschrift
from server.domain.ersuchen import Person
from server.printing.output import BatchReceipt
from server.xmlio.ersuchen import write_ersuchen
from tests.support.chromium import Screen, find_reason_to_skip, running_chromium
from tests.support.installation import Installation, make_installation, run_cli, serving
from tests.support.print_shop import PrintShop
from tests.support.web_capture import add_measure, go_on, type_claim, type_debtor

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "web"
SIZE: ViewportSize = {"width": 1280, "height": 900}
COLOURS = 64
CLERK, OTHER_CLERK, OPERATOR = "sachbearbeitung.potsdam", "sachbearbeitung.jena", "betreiber"
# Who asks whom about which invented person.
TO_JENA = ("Erle, Jonas", "Linde, Marta", "Weide, Paul")
TO_POTSDAM = ("Buche, Clara", "Fichte, Henri", "Tanne, Ida", "Ulme, Georg")
LETTERS = {
    "cochem": "Eibe, Rosa",
    "flensburg": "Birke, Emil",
    "fulda": "Hasel, Nora",
    "konstanz": "Lärche, Anton",
    "goslar": "Ahorn, Lotte",
}
LATE_LETTERS = {"schwerin": "Esche, Max"}
# Letters leave when they are told to, and their way is followed.
CHANGES = {
    "DAMTSHILFE_PRINTING__NEWS_DAYS": "14",
    "DAMTSHILFE_DELIVERY__DUPLICATE_WINDOW_DAYS": "0",
}
FAILED_LETTER = 3
# What matters of these pages stands below: letters, course, the button that sends.
TALL = frozenset({"stapel", "vorgang", "senden"})


class Office:
    """Fills an installation with what a few days of work leave behind."""

    def __init__(self, installation: Installation, browser: Browser) -> None:
        self.installation = installation
        self._browser = browser
        self._shop = PrintShop(installation.folder / "druck")
        self._numbers = iter(range(1101, 1200))

    def work(self) -> Mapping[str, tuple[str, str]]:
        """The pages to be shown, by the names of their pictures: who looks at which path."""
        for debtor in TO_JENA:
            self._send("potsdam", "jena", debtor)
        for debtor in TO_POTSDAM:
            self._send("jena", "potsdam", debtor)
        batch_id = self._post_letters()
        vorgang = self._talk()
        draft = self._capture()
        return {
            "uebersicht": (CLERK, "/"),
            "eingang": (CLERK, "/eingang"),
            "erfassen": (CLERK, f"{draft}/forderungen"),
            "senden": (CLERK, f"{draft}/senden"),
            "vorgang": (CLERK, vorgang),
            "zustellung": (OPERATOR, "/betrieb/zustellung"),
            "stapel": (OPERATOR, f"/betrieb/druck/{batch_id}"),
        }

    def open_screen(self, login: str, scheme: str = "light") -> Screen:
        """A window in which somebody is signed in."""
        screen = Screen(self._browser, self.installation, viewport=SIZE, color_scheme=scheme)
        screen.sign_in(login)
        return screen

    def _send(self, author: str, reader: str, debtor: str) -> str:
        behoerden = read_behoerden()
        asked = behoerden[reader]
        home = Anschrift("Lindenweg", "4", asked.anschrift.plz, asked.anschrift.ort)
        about = DemoMandant(reader, True, home, "grundsteuer")
        ersuchen = make_ersuchen(behoerden[author], asked, about)
        surname, first_name = debtor.split(", ")
        number = f"VS-2026-{next(self._numbers)}"
        ersuchen = replace(
            ersuchen,
            schuldner_list=(replace(ersuchen.schuldner_list[0], wer=Person(surname, first_name)),),
            ersuchender=replace(ersuchen.ersuchender, aktenzeichen=number),
        )
        client = self.installation.fachverfahren(author)
        return str(client.send(None, write_ersuchen(ersuchen), []).messageId)

    def _post_letters(self) -> str:
        """A batch that was printed and posted but for one letter; others wait for theirs."""
        message_ids = [self._send("potsdam", key, debtor) for key, debtor in LETTERS.items()]
        self._await_entries(message_ids, "brief-gesetzt")
        self._run("print", "close")
        self._await_entries(message_ids, "brief-ausgegeben")
        client = self.installation.fachverfahren("potsdam")
        letters = [client.fetch_letter(message_id) for message_id in message_ids]
        batch_id = str(letters[0].stapel)
        self._shop.print_all(BatchReceipt("folder", batch_id, batch_id))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        states = ["versandt;"] * len(letters)
        states[FAILED_LETTER] = "fehler;Papierstau, der Brief ist beschädigt"
        lines = (
            f"{letter.briefId};{state.partition(';')[0]};{now};{state.partition(';')[2]}\n"
            for letter, state in zip(letters, states, strict=True)
        )
        self._shop.report(f"{batch_id}.2.csv", "brief;stand;zeitpunkt;grund\n" + "".join(lines))
        self._run("print", "poll", batch_id)
        self._await_entries([message_ids[0]], "brief-versandt")
        self._await_entries([message_ids[FAILED_LETTER]], "brief-fehlgeschlagen")
        late = [self._send("potsdam", key, debtor) for key, debtor in LATE_LETTERS.items()]
        self._await_entries(late, "brief-gesetzt")
        return batch_id

    def _await_entries(self, message_ids: list[str], code: str) -> None:
        author = self.installation.xta("potsdam")
        deadline = time.monotonic() + 120
        for message_id in message_ids:
            while code not in author.find_report(message_id).codes:
                assert time.monotonic() < deadline, author.find_report(message_id)
                time.sleep(0.5)

    def _run(self, *arguments: str) -> None:
        run_cli(*arguments, "--config", str(self.installation.config))

    def _talk(self) -> str:
        """Jena accepts and asks; Potsdam reads that, and more. Returns the path of the Vorgang."""
        jena, potsdam = self.open_screen(OTHER_CLERK), self.open_screen(CLERK)
        page = _open_oldest(jena)
        page.get_by_role("link", name="Zum Vorgang").click()
        for action, label, text in (
            ("Annehmen, Sachstand mitteilen", "Unser Aktenzeichen", "J 4711/26"),
            ("Rückfrage stellen", "Fragen", "Wo arbeitet der Schuldner?"),
        ):
            page.get_by_role("link", name=action, exact=True).click()
            page.get_by_label(label).fill(text)
            page.get_by_role("button", name="Senden").click()
            expect(page.get_by_text("ist gesendet.")).to_be_visible()
        _open_oldest(potsdam)
        potsdam.open("/eingang?stand=alle&sortierung=neueste")
        table = potsdam.page.get_by_role("table")
        table.get_by_role("link", name="Sachstand").first.click()
        potsdam.page.get_by_role("button", name="Nachricht öffnen").click()
        potsdam.page.get_by_role("link", name="Zum Vorgang").click()
        expect(potsdam.page.get_by_role("heading", name="Verlauf")).to_be_visible()
        path = potsdam.page.url.removeprefix(potsdam.web["url"])
        jena.close()
        potsdam.close()
        return path

    def _capture(self) -> str:
        """An Ersuchen that is ready to be sent; returns the path of its draft."""
        screen = self.open_screen(CLERK)
        page = screen.page
        screen.open("/entwuerfe")
        page.get_by_role("button", name="Neues Ersuchen").click()
        type_debtor(page, "Cochem", "56812")
        go_on(page)
        type_claim(page)
        go_on(page)
        add_measure(page, "sachpfaendung")
        go_on(page)
        page.locator("#dateien").set_input_files(self.installation.facts["sample"]["attachment"])
        expect(page.get_by_role("link", name="bescheid.pdf")).to_be_visible()
        path = page.url.removeprefix(screen.web["url"]).removesuffix("/anlagen")
        screen.close()
        return path


def _open_oldest(screen: Screen) -> Page:
    """Opens and confirms the oldest message of the mailbox."""
    screen.open("/eingang?stand=ungelesen&sortierung=aelteste")
    page = screen.page
    page.get_by_role("table").get_by_role("link", name="Vollstreckungshilfeersuchen").first.click()
    page.get_by_role("button", name="Nachricht öffnen").click()
    page.get_by_role("button", name="Empfang bestätigen").click()
    expect(page.get_by_text("Der Empfang ist bestätigt.")).to_be_visible()
    return page


def main() -> None:
    """Writes each page in light and dark."""
    if reason := find_reason_to_skip():
        sys.exit(reason)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        installation = make_installation(Path(folder) / "demo")
        _set_cut_off(installation.config)
        with serving(installation, CHANGES), running_chromium() as browser:
            office = Office(installation, browser)
            pages = office.work()
            for scheme in ("light", "dark"):
                _draw(office, pages, scheme)


def _set_cut_off(config: Path) -> None:
    """Batches are closed by hand."""
    text, count = re.subn(r"(?m)^cut_offs = \[\]", 'cut_offs = ["04:00"]', config.read_text())
    assert count == 1
    config.write_text(text)


def _draw(office: Office, pages: Mapping[str, tuple[str, str]], scheme: str) -> None:
    screens = {login: office.open_screen(login, scheme) for login in (CLERK, OPERATOR)}
    for name, (login, path) in pages.items():
        screen = screens[login]
        screen.open(path)
        for folded in screen.page.locator(".da-zeitleiste details > summary").all()[:1]:
            folded.click()
        screen.page.mouse.move(0, 0)
        picture = screen.page.screenshot(full_page=name in TALL)
        # Without the place of the scroll bar, which is not drawn.
        width = screen.page.evaluate("document.body.clientWidth")
        _save(picture, width, FOLDER / f"{name}-{scheme}.png")
    for screen in screens.values():
        screen.close()


def _save(png: bytes, width: int, path: Path) -> None:
    """With few colours."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, width, picture.height))
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()

"""The operator imports a code list, in a real browser; a running server knows it soon after."""

import time
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.domain.codeliste import Codeliste
from server.xmlio.genericode import write_codeliste
from tests.support.chromium import OpenWindow, Screen, find_reason_to_skip
from tests.support.installation import Installation

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

OPERATOR = "betreiber"
# Servers ask every few seconds whether there was an import.
PATIENCE = 15


@pytest.fixture
def screen(open_window: OpenWindow) -> Screen:
    return open_window()


def test_list_is_tried_imported_and_known(
    screen: Screen, installation: Installation, tmp_path: Path
) -> None:
    uri = f"urn:example:farben:{uuid.uuid4().hex[:8]}"
    screen.sign_in(OPERATOR)
    first = Codeliste(uri, "1", "Farben", {"r": "Rot", "b": "Blau"})
    page = screen.page

    upload(screen, tmp_path, first)
    expect(page.get_by_text("Bisher wurde nichts geschrieben.")).to_be_visible()
    require_no_barriers(screen)
    page.get_by_role("button", name="Importieren").click()
    expect(page.get_by_role("status").first).to_contain_text("Farben, Version 1: importiert")
    await_known(installation, uri)

    upload(screen, tmp_path, Codeliste(uri, "2", "Farben", {"r": "Hellrot", "w": "Weiß"}))
    expect(page.get_by_role("region", name="neu")).to_contain_text("Weiß")
    expect(page.get_by_role("region", name="geändert")).to_contain_text("Hellrot")
    expect(page.get_by_role("region", name="entfallen")).to_contain_text("Blau")
    require_no_barriers(screen)
    page.get_by_role("button", name="Verwerfen").click()
    expect(page.get_by_role("status").first).to_contain_text("nichts geändert")
    screen.open("/protokoll")
    row = page.get_by_role("table").get_by_role("row").filter(has_text=uri)
    expect(row).to_contain_text("Codelisten importiert")
    expect(row).to_have_count(1)
    assert screen.complaints == []


def require_no_barriers(screen: Screen) -> None:
    """What looks for them is a script."""
    if screen.page.evaluate("'htmx' in window"):
        assert screen.find_barriers() == []


def upload(screen: Screen, folder: Path, codeliste: Codeliste) -> None:
    path = folder / "farben.gc.xml"
    path.write_bytes(write_codeliste(codeliste))
    screen.open("/codelisten")
    screen.page.get_by_role("link", name="Codelisten importieren").click()
    screen.page.get_by_label("Dateien").set_input_files(path)
    screen.page.get_by_role("button", name="Prüfen").click()


def await_known(installation: Installation, uri: str) -> None:
    client = installation.fachverfahren("potsdam")
    deadline = time.monotonic() + PATIENCE
    while client.find_codeliste(uri) is None:
        assert time.monotonic() < deadline, uri
        time.sleep(0.5)

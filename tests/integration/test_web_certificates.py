"""An administrator gets a certificate and revokes it again: browser, worker and XTA server."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clients.xta import XtaAccess, XtaClient
from clients.xta.errors import XtaFault
from server.pki.exchange import make_request
from server.xmlio.contract_files import XTA_WSDL
from tests.support.chromium import OpenWindow, Screen, find_reason_to_skip
from tests.support.installation import Installation

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

ADMINISTRATOR = "verwaltung.jena"
# The worker signs at its next round.
PATIENCE_MS = 30_000


@pytest.fixture
def screen(open_window: OpenWindow) -> Screen:
    return open_window()


def test_certificate_is_asked_for_used_and_revoked(
    screen: Screen, installation: Installation, tmp_path: Path
) -> None:
    key, csr = make_request("jena")
    (tmp_path / "jena.csr").write_bytes(csr)
    screen.sign_in(ADMINISTRATOR)
    chain = ask(screen, tmp_path / "jena.csr")

    (tmp_path / "jena.pem").write_bytes(key + chain.read_bytes())
    client = make_client(installation, tmp_path / "jena.pem")
    assert client.create_message_id()

    revoke(screen)
    with pytest.raises(XtaFault) as refusal:
        make_client(installation, tmp_path / "jena.pem").create_message_id()
    assert refusal.value.code == "9010"
    # The other one goes on to count.
    assert installation.xta("jena").create_message_id()
    require_audit(screen)
    # The form that was not filled in is drawn again with 422.
    assert [item for item in screen.complaints if "422" not in item] == []


def ask(screen: Screen, csr: Path) -> Path:
    """Returns the certificate with its chain."""
    page = screen.page
    screen.open("/behoerde/zertifikate")
    page.get_by_role("link", name="Zertifikat ausstellen lassen").click()
    page.get_by_label("Zertifikatsantrag").set_input_files(csr)
    page.get_by_label("Die bisherigen Zertifikate gelten noch").fill("")
    page.get_by_role("button", name="Beantragen").click()
    expect(page.get_by_text("Der Antrag ist angenommen.")).to_be_visible()
    await_certificate(page)
    with page.expect_download() as started:
        page.get_by_role("link", name="Zertifikat mit Kette (PEM)").click()
    return Path(started.value.path())


def await_certificate(page: Page) -> None:
    """The list shows it by itself; without scripts it is loaded anew."""
    requests = page.get_by_role("region", name="Anträge auf Zertifikate")
    newest = requests.get_by_role("row").nth(1)
    reload = page.get_by_role("link", name="Stand neu laden")
    for _ in range(PATIENCE_MS // 500):
        if newest.get_by_text("ausgestellt", exact=True).count():
            break
        page.wait_for_timeout(500)
        if reload.count() and not page.evaluate("typeof htmx !== 'undefined'"):
            reload.click()
    newest.get_by_role("link", name="herunterladen").click()


def make_client(installation: Installation, certificate: Path) -> XtaClient:
    access = XtaAccess(
        str(XTA_WSDL),
        installation.url("management"),
        installation.url("send"),
        installation.url("msgbox"),
        certificate,
        installation.ca,
    )
    return XtaClient(access, installation.party("jena"))


def revoke(screen: Screen) -> None:
    page = screen.page
    page.get_by_role("link", name="Sperren …").click()
    expect(page.get_by_text("Das betrifft den Absender")).to_be_visible()
    expect(page.get_by_text("Weiter gelten:")).to_be_visible()
    page.get_by_role("button", name="Sperren").click()
    expect(page.get_by_text("Bitte bestätigen Sie die Sperre.")).to_be_visible()
    page.get_by_label("Grund").select_option("keyCompromise")
    page.get_by_label("Ich habe gelesen, was die Sperre bewirkt.").check()
    page.get_by_role("button", name="Sperren").click()
    expect(page.get_by_text("Das Zertifikat ist gesperrt.")).to_be_visible()


def require_audit(screen: Screen) -> None:
    screen.open("/protokoll")
    rows = screen.page.get_by_role("table").get_by_role("row").filter(has_text=ADMINISTRATOR)
    for action in ("Zertifikat beantragt", "Zertifikat ausgestellt", "Zertifikat gesperrt"):
        expect(rows.filter(has_text=action).first).to_be_visible()

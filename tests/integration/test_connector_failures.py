"""What the connector does with what cannot go: aside with a reason, or later, but never lost."""

import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clients.fachverfahren.client import Attachment
from clients.fachverfahren.connector import Connector
from tests.integration.test_bad_input import new_id
from tests.support.connecting import (
    Site,
    connecting,
    make_site,
    read_document,
    read_log,
    wait_until,
)
from tests.support.faulty_proxy import FaultyProxy, Trick, fault, faulty_proxy
from tests.support.installation import (
    Installation,
    make_installation,
    read_sample,
    run_cli,
    serving,
)

SiteMaker = Callable[..., Site]


@pytest.fixture
def sites(installation: Installation, tmp_path: Path) -> SiteMaker:
    def make(name: str, **outbox: object) -> Site:
        return make_site(tmp_path / name, installation, name, **outbox)

    return make


@pytest.fixture
def proxy(installation: Installation) -> Iterator[FaultyProxy]:
    with faulty_proxy(installation, "potsdam") as made:
        yield made


def through(proxy: FaultyProxy, site: Site) -> Site:
    """The same site, with the proxy in between."""
    facade = replace(site.settings.facade, url=proxy.url)
    return replace(site, settings=replace(site.settings, facade=facade))


def run_round(site: Site) -> bool:
    return Connector(site.settings, threading.Event()).run_once()


def put_ready(site: Site, name: str, message: bytes, **attachments: bytes) -> None:
    site.put(name, message, **attachments)
    (site.folders.outbox / f"{name}.fertig").touch()


def read_failure(site: Site) -> tuple[Path, dict[str, str], str]:
    """The one failed job: its folder, `grund.xml` and `grund.txt`."""
    (name,) = site.visible(site.folders.failed)
    folder = site.folders.failed / name
    reason = (folder / "grund.txt").read_text(encoding="utf-8")
    return folder, read_document(folder / "grund.xml"), reason


def take_message(installation: Installation, name: str) -> list[str]:
    """Empties a mailbox: the MessageIDs that waited in it."""
    client, found = installation.fachverfahren(name), []
    while nachricht := client.receive().nachricht:
        client.confirm(nachricht.messageId)
        found.append(nachricht.messageId)
    return found


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        ("ersuchen-wrong-date.xml", "9050"),
        ("ersuchen-latin-1-declared-as-utf-8.xml", "9051"),
        ("ersuchen-not-well-formed.xml", "9050"),
    ],
)
def test_connect_once_refused_message_is_moved_aside_with_its_reason(
    sites: SiteMaker, sample: str, code: str
) -> None:
    site = sites("potsdam", ready_files=True)
    content = read_sample("invalid", sample)
    put_ready(site, "falsch", content, anlage_pdf=b"%PDF")
    run_cli("connect", "--config", str(site.config), "--once", expected=1)
    folder, document, reason = read_failure(site)
    assert folder.name.startswith("falsch-20")
    assert (folder / "auftrag" / "falsch.xml").read_bytes() == content
    assert (folder / "auftrag" / "falsch" / "anlage.pdf").read_bytes() == b"%PDF"
    assert document["code"] == code
    assert code in reason
    assert document["ursache"] in reason
    assert document["abhilfe"] in reason
    assert document["messageId"] in reason
    assert site.visible(site.folders.outbox) == site.under_way() == site.receipt_ids() == []


def test_connect_once_job_that_failed_goes_again_when_it_is_put_back(
    installation: Installation, sites: SiteMaker
) -> None:
    site = sites("potsdam", ready_files=True)
    put_ready(site, "auftrag", b"<falsch/>")
    assert not run_round(site)
    put_ready(site, "auftrag", installation.payload())
    assert run_round(site)
    assert take_message(installation, "jena") == site.receipt_ids()


def test_connect_once_job_above_the_limit_of_the_server_gets_9023(
    installation: Installation, sites: SiteMaker
) -> None:
    site = sites("potsdam", ready_files=True)
    put_ready(site, "gross", installation.payload(), anlage_bin=bytes(4_000_000))
    put_ready(site, "klein", installation.payload())
    assert not run_round(site)
    _, document, _ = read_failure(site)
    assert (document["auftrag"], document["code"]) == ("gross", "9023")
    assert take_message(installation, "jena") == site.receipt_ids() != []


def test_connect_once_job_that_the_connector_refuses_names_no_code(sites: SiteMaker) -> None:
    site = sites("potsdam", ready_files=True)
    put_ready(site, "leer", b"")
    assert not run_round(site)
    _, document, reason = read_failure(site)
    assert "code" not in document
    assert "ist leer" in reason
    assert "Fehlercode" not in reason


def test_connect_once_job_changed_after_the_first_try_is_not_sent(
    installation: Installation, sites: SiteMaker, proxy: FaultyProxy
) -> None:
    site = sites("potsdam", ready_files=True)
    put_ready(site, "auftrag", installation.payload())
    proxy.tricks = [fault("9030", "Server")]
    assert not run_round(through(proxy, site))
    (label,) = site.under_way()
    message = site.folders.state / "jobs" / label / "auftrag" / "auftrag.xml"
    message.write_bytes(installation.payload() + b" ")
    assert not run_round(site)
    assert "geändert" in read_failure(site)[2]
    assert take_message(installation, "jena") == []


@pytest.mark.parametrize(
    "trick",
    [
        fault("9030", "Server"),
        fault("9031", "Server"),
        fault("9011"),
        Trick(),
        Trick(passes_on=True),
        Trick(502, "<html>Bad Gateway</html>"),
        Trick(503, ""),
        Trick(403, "<html>Forbidden</html>"),
        Trick(200, "<html>Wartung</html>"),
        Trick(200, "Wartung"),
    ],
    ids=str,
)
def test_connect_once_passing_trouble_keeps_the_job_and_sends_it_once(
    installation: Installation, sites: SiteMaker, proxy: FaultyProxy, trick: Trick
) -> None:
    site = through(proxy, sites("potsdam", ready_files=True))
    put_ready(site, "auftrag", installation.payload())
    proxy.tricks = [trick]
    assert not run_round(site)
    assert (site.under_way(), site.receipt_ids()) == (["auftrag"], [])
    assert run_round(site)
    assert (site.under_way(), proxy.played) == ([], 1)
    assert take_message(installation, "jena") == site.receipt_ids() != []


@pytest.mark.parametrize(
    ("trick", "code"), [(fault("9060"), "9060"), (Trick(413, "<html><hr>Too large</html>"), "413")]
)
def test_connect_once_refusal_before_the_server_is_final(
    installation: Installation, sites: SiteMaker, proxy: FaultyProxy, trick: Trick, code: str
) -> None:
    site = through(proxy, sites("potsdam", ready_files=True))
    put_ready(site, "auftrag", installation.payload())
    proxy.tricks = [trick]
    assert not run_round(site)
    assert read_failure(site)[1]["code"] == code
    assert run_round(site)
    assert take_message(installation, "jena") == []


def test_connect_once_refusal_of_what_had_been_accepted_is_an_acceptance(
    installation: Installation, sites: SiteMaker, proxy: FaultyProxy
) -> None:
    site = through(proxy, sites("potsdam", ready_files=True))
    put_ready(site, "auftrag", installation.payload())
    proxy.tricks = [Trick(passes_on=True), fault("9052")]
    assert not run_round(site)
    assert run_round(site)
    assert proxy.played == 2
    assert take_message(installation, "jena") == site.receipt_ids() != []


def test_connect_once_one_job_in_trouble_does_not_hold_the_others(
    installation: Installation, sites: SiteMaker, proxy: FaultyProxy
) -> None:
    site = through(proxy, sites("potsdam", ready_files=True))
    put_ready(site, "a", installation.payload())
    put_ready(site, "b", installation.payload())
    proxy.tricks = [Trick()]
    assert not run_round(site)
    assert (site.under_way(), len(site.receipt_ids())) == (["a"], 1)
    assert run_round(site)
    assert len(take_message(installation, "jena")) == 2


def test_connector_server_away_waits_and_sends_when_it_comes(tmp_path: Path) -> None:
    installation = make_installation(tmp_path / "demo")
    site = make_site(tmp_path / "potsdam", installation, "potsdam")
    site.put("auftrag", installation.payload())
    with connecting(site):
        wait_until(lambda: read_log(site).count("the server cannot be used") > 1)
        assert site.under_way() == ["auftrag"]
        for round_number in range(2):
            with serving(installation):
                wait_until(lambda: len(site.receipt_ids()) == round_number + 1)  # noqa: B023
                waiting = installation.fachverfahren("jena").receive().weitere + 1
            assert waiting == round_number + 1
            site.put("noch einer", installation.payload())


def test_connector_second_one_on_the_same_folders_is_refused(sites: SiteMaker) -> None:
    site = sites("potsdam")
    with connecting(site):
        wait_until(lambda: "connector started" in read_log(site))
        result = run_cli("connect", "--config", str(site.config), "--once", expected=1)
    assert "arbeitet bereits eine andere Anbindung" in result.stderr
    run_cli("connect", "--config", str(site.config), "--once")


def test_connector_names_of_attachments_from_strangers_do_no_harm(
    installation: Installation, sites: SiteMaker
) -> None:
    names = ["../../../evil.xml", "CON", "a\\b.pdf", "A.pdf", "a.pdf", ".ssh", "x" * 255, "Ü.txt"]
    sent = installation.fachverfahren("potsdam").send(
        None,
        installation.payload(),
        [Attachment(name, "text/plain", name.encode()) for name in names],
    )
    site = sites("jena")
    assert run_round(site)
    (folder,) = site.folders.inbox.glob("[!.]*")
    found = {path.name: path.read_bytes().decode() for path in (folder / "anlagen").iterdir()}
    assert found == {
        "evil.xml": names[0],
        "_CON": names[1],
        "b.pdf": names[2],
        "A.pdf": names[3],
        "a-2.pdf": names[4],
        "ssh": names[5],
        "x" * 200: names[6],
        "Ü.txt": names[7],
    }
    assert read_document(folder / "kopf.xml")["messageId"] == sent.messageId
    assert "../../../evil.xml" in (folder / "kopf.xml").read_text(encoding="utf-8")


def test_connector_encrypted_message_is_stored_as_it_is(
    installation: Installation, sites: SiteMaker
) -> None:
    message_id = new_id()
    envelope = read_sample(
        "valid",
        "send-message.xml",
        MESSAGE_ID=message_id,
        AUTHOR=installation.party("potsdam").value,
        READER=installation.party("jena").value,
        SCHEMA="urn:x",
    ).decode()
    start, end = envelope.index("<xta:ContentContainer>"), envelope.index("</xta:GenericContent")
    encrypted = (
        '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData>'
        "<xenc:CipherValue>Z2VoZWlt</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
    )
    changed = (envelope[:start] + encrypted + envelope[end:]).encode()
    action = "http://www.xta.de/XTA/SendMessage"
    assert installation.post(installation.url("send"), changed, action).status_code == 200
    site = sites("jena")
    assert run_round(site)
    (folder,) = site.folders.inbox.glob("[!.]*")
    assert read_document(folder / "kopf.xml")["verschluesselt"] == "true"
    assert b"Z2VoZWlt" in (folder / "verschluesselt.xml").read_bytes()
    assert not (folder / "nachricht.xml").exists()


def test_connector_disk_full_shows_nothing_half_and_goes_on_later(
    installation: Installation, sites: SiteMaker
) -> None:
    """A limit for the size of files is met in the same way as the end of a disk."""
    sent = installation.fachverfahren("potsdam").send(
        None, installation.payload(), [Attachment("gross.bin", "text/plain", bytes(300_000))]
    )
    site = sites("jena")
    result = subprocess.run(
        [sys.executable, "-m", "server.cli", "connect", "--config", str(site.config), "--once"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
        check=False,
    )
    assert result.returncode == 1
    assert "File too large" in result.stderr
    assert site.visible(site.folders.inbox) == []
    assert run_round(site)
    (folder,) = site.folders.inbox.glob("[!.]*")
    assert read_document(folder / "kopf.xml")["messageId"] == sent.messageId
    assert (folder / "anlagen" / "gross.bin").read_bytes() == bytes(300_000)

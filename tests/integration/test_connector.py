"""The connector as a process: between two Mandanten of the demo, and with everything that fails."""

import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from zeep.exceptions import Fault

from clients.fachverfahren.connector import Connector
from tests.integration.test_conversation import CONVERSATION, OTHER
from tests.support.connecting import (
    Site,
    connecting,
    make_site,
    read_document,
    read_log,
    wait_until,
)
from tests.support.installation import Installation, read_sample, run_cli

SiteMaker = Callable[..., Site]


@pytest.fixture
def sites(installation: Installation, tmp_path: Path) -> SiteMaker:
    def make(name: str, **outbox: object) -> Site:
        return make_site(tmp_path / name, installation, name, **outbox)

    return make


def await_arrival(site: Site, content: bytes) -> Path:
    """The folder of the inbox that brings this message."""

    def find() -> list[Path]:
        return [
            folder
            for folder in site.folders.inbox.glob("[!.]*")
            if (folder / "nachricht.xml").read_bytes() == content
        ]

    wait_until(lambda: find() != [])
    return find()[0]


def test_connector_message_with_attachment_arrives_and_is_reported(
    installation: Installation, sites: SiteMaker
) -> None:
    potsdam, jena = sites("potsdam"), sites("jena")
    potsdam.put("VS 0815", installation.payload(), bescheid_pdf=installation.attachment())
    with connecting(potsdam), connecting(jena):
        wait_until(lambda: jena.visible(jena.folders.inbox) != [])
        report = potsdam.folders.reports / "VS 0815.report.xml"
        wait_until(lambda: report.exists() and read_document(report)["status"] == "gruen")
    receipt = read_document(potsdam.folders.receipts / "VS 0815.quittung.xml")
    assert receipt["auftrag"] == "VS 0815"
    (arrived,) = jena.folders.inbox.glob("[!.]*")
    head = read_document(arrived / "kopf.xml")
    assert head["messageId"] == receipt["messageId"]
    assert (arrived / "nachricht.xml").read_bytes() == installation.payload()
    assert (arrived / "anlagen" / "bescheid.pdf").read_bytes() == installation.attachment()
    assert potsdam.visible(potsdam.folders.outbox) == []
    (sent,) = potsdam.folders.sent.glob("[!.]*")
    assert (sent / "auftrag" / "VS 0815.xml").read_bytes() == installation.payload()
    assert "accepted" in read_log(potsdam)


def test_connector_whole_conversation_runs_between_two_fachverfahren(
    installation: Installation, sites: SiteMaker
) -> None:
    both = {name: sites(name) for name in OTHER}
    with connecting(both["potsdam"]), connecting(both["jena"]):
        for number, (sender, sample, message_type) in enumerate(CONVERSATION):
            content = read_sample("valid", f"{sample}.xml")
            both[sender].put(f"{number}-{sample}", content)
            folder = await_arrival(both[OTHER[sender]], content)
            assert read_document(folder / "kopf.xml")["nachrichtentyp"] == message_type
    for site in both.values():
        assert site.under_way() == site.visible(site.folders.failed) == []


def run_round(site: Site) -> None:
    assert Connector(site.settings, threading.Event()).run_once()


def test_connector_report_is_replaced_when_something_happened_until_it_is_closed(
    installation: Installation, sites: SiteMaker
) -> None:
    potsdam, jena = sites("potsdam"), sites("jena")
    potsdam.put("auftrag", installation.payload())
    run_round(potsdam)
    report = potsdam.folders.reports / "auftrag.report.xml"
    assert read_document(report)["status"] == "offen"
    report.unlink()
    run_round(potsdam)
    assert not report.exists()
    run_round(jena)
    run_round(potsdam)
    document = read_document(report)
    assert document["status"] == "gruen"
    assert document["zugestellt"] <= document["abgeholt"] <= document["bestaetigt"]
    assert document["messageId"] == potsdam.receipt_ids()[0]
    report.unlink()
    run_round(potsdam)
    assert not report.exists()
    assert list((potsdam.folders.state / "reports").iterdir()) == []


def test_connector_two_jobs_of_one_name_have_a_receipt_and_a_report_each(
    installation: Installation, sites: SiteMaker
) -> None:
    potsdam, jena = sites("potsdam"), sites("jena")
    for _ in range(2):
        potsdam.put("auftrag", installation.payload())
        run_round(potsdam)
    assert potsdam.visible(potsdam.folders.receipts) == [
        "auftrag-2.quittung.xml",
        "auftrag.quittung.xml",
    ]
    assert len(set(potsdam.receipt_ids())) == 2
    assert len(potsdam.visible(potsdam.folders.reports)) == 2
    assert len(potsdam.visible(potsdam.folders.sent)) == 2
    run_round(jena)
    assert len(jena.visible(jena.folders.inbox)) == 2


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (unicodedata.normalize("NFD", "Müller & Söhne"), "Müller & Söhne"),
        ("a\udcff\x01", "a__"),
        ("-rf *", "-rf _"),
        ("grund.xml", "grund.xml"),
    ],
    ids=ascii,
)
def test_connector_job_of_any_name_is_sent_and_has_its_receipt(
    installation: Installation, sites: SiteMaker, name: str, label: str
) -> None:
    potsdam, jena = sites("potsdam"), sites("jena")
    potsdam.put(name, installation.payload(), anlage_pdf=b"%PDF")
    run_round(potsdam)
    assert potsdam.visible(potsdam.folders.receipts) == [f"{label}.quittung.xml"]
    assert potsdam.visible(potsdam.folders.reports) == [f"{label}.report.xml"]
    read_document(potsdam.folders.reports / f"{label}.report.xml")
    run_round(jena)
    (folder,) = jena.folders.inbox.glob("[!.]*")
    assert read_document(folder / "kopf.xml")["messageId"] == potsdam.receipt_ids()[0]
    assert (folder / "anlagen" / "anlage.pdf").read_bytes() == b"%PDF"


def test_connector_asked_to_end_finishes_its_piece_and_later_the_rest(
    installation: Installation, sites: SiteMaker
) -> None:
    potsdam, jena = sites("potsdam"), sites("jena")
    for number in range(12):
        potsdam.put(f"{number}", installation.payload())
    with connecting(potsdam):
        wait_until(lambda: read_log(potsdam).count("accepted") > 0)
    done = len(potsdam.receipt_ids())
    assert "connector stopped" in read_log(potsdam)
    assert done == read_log(potsdam).count("accepted") == len(potsdam.visible(potsdam.folders.sent))
    assert done + len(potsdam.under_way()) == 12
    run_round(potsdam)
    run_round(jena)
    assert len(jena.visible(jena.folders.inbox)) == len(potsdam.receipt_ids()) == 12


def test_connect_init_makes_what_check_and_connect_want(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "neu"
    options = {
        "--url": installation.url("amtshilfe") + "?wsdl",
        "--certificate": str(installation.certificate("cochem")),
        "--server-ca": str(installation.ca),
    }
    arguments = [word for option in options.items() for word in option]
    run_cli("connect", "init", str(folder), *arguments)
    config = str(folder / "connector.toml")
    assert "der Server antwortet" in run_cli("connect", "check", config).stdout
    run_cli("connect", "--config", config, "--once")
    result = run_cli("connect", "init", str(folder), *arguments, expected=1)
    assert "gibt es schon" in result.stderr


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            ("[folders]", "[folders]\ndrucker = 1"),
            "folders.drucker: diesen Schlüssel",
        ),
        (('outbox = "ausgang"', 'outbox = "fehlt"'), "folders.outbox: Den Ordner"),
        (("potsdam.pem", "fehlt.pem"), "fehlt.pem fehlt"),
        (("potsdam.pem", "ca.pem"), "ca.pem enthält nichts Brauchbares"),
        (("potsdam.pem", "xta-server.pem"), "9012"),
        (("https://localhost:", "https://localhost:1"), "nimmt nichts an"),
    ],
)
def test_connect_check_mistake_is_told_in_german(
    sites: SiteMaker, spoil: tuple[str, str], words: str
) -> None:
    site = sites("potsdam")
    text = site.config.read_text(encoding="utf-8")
    assert spoil[0] in text
    site.config.write_text(text.replace(*spoil), encoding="utf-8")
    result = run_cli("connect", "check", str(site.config), expected=1)
    assert "Fehler: " in result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_connect_without_config_is_told() -> None:
    assert "--config DATEI" in run_cli("connect", expected=2).stderr


def connect_test(site: Site, message: bytes, *options: str, expected: int = 0) -> str:
    """What `damtshilfe connect test` says of a message."""
    path = site.config.parent / "test.xml"
    path.write_bytes(message)
    result = run_cli("connect", "test", str(site.config), str(path), *options, expected=expected)
    return result.stdout + result.stderr


def find_message_id(told: str) -> str:
    return told.split("Testnachricht ", 1)[1].split(maxsplit=1)[0]


def test_connect_test_letter_is_never_printed_and_its_way_is_shown(
    installation: Installation, sites: SiteMaker
) -> None:
    jena, cochem = (
        installation.mandant(name)["identifier"]["value"] for name in ("jena", "cochem")
    )
    told = connect_test(
        sites("potsdam"), installation.payload().replace(jena.encode(), cochem.encode())
    )
    assert "testnachricht-nicht-gedruckt  Testnachricht: Es wurde kein Brief" in told
    assert "Abgeschlossen: gruen" in told or "Abgeschlossen: gelb" in told
    with pytest.raises(Fault, match="Aus einer Testnachricht entsteht kein Brief"):
        installation.fachverfahren("potsdam").fetch_letter(find_message_id(told))


def test_connect_test_message_that_is_not_fetched_is_told_as_open_when_time_is_up(
    installation: Installation, sites: SiteMaker, tmp_path: Path
) -> None:
    site, attachment = sites("potsdam"), tmp_path / "bescheid.pdf"
    attachment.write_bytes(installation.attachment())
    options = ("--attachment", str(attachment), "--seconds", "3")
    told = connect_test(site, installation.payload(), *options, expected=1)
    assert "  angenommen\n" in told and "Nach 3 Sekunden ist der Report noch offen" in told
    recipient, message_id = installation.fachverfahren("jena"), find_message_id(told)
    arrived = recipient.receive(message_id).nachricht
    assert arrived.testnachricht is True
    assert [item.dateiname for item in arrived.anhang] == ["bescheid.pdf"]
    recipient.confirm(message_id)
    # It is none of the connector's jobs.
    assert site.visible(site.folders.sent) == site.visible(site.folders.receipts) == []


def test_connect_test_message_is_shown_until_it_is_fetched(
    installation: Installation, sites: SiteMaker
) -> None:
    with connecting(sites("jena")):
        told = connect_test(sites("potsdam"), installation.payload())
    assert told.endswith("Abgeschlossen: gruen\n")


@pytest.mark.parametrize(
    ("message", "reason"), [(b"<a/>", "Fehler: 90"), (b" ", "Fehler: Die XML-Datei ist leer.")]
)
def test_connect_test_message_that_is_refused_is_told_with_its_reason(
    sites: SiteMaker, message: bytes, reason: str
) -> None:
    assert reason in connect_test(sites("potsdam"), message, expected=1)


def test_connect_test_server_that_is_away_is_told(sites: SiteMaker, tmp_path: Path) -> None:
    site = sites("potsdam")
    text = site.config.read_text(encoding="utf-8")
    address = site.settings.facade.url
    site.config.write_text(text.replace(address, "https://localhost:9/amtshilfe/1"))
    assert "nimmt zurzeit nichts an" in connect_test(site, b"<a/>", expected=1)

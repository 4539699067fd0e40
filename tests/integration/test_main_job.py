"""Steps 2 to 5 of the main job, against real processes."""

import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from clients.xta import ReportView, XtaClient, XtaFault
from server.xmlio.contract_files import XTA_WSDL
from tests.support.installation import REFERENCE_WSDL, Installation, read_sample

WSDLS = [
    pytest.param(XTA_WSDL, id="ours"),
    pytest.param(
        REFERENCE_WSDL,
        id="reference",
        marks=pytest.mark.skipif(
            not REFERENCE_WSDL.exists(), reason="the reference contract is not at hand here"
        ),
    ),
]
TICKET = "{urn:damtshilfe:druckauftrag:1}"
TIMES = ["Origin", "InitialSend", "Delivery", "InitialFetch", "Reception"]


def codes(report: ReportView) -> list[str]:
    return list(report.codes)


def await_entry(client: XtaClient, message_id: str, code: str) -> ReportView:
    deadline = time.monotonic() + 60
    while code not in codes(report := client.find_report(message_id)):
        assert time.monotonic() < deadline, report
        time.sleep(0.1)
    return report


@pytest.mark.parametrize("wsdl", WSDLS)
def test_main_job_electronic_reader_ends_with_green_report(
    installation: Installation, wsdl: Path
) -> None:
    author, reader = installation.xta("potsdam", wsdl), installation.xta("jena", wsdl)
    author.check_account_active()
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "jena"))
    assert author.find_report(message_id).status == 0

    assert message_id in reader.list_message_ids()
    first, second = reader.fetch(message_id), reader.fetch(message_id)
    assert first is not None
    assert second is not None
    assert first.message.content == installation.payload()
    assert first.attachments[0].content == installation.attachment()
    assert first.attachments[0].filename == "bescheid.pdf"
    assert second.attachments == first.attachments
    assert author.find_report(message_id).status == 0
    reader.close(second.request_id, [message_id])

    assert message_id not in reader.list_message_ids()
    assert reader.fetch(message_id) is None
    report = author.find_report(message_id)
    assert report.status == 1
    assert list(report.times) == TIMES
    assert list(report.times.values()) == sorted(report.times.values())
    assert codes(report) == [
        "angenommen",
        "elektronisch-zugestellt",
        "abgeholt",
        "empfang-bestaetigt",
    ]
    assert reader.find_report(message_id) == report


def test_close_repeated_changes_nothing(installation: Installation) -> None:
    author, reader = installation.xta("potsdam"), installation.xta("jena")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "jena"))
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])
    before = author.find_report(message_id)
    reader.close(fetched.request_id, [message_id])
    assert author.find_report(message_id) == before


def test_close_without_received_message_leaves_it_in_the_mailbox(
    installation: Installation,
) -> None:
    author, reader = installation.xta("potsdam"), installation.xta("jena")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "jena"))
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [])
    assert message_id in reader.list_message_ids()
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])


def test_main_job_reader_without_mailbox_gets_one_letter(
    installation: Installation, letters: Path
) -> None:
    author = installation.xta("potsdam")
    message_id = author.create_message_id()
    for _ in range(2):
        author.send(installation.outgoing(message_id, "cochem"))
    report = await_entry(author, message_id, "brief-ausgegeben")
    assert report.status == 1
    expected = ["angenommen", "brief-beauftragt", "brief-gesetzt", "brief-ausgegeben"]
    assert codes(report) == expected
    assert list(report.times) == TIMES[:3]
    tickets = [path for path in letters.glob("*/*.xml") if message_id in path.read_text()]
    assert len(tickets) == 1
    (brief,) = (
        item
        for item in ET.parse(tickets[0]).getroot().findall(f"{TICKET}brief")
        if item.findtext(f"{TICKET}messageId") == message_id
    )
    letter = tickets[0].parent / (brief.findtext(f"{TICKET}datei") or "")
    assert letter.read_bytes().startswith(b"%PDF-")
    assert (letters / f"{tickets[0].stem}.fertig").is_file()


def test_send_message_test_message_is_never_printed(
    installation: Installation, letters: Path
) -> None:
    author = installation.xta("potsdam")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "cochem", is_test=True))
    report = await_entry(author, message_id, "testnachricht-nicht-gedruckt")
    assert report.status == 1
    assert not [path for path in letters.glob("*/*.xml") if message_id in path.read_text()]


def test_send_message_foreign_payload_is_carried(installation: Installation) -> None:
    author, reader = installation.xta("potsdam"), installation.xta("jena")
    message_id = author.create_message_id()
    picture = read_sample("valid", "pixel.png")
    outgoing = installation.outgoing(
        message_id,
        "jena",
        message_type="bild",
        payload_schema="urn:beispiel:bild",
        message=type(installation.outgoing("urn:x", "jena").message)(picture, "image/png"),
        attachments=[],
    )
    author.send(outgoing)
    fetched = reader.fetch(message_id)
    assert fetched is not None
    assert fetched.message.content == picture
    reader.close(fetched.request_id, [message_id])


def test_get_transport_report_of_others_is_unknown(installation: Installation) -> None:
    author = installation.xta("potsdam")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "cochem", is_test=True))
    with pytest.raises(XtaFault, match="9070"):
        installation.xta("jena").find_report(message_id)
    assert installation.xta("cochem").find_report(message_id).status in (0, 1)


def test_sample_is_valid_for_every_electronic_mandant(installation: Installation) -> None:
    author, reader = installation.xta("jena"), installation.xta("potsdam")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "potsdam"))
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])

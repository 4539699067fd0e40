"""The TransportReport on the wire: additional reports, signature; other readers and ReplyTo."""

import base64
import hashlib

import requests
from lxml import etree
from signxml.verifier import XMLVerifier

from tests.integration.test_bad_input import (
    AUTHOR,
    FOREIGN,
    READER,
    SEND,
    new_id,
    post_message,
)
from tests.support.installation import REPOSITORY, XTA_ACTION, Installation, read_sample

NOTE_SCHEMA = REPOSITORY / "xsd" / "report-1" / "inhaltsnachweis.xsd"
OTHERS = (
    "<meta:OtherDestinations>"
    '<meta:OtherReaders type="xoev">ags:09162000</meta:OtherReaders>'
    '<meta:CcReaders type="xoev">ags:05315000</meta:CcReaders>'
    "</meta:OtherDestinations>"
)
REPLY_TO = (
    '<meta:ReplyTo><meta:Identifier type="xoev">ags:09162000</meta:Identifier></meta:ReplyTo>'
)


def fetch_report(installation: Installation, message_id: str) -> etree._Element:
    content = (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
        f'<MessageID xmlns="http://www.w3.org/2005/08/addressing">{message_id}</MessageID>'
        "</env:Body></env:Envelope>"
    )
    response = installation.post(
        installation.url("management"), content.encode(), XTA_ACTION + "GetTransportReport"
    )
    report = etree.fromstring(response.content).find(".//{*}TransportReport")
    assert report is not None, response.text
    return report


def send_with(
    installation: Installation, message_id: str, *, others: str = "", reply_to: str = ""
) -> requests.Response:
    content = (
        read_sample(
            "valid",
            "send-message.xml",
            AUTHOR=AUTHOR,
            READER=READER,
            MESSAGE_ID=message_id,
            SCHEMA=FOREIGN,
            PAYLOAD="VGV4dA==",
        )
        .replace(b"</meta:Reader>", f"</meta:Reader>{others}".encode())
        .replace(b"</meta:Author>", f"</meta:Author>{reply_to}".encode())
    )
    return installation.post(installation.url("send"), content, SEND)


def test_report_names_what_was_stored(installation: Installation) -> None:
    message_id = new_id()
    post_message(installation, message_id)
    report = fetch_report(installation, message_id)
    key = report.find(".//{*}AdditionalReports/{*}Report/{*}Key")
    assert key is not None
    assert key.get("listURI") == "urn:damtshilfe:codeliste:zusatzbericht"
    assert key.findtext("code") == "inhaltsnachweis"
    note = etree.fromstring(base64.b64decode(report.findtext(".//{*}Report/{*}Data") or ""))
    etree.XMLSchema(etree.parse(NOTE_SCHEMA)).assertValid(note)
    assert note.findtext("{*}messageId") == message_id
    assert note.findtext("{*}teil/{*}groesse") == "4"
    assert note.findtext("{*}teil/{*}sha256") == hashlib.sha256(b"Text").hexdigest()
    installation.empty_mailbox()


def test_report_signature_verifies_with_the_server_certificate(installation: Installation) -> None:
    message_id = new_id()
    post_message(installation, message_id)
    report = fetch_report(installation, message_id)
    certificate = (installation.folder / "pki" / "server.pem").read_text()
    result = XMLVerifier().verify(etree.tostring(report), x509_cert=certificate)
    assert not isinstance(result, list)
    assert result.signed_xml is not None
    assert result.signed_xml.findtext(".//{*}MsgIdentification/{*}MessageID") == message_id
    installation.empty_mailbox()


def test_send_message_naming_other_readers_goes_to_its_reader_alone(
    installation: Installation,
) -> None:
    message_id = new_id()
    assert send_with(installation, message_id, others=OTHERS).status_code == 200
    report = fetch_report(installation, message_id)
    codes = [item.text for item in report.iterfind(".//{*}Info/{*}Code/code")]
    assert codes == ["angenommen", "elektronisch-zugestellt", "weitere-leser-genannt"]
    named = report.find(".//{*}OtherDestinations")
    assert named is not None
    assert [item.text for item in named] == ["ags:09162000", "ags:05315000"]
    installation.empty_mailbox()


def test_send_message_with_reply_to_tells_the_reader_whom_to_answer(
    installation: Installation,
) -> None:
    message_id = new_id()
    assert send_with(installation, message_id, reply_to=REPLY_TO).status_code == 200
    answer = installation.fachverfahren("jena").receive(message_id)
    assert answer.nachricht.antwortAn._value_1 == "ags:09162000"
    assert answer.nachricht.absender._value_1 == AUTHOR
    installation.empty_mailbox()


def test_send_message_sync_with_reply_to_addresses_the_answer_to_it(
    installation: Installation,
) -> None:
    question = base64.b64encode(read_sample("valid", "anfrage-001.xml")).decode()
    content = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=new_id(),
        SCHEMA="xAmtshilfe110",
        PAYLOAD=question,
    ).replace(b"</meta:Author>", f"</meta:Author>{REPLY_TO}".encode())
    response = installation.post(installation.url("send"), content, SEND + "Sync")
    metadata = etree.fromstring(response.content).find(".//{*}MessageMetaData")
    assert metadata is not None, response.text
    assert metadata.findtext("{*}Destinations/{*}Reader/{*}Identifier") == "ags:09162000"

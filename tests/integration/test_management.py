"""lookupService, cancelMessage and sendMessageSync, by hand."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from lxml import etree

from tests.integration.test_bad_input import AUTHOR, READER, SEND, new_id, post_message
from tests.support.calls import make_calls
from tests.support.installation import XTA_ACTION, FaultView, Installation, read_fault, read_sample

SERVICE = "urn:damtshilfe:dienst:vollstreckungshilfe:1"
XAMTSHILFE = "xAmtshilfe110"


def test_lookup_service_tells_who_can_be_reached(installation: Installation) -> None:
    questions = (
        (READER, SERVICE, "ServiceIsAvailable", "true"),
        (READER, "urn:beispiel", "ServiceIsAvailable", "true"),
        ("ags:07135020", SERVICE, "ServiceIsAvailable", "true"),
        ("ags:07135020", "urn:beispiel", "ServiceIsAvailable", "false"),
        ("ags:00000000", SERVICE, "ServiceIsAvailableUnknown", "true"),
    )
    inner = "".join(
        "<LookupServiceRequestList><LookupService><m:Reader>"
        f'<m:Identifier type="xoev">{reader}</m:Identifier></m:Reader>'
        f"<ServiceType>{service}</ServiceType></LookupService></LookupServiceRequestList>"
        for reader, service, _, _ in questions
    )
    content = (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
        '<LookupServiceRequest xmlns="http://xoev.de/transport/xta/211" '
        f'xmlns:m="http://www.osci.eu/ws/2014/10/transport">{inner}</LookupServiceRequest>'
        "</env:Body></env:Envelope>"
    ).encode()
    response = installation.post(
        installation.url("management"), content, XTA_ACTION + "IsServiceAvailable"
    )
    assert response.status_code == 200, response.text
    results = etree.fromstring(response.content).findall(".//{*}LookupServiceResult")
    assert len(results) == len(questions)
    for result, (reader, service, name, text) in zip(results, questions, strict=True):
        assert result.findtext(".//{*}Identifier") == reader
        assert result.findtext("{*}ServiceType") == service
        (value,) = result.find("{*}IsServiceAvailableValue")  # type: ignore[misc]
        assert (etree.QName(value).localname, value.text) == (name, text)


def test_lookup_service_tells_the_certificate_for_which_to_encrypt(
    installation: Installation,
) -> None:
    call = make_calls("urn:x:1")["lookupService"]
    answer = etree.fromstring(
        installation.post(installation.url("management"), call.content, call.action).content
    )
    (parameter,) = answer.iterfind(".//{*}ServiceParameter")
    assert parameter.findtext("{*}ParameterType/code") == "verschluesselungszertifikat"
    found = x509.load_der_x509_certificate(
        base64.b64decode(parameter.findtext("{*}Resource") or "")
    )
    pem = Path(installation.mandant("jena")["encryption"]).read_bytes()
    assert found == x509.load_pem_x509_certificate(pem)
    assert found.extensions.get_extension_for_class(x509.KeyUsage).value.key_agreement


def cancel(
    installation: Installation, message_id: str, mandant: str = "potsdam"
) -> FaultView | None:
    content = (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
        f'<MessageID xmlns="http://www.w3.org/2005/08/addressing">{message_id}</MessageID>'
        "</env:Body></env:Envelope>"
    )
    response = installation.post(
        installation.url("management"),
        content.encode(),
        XTA_ACTION + "CancelMessage",
        installation.certificate(mandant),
    )
    return None if response.status_code == 200 else read_fault(response)


def not_before(**distance: float) -> str:
    moment = datetime.now(UTC) + timedelta(**distance)
    return f"<meta:NotBefore>{moment.isoformat()}</meta:NotBefore>"


def test_cancel_message_before_its_time_is_never_delivered(installation: Installation) -> None:
    message_id = new_id()
    post_message(installation, message_id, not_before(seconds=4))
    for _ in range(2):
        assert cancel(installation, message_id) is None
    report = installation.xta("potsdam").find_report(message_id)
    assert (report.status, report.codes[-1]) == (1, "zurueckgezogen")
    deadline = datetime.now(UTC) + timedelta(seconds=6)
    while datetime.now(UTC) < deadline:
        assert message_id not in installation.xta("jena").list_message_ids()


def test_cancel_message_too_late_or_without_not_before_is_denied(
    installation: Installation,
) -> None:
    late, unset = new_id(), new_id()
    post_message(installation, late, not_before(days=-1))
    post_message(installation, unset)
    for message_id, code in ((late, "9100"), (unset, "9101")):
        fault = cancel(installation, message_id)
        assert fault is not None
        assert (fault.exception, fault.code) == ("CancelDeniedException", code)
    installation.empty_mailbox()


def test_cancel_message_of_others_or_unknown_is_not_valid(installation: Installation) -> None:
    message_id = new_id()
    post_message(installation, message_id, not_before(hours=1))
    for name, mandant in ((message_id, "jena"), ("urn:x:unbekannt", "potsdam")):
        fault = cancel(installation, name, mandant)
        assert fault is not None
        assert (fault.exception, fault.code) == ("ParameterIsNotValidException", "9022")
    assert cancel(installation, message_id) is None


def send(
    installation: Installation, action: str, payload: bytes, schema: str
) -> tuple[int, bytes, str]:
    message_id = new_id()
    content = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=message_id,
        SCHEMA=schema,
        PAYLOAD=base64.b64encode(payload).decode(),
    )
    response = installation.post(installation.url("send"), content, action)
    if response.status_code != 200:
        return response.status_code, read_fault(response).code.encode(), message_id
    return response.status_code, response.content, message_id


def test_send_message_sync_001_is_answered_with_002(installation: Installation) -> None:
    question = read_sample("valid", "anfrage-001.xml")
    status, content, message_id = send(installation, SEND + "Sync", question, XAMTSHILFE)
    assert status == 200
    envelope = etree.fromstring(content)
    assert envelope.findtext(".//{*}MsgIdentification/{*}In-Reply-To") == message_id
    message = envelope.findtext(".//{*}ContentContainer/{*}Message") or ""
    answer = etree.fromstring(base64.b64decode(message))
    assert answer.tag == "{xAmtshilfe110}vollstreckungshilfe.ZustaendigkeitAntwort.002"
    (behoerde,) = answer
    assert behoerde.findtext("{*}name") == installation.mandant("jena")["behoerde"]


@pytest.mark.parametrize(
    ("action", "name", "schema", "code"),
    [
        (SEND + "Sync", "ersuchen.xml", "urn:damtshilfe:amtshilfe:1", b"9080"),
        (SEND + "Sync", "pixel.png", "urn:beispiel", b"9080"),
        (SEND, "anfrage-001.xml", XAMTSHILFE, b"9081"),
    ],
)
def test_message_sent_the_wrong_way_gets_its_fault(
    installation: Installation, action: str, name: str, schema: str, code: bytes
) -> None:
    status, answer, _ = send(installation, action, read_sample("valid", name), schema)
    assert (status, answer) == (500, code)

"""Bad input over the wire: each case gets its typed fault, and nothing is stored."""

import base64
import socket
import ssl
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from persistence.database import Database
from persistence.engine import make_engine
from server.settings_file import load_settings
from tests.support.installation import (
    XTA_ACTION,
    FaultView,
    Installation,
    read_fault,
    read_sample,
    run_cli,
)

ACCOUNT = XTA_ACTION + "CheckAccountActive"
SEND = XTA_ACTION + "SendMessage"
AUTHOR, READER = "ags:12054000", "ags:16053000"
OWN = "urn:damtshilfe:amtshilfe:1"
FOREIGN = "urn:beispiel:fremd"


def new_id() -> str:
    return f"urn:de:xta:messageid:test:{uuid.uuid4()}"


def send_sample(
    installation: Installation,
    payload: bytes,
    *,
    message_id: str = "",
    schema: str = OWN,
    author: str = AUTHOR,
    reader: str = READER,
    action: str = SEND,
) -> FaultView | None:
    """Sends by hand; None where it is accepted."""
    message_id = message_id or new_id()
    content = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=author,
        READER=reader,
        MESSAGE_ID=message_id,
        SCHEMA=schema,
        PAYLOAD=base64.b64encode(payload).decode(),
    )
    response = installation.post(installation.url("send"), content, action)
    if response.status_code == 200:
        return None
    assert not is_stored(installation, message_id)
    return read_fault(response)


def post_message(
    installation: Installation, message_id: str, delivery: str = "", identification: str = ""
) -> None:
    """Sends a foreign message to Jena with further elements in its MessageMetaData."""
    content = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=message_id,
        SCHEMA=FOREIGN,
        PAYLOAD=base64.b64encode(b"Text").decode(),
    )
    content = content.replace(
        b"<meta:DeliveryAttributes/>",
        f"<meta:DeliveryAttributes>{delivery}</meta:DeliveryAttributes>".encode(),
    ).replace(b"</wsa:MessageID>", f"</wsa:MessageID>{identification}".encode())
    response = installation.post(installation.url("send"), content, SEND)
    assert response.status_code == 200, response.text


def count_messages(installation: Installation) -> int:
    settings = load_settings(installation.config, {})
    with Database(make_engine(settings.database.url)).reading() as stores:
        return sum(stores.messages.count_by_state().values())


def is_stored(installation: Installation, message_id: str) -> bool:
    settings = load_settings(installation.config, {})
    with Database(make_engine(settings.database.url)).reading() as stores:
        return stores.messages.find(message_id) is not None


@pytest.fixture(scope="module", autouse=True)
def status_before(installation: Installation) -> str:
    """What stood in the status before the bad input came."""
    return run_cli("status", "--config", str(installation.config)).stdout


@pytest.mark.parametrize(
    "name",
    [
        "check-account-active.xml",
        "check-account-active-must-understand.xml",
        "empty-body-of-node-soap.xml",
    ],
)
def test_check_account_active_valid_sample_is_answered(
    installation: Installation, name: str
) -> None:
    response = installation.post(
        installation.url("management"), read_sample("valid", name), ACCOUNT
    )
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/soap+xml")


@pytest.mark.parametrize(
    ("kind", "name", "soap_code", "words"),
    [
        ("invalid", "envelope-empty.xml", "Sender", "nicht wohlgeformt"),
        ("invalid", "envelope-not-well-formed.xml", "Sender", "nicht wohlgeformt"),
        ("invalid", "envelope-other-xml.xml", "Sender", "kein SOAP-Umschlag"),
        ("invalid", "envelope-soap-1.1.xml", "VersionMismatch", "SOAP-Version"),
        ("invalid", "envelope-unknown-soap.xml", "VersionMismatch", "SOAP-Version"),
        ("invalid", "envelope-without-body.xml", "Sender", "keinen Body"),
        ("invalid", "envelope-two-bodies.xml", "Sender", "höchstens ein Element"),
        ("invalid", "envelope-unexpected-body.xml", "Sender", "ein leerer Body"),
        ("invalid", "envelope-header-twice.xml", "Sender", "mehrmals"),
        ("invalid", "envelope-must-understand.xml", "MustUnderstand", "muss verstanden werden"),
        ("evil", "doctype.xml", "Sender", "DTD"),
        ("evil", "doctype-utf-16.xml", "Sender", "DTD"),
        ("evil", "external-entity.xml", "Sender", "DTD"),
        ("evil", "external-dtd.xml", "Sender", "DTD"),
        ("evil", "entity-expansion.xml", "Sender", "DTD"),
        ("evil", "deep-nesting.xml", "Sender", "64 Ebenen"),
        ("evil", "many-elements.xml", "Sender", "20000 Elemente"),
        ("evil", "xinclude.xml", "Sender", "ein leerer Body"),
    ],
)
def test_management_port_bad_envelope_gets_9000(
    installation: Installation, kind: str, name: str, soap_code: str, words: str
) -> None:
    response = installation.post(installation.url("management"), read_sample(kind, name), ACCOUNT)
    fault = read_fault(response)
    assert (fault.exception, fault.code) == ("XTAWSTechnicalProblemException", "9000")
    assert fault.soap_code == soap_code
    assert words in fault.text
    assert response.elapsed.total_seconds() < 5


@pytest.mark.parametrize(
    "action",
    [XTA_ACTION + "Unsinn", SEND, ""],
    ids=["unknown", "of another port", "none"],
)
def test_management_port_wrong_action_gets_9000(installation: Installation, action: str) -> None:
    sample = read_sample("valid", "empty-body-of-node-soap.xml")
    fault = read_fault(installation.post(installation.url("management"), sample, action))
    assert (fault.code, fault.soap_code) == ("9000", "Sender")
    assert "Action" in fault.text


def test_management_port_contradictory_actions_are_refused(installation: Installation) -> None:
    sample = read_sample("invalid", "envelope-wrong-action.xml")
    fault = read_fault(installation.post(installation.url("management"), sample, ACCOUNT))
    assert "widersprüchliche" in fault.text


def test_management_port_action_in_soapaction_header_is_enough(
    installation: Installation,
) -> None:
    sample = read_sample("valid", "empty-body-of-node-soap.xml")
    response = installation.post(
        installation.url("management"), sample, headers={"SOAPAction": f'"{ACCOUNT}"'}
    )
    assert response.status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "multipart/related"])
def test_management_port_other_content_type_gets_9000(
    installation: Installation, content_type: str
) -> None:
    response = installation.post(installation.url("management"), b"{}", content_type=content_type)
    assert read_fault(response).code == "9000"


def test_send_message_valid_sample_is_accepted(installation: Installation) -> None:
    assert send_sample(installation, read_sample("valid", "ersuchen.xml")) is None
    installation.empty_mailbox()


@pytest.mark.parametrize(
    ("kind", "name", "code", "words"),
    [
        ("invalid", "ersuchen-without-forderung.xml", "9050", "oder forderung"),
        ("invalid", "ersuchen-wrong-date.xml", "9050", "„15.02.2026“"),
        ("invalid", "ersuchen-negative-amount.xml", "9050", "betrag"),
        ("invalid", "ersuchen-unknown-root.xml", "9050", "nicht bekannt"),
        ("invalid", "ersuchen-not-well-formed.xml", "9050", "nicht wohlgeformt"),
        ("invalid", "ersuchen-latin-1.xml", "9051", "ISO-8859-1"),
        ("invalid", "ersuchen-latin-1-declared-as-utf-8.xml", "9051", "UTF-8"),
        ("invalid", "ersuchen-utf-16.xml", "9051", "UTF-16"),
        ("evil", "ersuchen-doctype.xml", "9050", "DTD"),
        ("valid", "pixel.png", "9050", "kein XML"),
    ],
)
def test_send_message_bad_payload_gets_schema_violation(
    installation: Installation, kind: str, name: str, code: str, words: str
) -> None:
    fault = send_sample(installation, read_sample(kind, name))
    assert fault is not None
    assert (fault.exception, fault.code) == ("MessageSchemaViolationException", code)
    assert words in fault.text


@pytest.mark.parametrize(
    ("changes", "exception", "code"),
    [
        ({"author": READER}, "PermissionDeniedException", "9014"),
        ({"author": "ags:00000000"}, "PermissionDeniedException", "9014"),
        ({"reader": "ags:00000000"}, "ParameterIsNotValidException", "9022"),
        ({"message_id": "keine-uri"}, "ParameterIsNotValidException", "9021"),
        ({"message_id": "urn:x:" + "a" * 250}, "ParameterIsNotValidException", "9021"),
    ],
)
def test_send_message_bad_parties_and_ids_get_their_fault(
    installation: Installation, changes: dict[str, str], exception: str, code: str
) -> None:
    fault = send_sample(installation, read_sample("valid", "ersuchen.xml"), **changes)
    assert fault is not None
    assert (fault.exception, fault.code) == (exception, code)


def test_send_message_same_id_with_other_content_gets_9024(installation: Installation) -> None:
    message_id, payload = new_id(), read_sample("valid", "ersuchen.xml")
    assert send_sample(installation, payload, message_id=message_id) is None
    before = count_messages(installation)
    assert send_sample(installation, payload, message_id=message_id) is None
    assert send_sample(installation, payload, message_id=message_id.upper()) is None
    content = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=message_id,
        SCHEMA=OWN,
        PAYLOAD=base64.b64encode(payload + b"\n").decode(),
    )
    fault = read_fault(installation.post(installation.url("send"), content, SEND))
    assert (fault.exception, fault.code) == ("ParameterIsNotValidException", "9024")
    assert count_messages(installation) == before
    installation.empty_mailbox()


def test_send_message_for_letter_that_cannot_be_printed_gets_9052(
    installation: Installation,
) -> None:
    fault = send_sample(installation, b"Text", schema=FOREIGN, reader="ags:07135020")
    assert fault is not None
    assert (fault.exception, fault.code) == ("MessageSchemaViolationException", "9052")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("send-message-without-service.xml", "9000"),
        ("send-message-without-metadata.xml", "9020"),
        ("send-message-broken-base64.xml", "9000"),
    ],
)
def test_send_port_bad_request_gets_its_fault(
    installation: Installation, name: str, code: str
) -> None:
    before = count_messages(installation)
    content = read_sample(
        "invalid", name, AUTHOR=AUTHOR, READER=READER, MESSAGE_ID=new_id(), SCHEMA=OWN, PAYLOAD=""
    )
    fault = read_fault(installation.post(installation.url("send"), content, SEND))
    assert fault.code == code
    assert count_messages(installation) == before


def test_send_message_over_the_request_limit_gets_9023(installation: Installation) -> None:
    message_id = new_id()
    content = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=message_id,
        SCHEMA=FOREIGN,
        PAYLOAD=base64.b64encode(bytes(4_000_000)).decode(),
    )
    for body in (content, (content[i : i + 65536] for i in range(0, len(content), 65536))):
        response = installation.post(installation.url("send"), body, SEND)  # type: ignore[arg-type]
        fault = read_fault(response)
        assert (fault.exception, fault.code) == ("ParameterIsNotValidException", "9023")
    assert not is_stored(installation, message_id)


def test_send_message_announced_too_large_is_refused_before_it_comes(
    installation: Installation,
) -> None:
    context = ssl.create_default_context(cafile=str(installation.ca))
    context.load_cert_chain(installation.certificate("potsdam"))
    url = urlsplit(installation.url("send"))
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000000\r\n"
        f'Content-Type: application/soap+xml; action="{SEND}"\r\n\r\n<'
    )
    with (
        socket.create_connection(("127.0.0.1", url.port or 0)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.settimeout(5)
        secure.sendall(head.encode())
        answer = b""
        while not answer.endswith(b"</env:Envelope>"):
            answer += secure.recv(65536)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"<code>9023</code>" in answer


def test_mailbox_close_of_a_message_not_fetched_gets_9070(installation: Installation) -> None:
    author, reader = installation.xta("potsdam"), installation.xta("jena")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "jena"))
    request = close_request("urn:uuid:unbekannt", message_id)
    action = "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBoxCloseRequest"
    certificate = installation.certificate("jena")
    fault = read_fault(installation.post(installation.url("msgbox"), request, action, certificate))
    assert (fault.exception, fault.code) == ("InvalidMessageIDException", "9070")
    assert message_id in reader.list_message_ids()
    installation.empty_mailbox()


def close_request(request_id: str, message_id: str) -> bytes:
    return (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
        '<MsgBoxCloseRequest xmlns="http://www.osci.eu/ws/2008/05/transport" '
        f'MsgBoxRequestID="{request_id}"><LastMsgReceived>{message_id}</LastMsgReceived>'
        "</MsgBoxCloseRequest></env:Body></env:Envelope>"
    ).encode()


def test_status_after_bad_input_shows_nothing_parked(
    installation: Installation, status_before: str
) -> None:
    output = run_cli("status", "--config", str(installation.config)).stdout
    assert "XTA-Server" in output
    assert list_parked(output) == list_parked(status_before)


def list_parked(status: str) -> set[str]:
    return {line for line in status.splitlines() if "angehalten" in line}


def test_samples_are_all_named_in_a_test() -> None:
    folder = Path(__file__).resolve().parents[1]
    texts = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    samples = [path.name for path in (folder / "samples").rglob("*.*")]
    assert [name for name in samples if name not in texts] == []

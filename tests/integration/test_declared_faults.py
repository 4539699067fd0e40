"""Every fault that the contract of XTA 2.1.1 declares, at every operation, over the wire."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from server.errors import CODELIST_URI, CODELIST_VERSION, Fault, Faults, FaultType
from server.xmlio.contract_files import XTA_WSDL
from tests.integration.test_bad_input import (
    AUTHOR,
    FOREIGN,
    READER,
    close_request,
    empty_mailbox,
    new_id,
    post_message,
    send_sample,
)
from tests.integration.test_caller_identity import locked_account, our_authority, save
from tests.integration.test_mailbox import FETCH, LIST, OSCI, request, request_id
from tests.integration.test_management import SERVICE, XAMTSHILFE, cancel, not_before
from tests.support.installation import FaultView, Installation, read_fault, read_sample

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
WSAM_ACTION = "{http://www.w3.org/2007/05/addressing/metadata}Action"
XTA = "http://xoev.de/transport/xta/211"
META = "http://www.osci.eu/ws/2014/10/transport"
WSA = "http://www.w3.org/2005/08/addressing"
UNKNOWN_ID = "urn:x:unbekannt"
LETTER_READER = "ags:07135020"
# In two halves, so that no scanner of a developer's machine takes this file away.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


PORTS = {"managementPortType": "management", "sendPortType": "send", "msgBoxPortType": "msgbox"}


@dataclass(frozen=True)
class Operation:
    """An operation as the contract file declares it, with the names of its exceptions."""

    port_type: str
    action: str
    exceptions: frozenset[str]


@dataclass(frozen=True)
class Declared:
    """A fault of an operation."""

    port_type: str
    operation: str
    exception: str


def read_operations() -> dict[str, Operation]:
    """All operations of the contract by their names."""
    root = etree.parse(str(XTA_WSDL)).getroot()
    elements = {
        message.get("name"): local_name(part.get("element", ""))
        for message in root.iter(f"{WSDL}message")
        for part in message.iter(f"{WSDL}part")
    }
    return {
        operation.get("name", ""): Operation(
            port_type.get("name", ""),
            next(operation.iter(f"{WSDL}input")).get(WSAM_ACTION, ""),
            frozenset(
                elements[local_name(fault.get("message", ""))]
                for fault in operation.iter(f"{WSDL}fault")
            ),
        )
        for port_type in root.iter(f"{WSDL}portType")
        for operation in port_type.iter(f"{WSDL}operation")
    }


def local_name(name: str) -> str:
    return name.rpartition(":")[2]


def write_lookup(reader: str = READER, service: str = SERVICE) -> str:
    return (
        f'<LookupServiceRequest xmlns="{XTA}" xmlns:m="{META}"><LookupServiceRequestList>'
        f'<LookupService><m:Reader><m:Identifier type="xoev">{reader}</m:Identifier></m:Reader>'
        f"<ServiceType>{service}</ServiceType></LookupService></LookupServiceRequestList>"
        "</LookupServiceRequest>"
    )


def write_osci(name: str, inner: str = "", iterator: str = "") -> str:
    attribute = f' MsgBoxRequestID="{iterator}"' if iterator else ""
    return f'<{name} xmlns="{OSCI}"{attribute}>{inner}</{name}>'


MESSAGE_ID = f'<MessageID xmlns="{WSA}">{UNKNOWN_ID}</MessageID>'
NEXT = "MsgBoxGetNextRequest"
OPERATIONS = read_operations()
# Bodies that the contract allows; a message has its own (`write_message`).
BODIES = {
    "checkAccountActive": "",
    "createMessageId": "",
    "lookupService": write_lookup(),
    "getTransportReport": MESSAGE_ID,
    "cancelMessage": MESSAGE_ID,
    "getMessage": write_osci(FETCH),
    "getStatusList": write_osci(LIST),
    "getNextMessage": write_osci(NEXT, iterator=UNKNOWN_ID),
    "getNextStatusList": write_osci(NEXT, iterator=UNKNOWN_ID),
    "close": write_osci("MsgBoxCloseRequest", iterator=UNKNOWN_ID),
}


@dataclass(frozen=True)
class Scene:
    """A running installation, and the certificate of somebody who has no account there."""

    installation: Installation
    stranger: Path

    def call(
        self, operation: str, content: bytes, certificate: Path | None = None
    ) -> FaultView | None:
        """The fault that answers a request; None where it is accepted."""
        planned = OPERATIONS[operation]
        url = self.installation.url(PORTS[planned.port_type])
        response = self.installation.post(url, content, planned.action, certificate)
        return None if response.status_code == 200 else read_fault(response)


def write_request(operation: str, body: str | None = None, author: str = AUTHOR) -> bytes:
    """An envelope for the operation; `body` takes the place of the one that is allowed."""
    if body is None and operation not in BODIES:
        return write_message(b"Text", author)
    return (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Header>'
        f'<m:Author xmlns:m="{META}"><m:Identifier type="xoev">{author}</m:Identifier></m:Author>'
        f"</env:Header><env:Body>{BODIES[operation] if body is None else body}</env:Body>"
        "</env:Envelope>"
    ).encode()


def write_message(payload: bytes, author: str = AUTHOR, schema: str = FOREIGN) -> bytes:
    return read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=author,
        READER=READER,
        MESSAGE_ID=new_id(),
        SCHEMA=schema,
        PAYLOAD=base64.b64encode(payload).decode(),
    )


Provoke = Callable[[Scene, str], FaultView | None]


def as_stranger(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, write_request(operation), scene.stranger)


def as_locked(scene: Scene, operation: str) -> FaultView | None:
    with locked_account(scene.installation, "cochem") as certificate:
        return scene.call(operation, write_request(operation), certificate)


def as_somebody_else(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, write_request(operation, author=READER))


def with_another_body(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, write_request(operation, "<unsinn/>"))


def with_unknown_id(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, write_request(operation))


def look_up(reader: str = READER, service: str = SERVICE) -> Provoke:
    def provoke(scene: Scene, operation: str) -> FaultView | None:
        return scene.call(operation, write_request(operation, write_lookup(reader, service)))

    return provoke


def cancel_too_late(scene: Scene, _operation: str) -> FaultView | None:
    message_id = new_id()
    post_message(scene.installation, message_id, not_before(days=-1))
    return cancel(scene.installation, message_id)


def cancel_without_not_before(scene: Scene, _operation: str) -> FaultView | None:
    message_id = new_id()
    post_message(scene.installation, message_id)
    return cancel(scene.installation, message_id)


def send(kind: str, name: str, **changes: str) -> Provoke:
    """Sends a sample."""

    def provoke(scene: Scene, operation: str) -> FaultView | None:
        payload = read_sample(kind, name)
        action = OPERATIONS[operation].action
        return send_sample(scene.installation, payload, action=action, **changes)

    return provoke


def send_without_metadata(scene: Scene, operation: str) -> FaultView | None:
    content = read_sample("invalid", "send-message-without-metadata.xml", PAYLOAD="")
    return scene.call(operation, content)


def send_too_much(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, write_message(bytes(4_000_000)))


def send_taken_id(scene: Scene, operation: str) -> FaultView | None:
    message_id = new_id()
    post_message(scene.installation, message_id)
    content = write_message(b"Anderer Text")
    root = etree.fromstring(content)
    place = root.find(".//{*}MsgIdentification/{*}MessageID")
    assert place is not None
    place.text = message_id
    return scene.call(operation, etree.tostring(root))


def confirm_unknown(scene: Scene, operation: str) -> FaultView | None:
    """Goes on with an iterator and confirms what was never fetched."""
    iterator = request_id(request(scene.installation, LIST, mandant="potsdam"))
    confirmed = f"<LastMsgReceived>{UNKNOWN_ID}</LastMsgReceived>"
    body = write_osci(NEXT, confirmed, iterator)
    return scene.call(operation, write_request(operation, body))


def close_unknown(scene: Scene, operation: str) -> FaultView | None:
    iterator = request_id(request(scene.installation, LIST, mandant="potsdam"))
    return scene.call(operation, close_request(iterator, UNKNOWN_ID))


def fetch_unknown(scene: Scene, _operation: str) -> None:
    selector = f">{MESSAGE_ID}"
    request(scene.installation, FETCH, selector=selector)


def send_virus(scene: Scene, operation: str) -> FaultView | None:
    """A message, or a question that is answered, with a file that every scanner knows."""
    payload, schema = b"Text", FOREIGN
    if operation == "sendMessageSync":
        payload, schema = read_sample("valid", "anfrage-001.xml"), XAMTSHILFE
    attachment = (
        '<xta:Attachment contentType="application/octet-stream" filename="eicar.com">'
        f"{base64.b64encode(EICAR).decode()}</xta:Attachment>"
    )
    end = b"</xta:ContentContainer>"
    content = write_message(payload, schema=schema).replace(end, attachment.encode() + end)
    return scene.call(operation, content)


Way = tuple[Fault, Provoke]
EVERYWHERE: tuple[Way, ...] = (
    (Faults.ACCOUNT_UNKNOWN, as_stranger),
    (Faults.ACCOUNT_LOCKED, as_locked),
    (Faults.CERTIFICATE_MISMATCH, as_somebody_else),
    (Faults.MALFORMED_REQUEST, with_another_body),
)
SENDING_WAYS: tuple[Way, ...] = (
    (Faults.PARAMETER_MISSING, send_without_metadata),
    (Faults.URI_INVALID, send("valid", "ersuchen.xml", message_id="keine-uri")),
    (Faults.MESSAGE_TOO_LARGE, send_too_much),
    (Faults.SCHEMA_VIOLATION, send("invalid", "ersuchen-without-forderung.xml")),
    (Faults.WRONG_ENCODING, send("invalid", "ersuchen-latin-1.xml")),
)
SPECIAL: dict[str, tuple[Way, ...]] = {
    "lookupService": (
        (Faults.PARAMETER_MISSING, look_up(reader="")),
        (Faults.PARAMETER_MISSING, look_up(service=" ")),
    ),
    "getTransportReport": ((Faults.MESSAGE_ID_UNKNOWN, with_unknown_id),),
    "cancelMessage": (
        (Faults.PARAMETER_COMBINATION, with_unknown_id),
        (Faults.NOT_BEFORE_PASSED, cancel_too_late),
        (Faults.NOT_BEFORE_UNSET, cancel_without_not_before),
    ),
    "sendMessage": (
        *SENDING_WAYS,
        (Faults.PARAMETER_COMBINATION, send("valid", "ersuchen.xml", reader="ags:00000000")),
        (Faults.MESSAGE_ID_TAKEN, send_taken_id),
        (
            Faults.PROFILE_VIOLATION,
            send("valid", "pixel.png", schema=FOREIGN, reader=LETTER_READER),
        ),
        (Faults.ONLY_SYNCHRONOUS, send("valid", "anfrage-001.xml", schema=XAMTSHILFE)),
    ),
    "sendMessageSync": (
        *SENDING_WAYS,
        (Faults.ONLY_ASYNCHRONOUS, send("valid", "ersuchen.xml")),
    ),
    "getNextMessage": ((Faults.MESSAGE_ID_UNKNOWN, confirm_unknown),),
    "close": (
        (Faults.MESSAGE_ID_UNKNOWN, with_unknown_id),
        (Faults.MESSAGE_ID_UNKNOWN, close_unknown),
    ),
}
WAYS = [(name, *way) for name in OPERATIONS for way in (*EVERYWHERE, *SPECIAL.get(name, ()))]


def declare(operation: str, exception: FaultType) -> Declared:
    return Declared(OPERATIONS[operation].port_type, operation, exception)


# Declared, but not raised yet: what ought to raise them, and is accepted today. There is no
# scanner; getMessage answers an unknown MessageID with the reason NoMatch.
NOT_RAISED: dict[Declared, Provoke] = {
    declare("sendMessage", FaultType.MESSAGE_VIRUS_DETECTION): send_virus,
    declare("sendMessageSync", FaultType.MESSAGE_VIRUS_DETECTION): send_virus,
    declare("getMessage", FaultType.INVALID_MESSAGE_ID): fetch_unknown,
}


@pytest.fixture
def scene(installation: Installation, tmp_path: Path) -> Iterator[Scene]:
    stranger = our_authority(installation).issue_client("niemand", datetime.now(UTC))
    yield Scene(installation, save(stranger, tmp_path))
    empty_mailbox(installation)


def test_declared_faults_all_have_a_way_or_are_known_to_be_missing() -> None:
    raised = {declare(operation, fault.fault_type) for operation, fault, _ in WAYS}
    assert raised & NOT_RAISED.keys() == set()
    assert raised | NOT_RAISED.keys() == {
        Declared(operation.port_type, name, exception)
        for name, operation in OPERATIONS.items()
        for exception in operation.exceptions
    }


@pytest.mark.parametrize(
    ("operation", "fault", "provoke"), WAYS, ids=[f"{name}-{fault.code}" for name, fault, _ in WAYS]
)
def test_declared_fault_comes_with_its_code(
    scene: Scene, operation: str, fault: Fault, provoke: Provoke
) -> None:
    found = provoke(scene, operation)
    assert found is not None
    assert (found.exception, found.code, found.name) == (fault.fault_type, fault.code, fault.name)
    assert found.code_list == (CODELIST_URI, CODELIST_VERSION)
    assert found.text.startswith(f"{fault.code}: ")


@pytest.mark.parametrize("declared", NOT_RAISED, ids=lambda item: f"{item.operation}")
def test_fault_known_to_be_missing_is_not_raised_yet(scene: Scene, declared: Declared) -> None:
    assert NOT_RAISED[declared](scene, declared.operation) is None

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
    FOREIGN,
    SEND,
    new_id,
    post_message,
    send_sample,
)
from tests.integration.test_caller_identity import deactivated, our_authority, save
from tests.integration.test_mailbox import LIST, request, request_id
from tests.integration.test_management import XAMTSHILFE, cancel, not_before
from tests.support import clamd
from tests.support.calls import READER, SERVICE, make_calls, write_envelope
from tests.support.installation import FaultView, Installation, read_fault, read_sample

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
UNKNOWN_ID = "urn:x:unbekannt"
LETTER_READER = "ags:07135020"
# In two halves, so that no scanner of a developer's machine takes this file away.


@dataclass(frozen=True)
class Declared:
    """A fault of an operation in the contract."""

    port_type: str
    operation: str
    exception: str


def read_declared_faults() -> frozenset[Declared]:
    """All faults of all operations in the contract file."""
    root = etree.parse(str(XTA_WSDL)).getroot()
    elements = {
        message.get("name"): local_name(part.get("element", ""))
        for message in root.iter(f"{WSDL}message")
        for part in message.iter(f"{WSDL}part")
    }
    return frozenset(
        Declared(
            port_type.get("name", ""),
            operation.get("name", ""),
            elements[local_name(fault.get("message", ""))],
        )
        for port_type in root.iter(f"{WSDL}portType")
        for operation in port_type.iter(f"{WSDL}operation")
        for fault in operation.iter(f"{WSDL}fault")
    )


def local_name(name: str) -> str:
    return name.rpartition(":")[2]


DECLARED = read_declared_faults()
PORT_TYPES = {item.operation: item.port_type for item in DECLARED}


@dataclass(frozen=True)
class Scene:
    """A running installation, and the certificate of somebody who has no account there."""

    installation: Installation
    stranger: Path

    def call(
        self, operation: str, content: bytes | None = None, certificate: Path | None = None
    ) -> FaultView | None:
        """The fault that answers; None where the request is accepted.

        The request is a valid one about an unknown message, by who may make it, unless others
        are named.
        """
        valid = make_calls(UNKNOWN_ID, UNKNOWN_ID)[operation]
        response = self.installation.post(
            self.installation.url(valid.port),
            content or valid.content,
            valid.action,
            certificate or valid.find_certificate(self.installation),
        )
        return None if response.status_code == 200 else read_fault(response)

    def open_iterator(self) -> str:
        """An iterator of Jena."""
        return request_id(request(self.installation, LIST))


Provoke = Callable[[Scene, str], FaultView | None]


def as_stranger(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, certificate=scene.stranger)


def as_locked(scene: Scene, operation: str) -> FaultView | None:
    with deactivated(scene.installation, "cochem") as certificate:
        return scene.call(operation, certificate=certificate)


def as_somebody_else(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, certificate=scene.installation.certificate("cochem"))


def with_another_body(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, write_envelope("<unsinn/>"))


def with_unknown_id(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation)


def with_empty(text: str) -> Provoke:
    """A valid request with nothing in the place of a text."""

    def provoke(scene: Scene, operation: str) -> FaultView | None:
        content = make_calls(UNKNOWN_ID)[operation].content
        assert text.encode() in content
        return scene.call(operation, content.replace(text.encode(), b" "))

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
        action = SEND + operation.removeprefix("sendMessage")
        return send_sample(scene.installation, read_sample(kind, name), action=action, **changes)

    return provoke


def send_without_metadata(scene: Scene, operation: str) -> FaultView | None:
    content = read_sample("invalid", "send-message-without-metadata.xml", PAYLOAD="")
    return scene.call(operation, content)


def send_too_much(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, make_calls(new_id())[operation].content + b" " * 4_000_000)


def send_taken_id(scene: Scene, operation: str) -> FaultView | None:
    message_id = new_id()
    post_message(scene.installation, message_id)
    return scene.call(operation, make_calls(message_id)[operation].content)


def send_virus(scene: Scene, operation: str) -> FaultView | None:
    """A valid message with a file that every scanner knows."""
    end = b"</xta:ContentContainer>"
    attachment = (
        b'<xta:Attachment contentType="application/octet-stream" filename="eicar.com">'
        + base64.b64encode(clamd.EICAR)
        + b"</xta:Attachment>"
    )
    content = make_calls(new_id())[operation].content
    assert end in content
    return scene.call(operation, content.replace(end, attachment + end))


def confirm_unknown(scene: Scene, operation: str) -> FaultView | None:
    """Goes on with an iterator and confirms what was never fetched."""
    body = (
        f'<osci:MsgBoxGetNextRequest MsgBoxRequestID="{scene.open_iterator()}">'
        f"<osci:LastMsgReceived>{UNKNOWN_ID}</osci:LastMsgReceived></osci:MsgBoxGetNextRequest>"
    )
    return scene.call(operation, write_envelope(body))


def close_unknown(scene: Scene, operation: str) -> FaultView | None:
    return scene.call(operation, make_calls(UNKNOWN_ID, scene.open_iterator())[operation].content)


Way = tuple[Fault, Provoke]
EVERYWHERE: tuple[Way, ...] = (
    (Faults.ACCOUNT_UNKNOWN, as_stranger),
    (Faults.ACCOUNT_LOCKED, as_locked),
    (Faults.CERTIFICATE_MISMATCH, as_somebody_else),
    (Faults.MALFORMED_REQUEST, with_another_body),
)
SENDING: tuple[Way, ...] = (
    (Faults.PARAMETER_MISSING, send_without_metadata),
    (Faults.URI_INVALID, send("valid", "ersuchen.xml", message_id="keine-uri")),
    (Faults.MESSAGE_TOO_LARGE, send_too_much),
    (Faults.SCHEMA_VIOLATION, send("invalid", "ersuchen-without-forderung.xml")),
    (Faults.WRONG_ENCODING, send("invalid", "ersuchen-latin-1.xml")),
    (Faults.VIRUS_FOUND, send_virus),
)
SPECIAL: dict[str, tuple[Way, ...]] = {
    "lookupService": (
        (Faults.PARAMETER_MISSING, with_empty(READER)),
        (Faults.PARAMETER_MISSING, with_empty(SERVICE)),
    ),
    "getTransportReport": ((Faults.MESSAGE_ID_UNKNOWN, with_unknown_id),),
    "cancelMessage": (
        (Faults.PARAMETER_COMBINATION, with_unknown_id),
        (Faults.NOT_BEFORE_PASSED, cancel_too_late),
        (Faults.NOT_BEFORE_UNSET, cancel_without_not_before),
    ),
    "sendMessage": (
        *SENDING,
        (Faults.PARAMETER_COMBINATION, send("valid", "ersuchen.xml", reader="ags:00000000")),
        (Faults.MESSAGE_ID_TAKEN, send_taken_id),
        (
            Faults.PROFILE_VIOLATION,
            send("valid", "pixel.png", schema=FOREIGN, reader=LETTER_READER),
        ),
        (Faults.ONLY_SYNCHRONOUS, send("valid", "anfrage-001.xml", schema=XAMTSHILFE)),
    ),
    "sendMessageSync": (
        *SENDING,
        (Faults.ONLY_ASYNCHRONOUS, send("valid", "ersuchen.xml")),
    ),
    "getMessage": ((Faults.MESSAGE_ID_UNKNOWN, with_unknown_id),),
    "getNextMessage": ((Faults.MESSAGE_ID_UNKNOWN, confirm_unknown),),
    "close": (
        (Faults.MESSAGE_ID_UNKNOWN, with_unknown_id),
        (Faults.MESSAGE_ID_UNKNOWN, close_unknown),
    ),
}
WAYS = [
    (name, *way) for name in sorted(PORT_TYPES) for way in (*EVERYWHERE, *SPECIAL.get(name, ()))
]


def declare(operation: str, exception: FaultType) -> Declared:
    return Declared(PORT_TYPES[operation], operation, exception)


@pytest.fixture
def scene(installation: Installation, tmp_path: Path) -> Iterator[Scene]:
    stranger = our_authority(installation).issue_client("niemand", datetime.now(UTC))
    yield Scene(installation, save(stranger, tmp_path))
    installation.empty_mailbox()


def test_declared_faults_all_have_a_way() -> None:
    assert {declare(operation, fault.fault_type) for operation, fault, _ in WAYS} == DECLARED


@pytest.mark.parametrize(
    ("operation", "fault", "provoke"), WAYS, ids=[f"{name}-{fault.code}" for name, fault, _ in WAYS]
)
def test_declared_fault_comes_with_its_code(
    scene: Scene, operation: str, fault: Fault, provoke: Provoke
) -> None:
    if fault == Faults.VIRUS_FOUND and not clamd.is_installed():
        pytest.skip("clamd is not installed here (make test-packages)")
    found = provoke(scene, operation)
    assert found is not None
    assert (found.exception, found.code, found.name) == (fault.fault_type, fault.code, fault.name)
    assert found.code_list == (CODELIST_URI, CODELIST_VERSION)
    assert found.text.startswith(f"{fault.code}: ")

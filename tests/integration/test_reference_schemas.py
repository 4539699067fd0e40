"""Responses of every operation against the published schemas, not against ours."""

import uuid
from collections.abc import Iterator

import pytest
import requests
from lxml import etree

from server.xmlio.complaint import join_complaints
from server.xmlio.wsdl_contract import Contract, read_contract
from tests.support.calls import ValidCall, make_calls
from tests.support.installation import REFERENCE_WSDL, Installation

SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
WITH_ANSWER = [
    "checkAccountActive",
    "createMessageId",
    "lookupService",
    "sendMessage",
    "sendMessageSync",
    "getTransportReport",
    "getStatusList",
    "getMessage",
]

pytestmark = pytest.mark.skipif(
    not REFERENCE_WSDL.exists(), reason="the reference contract is not at hand here"
)


@pytest.fixture(scope="module")
def reference() -> Contract:
    envelope = REFERENCE_WSDL.parent / "soap12-envelope.xsd"
    return read_contract(REFERENCE_WSDL, {SOAP12: envelope})


@pytest.fixture(scope="module")
def message_id(installation: Installation) -> Iterator[str]:
    """A message that waits for Jena."""
    made = f"urn:de:xta:messageid:test:{uuid.uuid4()}"
    assert post(installation, make_calls(made)["sendMessage"]).status_code == 200
    yield made
    installation.empty_mailbox()


def post(installation: Installation, call: ValidCall) -> requests.Response:
    certificate = call.find_certificate(installation)
    return installation.post(installation.url(call.port), call.content, call.action, certificate)


def check(reference: Contract, response: requests.Response, *, is_fault: bool) -> etree._Element:
    envelope = etree.fromstring(response.content)
    assert join_complaints(reference.schemas[SOAP12].check(envelope)) == ""
    assert (envelope.find("{*}Body/{*}Fault") is not None) is is_fault, response.text
    return envelope


@pytest.mark.parametrize("name", WITH_ANSWER)
def test_answer_of_an_operation_is_valid_by_the_reference(
    installation: Installation, reference: Contract, message_id: str, name: str
) -> None:
    check(reference, post(installation, make_calls(message_id)[name]), is_fault=False)


@pytest.mark.parametrize(
    ("first", "following"),
    [("getStatusList", "getNextStatusList"), ("getMessage", "getNextMessage")],
)
def test_answer_of_an_iterator_and_its_end_is_valid_by_the_reference(
    installation: Installation, reference: Contract, message_id: str, first: str, following: str
) -> None:
    begun = check(
        reference, post(installation, make_calls(message_id)[first]), is_fault=False
    ).find(".//{*}MsgBoxResponse")
    assert begun is not None
    calls = make_calls(message_id, begun.get("MsgBoxRequestID", ""))
    check(reference, post(installation, calls[following]), is_fault=False)
    if first == "getMessage":
        check(reference, post(installation, calls["close"]), is_fault=False)


def test_answer_of_cancel_message_is_valid_by_the_reference(
    installation: Installation, reference: Contract
) -> None:
    made = f"urn:de:xta:messageid:test:{uuid.uuid4()}"
    calls = make_calls(made)
    not_before = b"<meta:NotBefore>2999-01-01T00:00:00Z</meta:NotBefore></meta:DeliveryAttributes>"
    content = calls["sendMessage"].content.replace(
        b"<meta:DeliveryAttributes/>", b"<meta:DeliveryAttributes>" + not_before
    )
    sent = ValidCall("send", calls["sendMessage"].action, content)
    check(reference, post(installation, sent), is_fault=False)
    check(reference, post(installation, calls["cancelMessage"]), is_fault=False)


@pytest.mark.parametrize("name", ["getTransportReport", "cancelMessage", "close"])
def test_fault_of_an_operation_is_valid_by_the_reference(
    installation: Installation, reference: Contract, name: str
) -> None:
    check(reference, post(installation, make_calls("urn:x:unbekannt")[name]), is_fault=True)

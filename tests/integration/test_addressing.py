"""WS-Addressing 1.0 on requests and responses."""

import uuid

import pytest
import requests
from lxml import etree

from tests.support.installation import XTA_ACTION, Installation, read_fault, read_sample

WSA = "http://www.w3.org/2005/08/addressing"
ANONYMOUS, NONE = f"{WSA}/anonymous", f"{WSA}/none"
ELSEWHERE = "https://anderswo.beispiel.invalid/antwort"
ACCOUNT = XTA_ACTION + "CheckAccountActive"


def write_request(
    message_id: str,
    *,
    action: str = ACCOUNT,
    reply_to: str = ANONYMOUS,
    fault_to: str = ANONYMOUS,
) -> bytes:
    return read_sample(
        "valid",
        "addressed.xml",
        ACTION=action,
        MESSAGE_ID=message_id,
        REPLY_TO=reply_to,
        FAULT_TO=fault_to,
    )


def post(installation: Installation, message_id: str, **changes: str) -> requests.Response:
    return installation.post(installation.url("management"), write_request(message_id, **changes))


def read_header(response: requests.Response) -> etree._Element:
    header = etree.fromstring(response.content).find("{*}Header")
    assert header is not None
    return header


def read_subcodes(response: requests.Response) -> list[str]:
    values = etree.fromstring(response.content).iterfind(".//{*}Subcode/{*}Value")
    return [(value.text or "").removeprefix("wsa:") for value in values]


@pytest.fixture
def message_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def test_request_with_all_headers_is_answered_with_addresses(
    installation: Installation, message_id: str
) -> None:
    response = post(installation, message_id)
    header = read_header(response)
    assert response.status_code == 200
    assert header.findtext("{*}RelatesTo") == message_id
    assert header.findtext("{*}Action") == ACCOUNT
    assert header.findtext("{*}To") == ANONYMOUS
    assert str(header.findtext("{*}MessageID")).startswith("urn:uuid:")
    assert header.findtext("{*}MessageID") != message_id


def test_request_with_reference_parameters_finds_them_in_the_answer(
    installation: Installation, message_id: str
) -> None:
    echo = read_header(post(installation, message_id)).find("{urn:beispiel:fachverfahren}Vorgang")
    assert echo is not None
    assert (echo.text, echo.get(f"{{{WSA}}}IsReferenceParameter")) == ("4711", "true")


def test_request_without_headers_is_answered_without(installation: Installation) -> None:
    sample = read_sample("valid", "empty-body-of-node-soap.xml")
    response = installation.post(installation.url("management"), sample, ACCOUNT)
    assert etree.fromstring(response.content).find("{*}Header") is None


@pytest.mark.parametrize("name", ["reply_to", "fault_to"])
@pytest.mark.parametrize("address", [ELSEWHERE, NONE])
def test_request_wanting_answers_elsewhere_is_refused(
    installation: Installation, message_id: str, name: str, address: str
) -> None:
    response = post(installation, message_id, **{name: address})
    assert read_fault(response).code == "9000"
    assert address in read_fault(response).text
    assert read_subcodes(response) == ["InvalidAddressingHeader", "OnlyAnonymousAddressSupported"]
    header = read_header(response)
    assert header.findtext("{*}Action") == f"{WSA}/fault"
    assert header.findtext("{*}RelatesTo") == message_id


def test_request_with_unknown_action_is_refused_with_addresses(
    installation: Installation, message_id: str
) -> None:
    response = post(installation, message_id, action="urn:beispiel:unbekannt")
    assert read_subcodes(response) == ["ActionNotSupported"]
    assert read_header(response).findtext("{*}RelatesTo") == message_id


def test_request_without_any_action_names_the_missing_header(installation: Installation) -> None:
    sample = read_sample("valid", "empty-body-of-node-soap.xml")
    response = installation.post(installation.url("management"), sample)
    assert read_subcodes(response) == ["MessageAddressingHeaderRequired"]


def test_request_with_two_message_ids_breaks_cardinality(
    installation: Installation, message_id: str
) -> None:
    block = f"<wsa:MessageID>{message_id}</wsa:MessageID>".encode()
    sample = write_request(message_id).replace(b"</env:Header>", block + b"</env:Header>")
    response = installation.post(installation.url("management"), sample)
    assert read_subcodes(response) == ["InvalidAddressingHeader", "InvalidCardinality"]


def test_request_with_contradictory_actions_names_the_mismatch(
    installation: Installation, message_id: str
) -> None:
    response = installation.post(
        installation.url("management"),
        write_request(message_id),
        XTA_ACTION + "CreateMessageID",
    )
    assert read_subcodes(response) == ["InvalidAddressingHeader", "ActionMismatch"]


def test_fault_of_an_operation_carries_its_action(
    installation: Installation, message_id: str
) -> None:
    action = XTA_ACTION + "GetTransportReport"
    body = b"<env:Body><wsa:MessageID>urn:x:1</wsa:MessageID></env:Body>"
    content = write_request(message_id, action=action).replace(b"<env:Body/>", body)
    response = installation.post(installation.url("management"), content)
    assert read_fault(response).code == "9070"
    assert read_header(response).findtext("{*}Action") == action

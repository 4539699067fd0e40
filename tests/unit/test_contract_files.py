"""The contract files by themselves: they compile, they load, they reach for nothing outside."""

import re
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree
from zeep.transports import Transport

from server.xmlio.complaint import join_complaints
from server.xmlio.contract_files import (
    AMTSHILFE_WSDL,
    AUTHORITY_WSDL,
    ENVELOPE_SCHEMAS,
    WSDL_FOLDER,
    XSD_FOLDER,
    XTA_WSDL,
)
from server.xmlio.namespaces import SOAP12
from server.xmlio.wsdl_contract import read_contract
from tests.support.installation import read_sample

XTA = "http://www.xta.de/XTA/"
MSG_BOX = "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBox"
ACTIONS = {
    "checkAccountActive": XTA + "CheckAccountActive",
    "createMessageId": XTA + "CreateMessageID",
    "lookupService": XTA + "IsServiceAvailable",
    "cancelMessage": XTA + "CancelMessage",
    "getTransportReport": XTA + "GetTransportReport",
    "sendMessage": XTA + "SendMessage",
    "sendMessageSync": XTA + "SendMessageSync",
    "getMessage": MSG_BOX + "FetchRequest",
    "getStatusList": MSG_BOX + "StatusListRequest",
    "getNextMessage": MSG_BOX + "GetNextMsgRequest",
    "getNextStatusList": MSG_BOX + "GetNextListRequest",
    "close": MSG_BOX + "CloseRequest",
}
SCHEMAS = sorted(XSD_FOLDER.rglob("*.xsd"))
FILES = [*SCHEMAS, *sorted(WSDL_FOLDER.rglob("*.wsdl"))]


class OfflineTransport(Transport):
    """Reads files and refuses everything else."""

    def _load_remote_data(self, url: str) -> Any:
        raise AssertionError(f"{url} is fetched")


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema_compiles_by_itself(path: Path) -> None:
    etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_contract_file_reaches_for_nothing_outside(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "<!DOCTYPE" not in text
    for location in re.findall(r'schemaLocation="([^"]*)"', text):
        assert not location.startswith(("http", "/")), location
        assert (path.parent / location).is_file(), location


@pytest.mark.parametrize(
    ("path", "number"), [(XTA_WSDL, 12), (AMTSHILFE_WSDL, 22), (AUTHORITY_WSDL, 8)]
)
def test_wsdl_loads_offline_with_all_operations(path: Path, number: int) -> None:
    make_transport: Any = OfflineTransport
    client = zeep.Client(str(path), transport=make_transport())
    operations = [
        operation
        for service in client.wsdl.services.values()
        for port in service.ports.values()
        for operation in port.binding.all()
    ]
    assert len(operations) == number


def test_xta_actions_are_those_of_the_standard() -> None:
    contract = read_contract(XTA_WSDL, ENVELOPE_SCHEMAS)
    assert {item.name: item.action for item in contract.operations} == ACTIONS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("", ""), ""),
        (
            ("<meta:Service>urn:damtshilfe:dienst:vollstreckungshilfe:1</meta:Service>", ""),
            "Service",
        ),
        (('contentType="application/xml"', ""), "contentType"),
        (("<meta:DeliveryAttributes/>", ""), "DeliveryAttributes"),
        (('type="xoev"', 'type=""'), "Identifier"),
        (("<code>", "<code>x</code><code>"), "code"),
    ],
)
def test_envelope_schema_checks_header_and_body(change: tuple[str, str], words: str) -> None:
    contract = read_contract(XTA_WSDL, ENVELOPE_SCHEMAS)
    text = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR="a",
        READER="b",
        MESSAGE_ID="urn:x:1",
        SCHEMA="urn:s",
        PAYLOAD="VGV4dA==",
    ).decode()
    assert change[0] in text
    root = etree.fromstring(text.replace(*change).encode())
    complaints = join_complaints(contract.schemas[SOAP12].check(root))
    assert bool(complaints) == bool(words)
    assert words in complaints

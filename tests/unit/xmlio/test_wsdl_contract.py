"""Contracts as they are read from the WSDL files."""

from pathlib import Path

import pytest

from server.xmlio.contract_files import (
    AMTSHILFE_WSDL,
    AUTHORITY_WSDL,
    ENVELOPE_SCHEMAS,
    XTA_WSDL,
)
from server.xmlio.wsdl_contract import read_contract

OSCI_META = "{http://www.osci.eu/ws/2014/10/transport}"


def test_read_contract_xta_has_twelve_operations_with_distinct_actions() -> None:
    contract = read_contract(XTA_WSDL, ENVELOPE_SCHEMAS)
    assert len(contract.operations) == 12
    assert len({operation.action for operation in contract.operations}) == 12
    lookup = contract.find_by_action(
        "managementPortType", "http://www.xta.de/XTA/IsServiceAvailable"
    )
    assert lookup is not None
    assert lookup.name == "lookupService"
    assert lookup.input_headers == {f"{OSCI_META}Author"}
    assert contract.find_by_action("sendPortType", lookup.action) is None


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (
            AMTSHILFE_WSDL,
            [
                "zustaendigkeitsabfrage",
                "senden",
                "empfangen",
                "quittieren",
                "reporting",
                "pruefen",
                "vorgang",
                "brief",
                "massnahmenkatalog",
                "codeliste",
                "auswertung",
            ],
        ),
        (
            AUTHORITY_WSDL,
            [
                "zustaendigkeit",
                "erklaereZustaendigkeit",
                "findOrte",
                "findBehoerde",
                "findZertifikate",
                "meldeZweifel",
                "findRechenzentrum",
                "findZertifikatsinhaber",
            ],
        ),
    ],
)
def test_read_contract_bindings_of_two_soap_versions_give_each_operation_once(
    path: Path, names: list[str]
) -> None:
    contract = read_contract(path, ENVELOPE_SCHEMAS)
    assert [operation.name for operation in contract.operations] == names
    for operation in contract.operations:
        assert operation.input_element
        found = contract.find_by_input(operation.port_type, operation.input_element)
        assert found == operation

"""The fault table against the contract."""

from lxml import etree

from server.errors import ALL_FAULTS, CODELIST_URI, CODELIST_VERSION, AmtshilfeError, Faults
from server.xmlio.contract_files import XSD_FOLDER

XS = "{http://www.w3.org/2001/XMLSchema}"


def test_fault_types_are_the_exceptions_of_the_contract() -> None:
    schema = etree.parse(str(XSD_FOLDER / "xta-2.1.1" / "xta-exceptions.xsd"))
    declared = {element.get("name") for element in schema.getroot().findall(f"{XS}element")}
    assert {fault.fault_type.value for fault in ALL_FAULTS} == declared


def test_codes_are_those_of_the_code_list() -> None:
    schema = etree.parse(str(XSD_FOLDER / "xta-2.1.1" / "xta-datentypen.xsd"))
    listed = {
        item.get("value")
        for item in schema.iterfind(f".//{XS}simpleType[@name='Codelist.Fehlernummer']//*")
        if item.get("value")
    }
    assert {fault.code for fault in ALL_FAULTS} == listed
    fixed = {item.get("fixed") for item in schema.iterfind(f".//{XS}attribute[@fixed]")}
    assert fixed == {CODELIST_URI, CODELIST_VERSION}


def test_every_fault_has_a_remedy_in_a_whole_sentence() -> None:
    assert all(fault.remedy.endswith(".") for fault in ALL_FAULTS)


def test_amtshilfe_error_tells_code_and_reason() -> None:
    error = AmtshilfeError(Faults.MESSAGE_ID_UNKNOWN, "Nichts da.")
    assert str(error) == "9070 InvalidMessageIDException: Nichts da."

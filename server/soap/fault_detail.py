"""The detail of a fault in the words of each contract."""

from collections.abc import Callable

from lxml import etree

from server.errors import CODELIST_URI, CODELIST_VERSION, AmtshilfeError
from server.xmlio.namespaces import XTA, name_in

DetailWriter = Callable[[AmtshilfeError], etree._Element]


def write_xta_detail(error: AmtshilfeError) -> etree._Element:
    """The exception element of XTA 2.1.1 with its errorCode."""
    fault = error.fault
    element = etree.Element(name_in(XTA, fault.fault_type), nsmap={"xta": XTA})
    error_code = etree.SubElement(element, name_in(XTA, "errorCode"))
    error_code.set("listURI", CODELIST_URI)
    error_code.set("listVersionID", CODELIST_VERSION)
    etree.SubElement(error_code, "code").text = fault.code
    etree.SubElement(error_code, "name").text = fault.name
    return element


def fehler_writer(namespace: str) -> DetailWriter:
    """A writer of the element `fehler` of our own contracts: code, name, cause, remedy."""

    def write(error: AmtshilfeError) -> etree._Element:
        element = etree.Element(name_in(namespace, "fehler"), nsmap={None: namespace})
        for name, text in (
            ("code", error.fault.code),
            ("name", error.fault.name),
            ("ursache", error.reason),
            ("abhilfe", error.fault.remedy),
        ):
            etree.SubElement(element, name_in(namespace, name)).text = text
        return element

    return write

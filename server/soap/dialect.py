"""SOAP 1.1 and SOAP 1.2: what differs between them on the wire."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from lxml import etree

from server.soap.wire_fault import FaultCode, WireFault
from server.xmlio.namespaces import SOAP11, SOAP12, WSA, XML, name_in


@dataclass(frozen=True)
class Dialect:
    """A version of SOAP: namespace of its envelope and the media type of its messages."""

    namespace: str
    media_type: str

    @property
    def content_type(self) -> str:
        """The Content-Type of a response."""
        return f"{self.media_type}; charset=utf-8"

    def name(self, local_name: str) -> str:
        """An element of the envelope."""
        return name_in(self.namespace, local_name)

    def http_status(self, fault: WireFault, sender_status: HTTPStatus) -> str:
        """The status line of a fault; `sender_status` is that of SOAP 1.2 faults of the caller.

        SOAP 1.2 (part 2, 7.5.2.2) gives them 400. SOAP 1.1 (6.2) knows only 500.
        """
        is_sender = self.namespace == SOAP12 and fault.code == FaultCode.SENDER
        status = sender_status if is_sender else HTTPStatus.INTERNAL_SERVER_ERROR
        return f"{status.value} {status.phrase}"

    def write_envelope(
        self, headers: tuple[etree._Element, ...], body: etree._Element | None
    ) -> etree._Element:
        """An envelope; without headers it has no Header element."""
        envelope = etree.Element(self.name("Envelope"), nsmap={"env": self.namespace})
        if headers:
            etree.SubElement(envelope, self.name("Header")).extend(headers)
        body_element = etree.SubElement(envelope, self.name("Body"))
        if body is not None:
            body_element.append(body)
        return envelope

    def write_fault(self, fault: WireFault, detail: etree._Element) -> etree._Element:
        """A Fault element with its detail."""
        if self.namespace == SOAP12:
            return _write_fault_12(fault, detail)
        return _write_fault_11(fault, detail)


SOAP_11 = Dialect(SOAP11, "text/xml")
SOAP_12 = Dialect(SOAP12, "application/soap+xml")
DIALECTS = {dialect.namespace: dialect for dialect in (SOAP_11, SOAP_12)}

_CODES_11 = {FaultCode.SENDER: "Client", FaultCode.RECEIVER: "Server"}


def _write_fault_12(fault: WireFault, detail: etree._Element) -> etree._Element:
    nsmap: Any = {"env": SOAP12, "wsa": WSA}
    element = etree.Element(name_in(SOAP12, "Fault"), nsmap=nsmap)
    code = etree.SubElement(element, name_in(SOAP12, "Code"))
    etree.SubElement(code, name_in(SOAP12, "Value")).text = f"env:{fault.code}"
    outer = code
    for name in fault.addressing_subcodes:
        outer = etree.SubElement(outer, name_in(SOAP12, "Subcode"))
        etree.SubElement(outer, name_in(SOAP12, "Value")).text = f"wsa:{name}"
    reason = etree.SubElement(element, name_in(SOAP12, "Reason"))
    text = etree.SubElement(reason, name_in(SOAP12, "Text"))
    text.set(name_in(XML, "lang"), "de")
    text.text = fault.text
    etree.SubElement(element, name_in(SOAP12, "Detail")).append(detail)
    return element


def _write_fault_11(fault: WireFault, detail: etree._Element) -> etree._Element:
    element = etree.Element(name_in(SOAP11, "Fault"), nsmap={"env": SOAP11})
    code = _CODES_11.get(fault.code, fault.code)
    etree.SubElement(element, "faultcode").text = f"env:{code}"
    etree.SubElement(element, "faultstring").text = fault.text
    etree.SubElement(element, "detail").append(detail)
    return element

"""Elements of the façade's namespace."""

from lxml import etree

from server.domain.transport_report import Severity
from server.xmlio.namespaces import AMTSHILFE, FACHVERFAHREN, name_in

GEWICHT = {Severity.INFO: "info", Severity.WARNING: "warnung", Severity.ERROR: "fehler"}


def respond(operation: str) -> etree._Element:
    """The empty response element of an operation."""
    name = name_in(FACHVERFAHREN, f"{operation}Response")
    return etree.Element(name, nsmap={"fv": FACHVERFAHREN, "amt": AMTSHILFE})


def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """Appends a child and returns it."""
    child = etree.SubElement(parent, name_in(FACHVERFAHREN, name))
    child.text = text
    return child


def child_text(parent: etree._Element, name: str) -> str:
    """The text of a child (white space counts once); empty where it is absent."""
    return " ".join((parent.findtext(name_in(FACHVERFAHREN, name)) or "").split())


def to_boolean(value: bool) -> str:
    """xs:boolean in its usual form."""
    return "true" if value else "false"

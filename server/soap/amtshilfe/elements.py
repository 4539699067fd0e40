"""Elements of the façade's namespace."""

from lxml import etree

from server.xmlio.namespaces import AMTSHILFE, FACHVERFAHREN, name_in


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
    """The text of an xs:boolean."""
    return "true" if value else "false"

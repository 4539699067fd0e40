"""The types that all messages of our own share (`xsd/amtshilfe-1/amtshilfe-baukasten.xsd`)."""

from collections.abc import Iterator
from datetime import date

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.xmlio.namespaces import AMTSHILFE, name_in

AMT = ElementMaker(namespace=AMTSHILFE, nsmap={"amt": AMTSHILFE})


def find_text(parent: etree._Element, name: str) -> str:
    """The text of a child; empty where the child is absent. White space counts once (xs:token)."""
    child = find_child(parent, name)
    return "" if child is None else " ".join((child.text or "").split())


def find_child(parent: etree._Element, name: str) -> etree._Element | None:
    """A child that may be absent."""
    # Far faster than find, which interprets a path.
    return next(parent.iterchildren(name_in(AMTSHILFE, name)), None)


def list_children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """All children of this name, in their order."""
    return parent.iterchildren(name_in(AMTSHILFE, name))


def find_day(parent: etree._Element, name: str) -> date | None:
    """The day in a child; None where the child is absent."""
    text = find_text(parent, name)
    # xs:date may bear a zone; a day on a letter has none.
    return date.fromisoformat(text[:10]) if text else None


def read_day(parent: etree._Element, name: str) -> date:
    """The day in a child that the schema asks for."""
    day = find_day(parent, name)
    if day is None:
        raise ValueError(f"{name} is missing, although the schema asks for it")
    return day


def format_day(day: date | None) -> str:
    """A day as xs:date; empty where there is none."""
    return day.isoformat() if day else ""


def require_child(parent: etree._Element, name: str) -> etree._Element:
    """A child that the schema asks for."""
    child = find_child(parent, name)
    if child is None:
        raise ValueError(f"{name} is missing, although the schema asks for it")
    return child


def read_kennung(element: etree._Element) -> PartyIdentifier:
    """amt:Kennung → identifier."""
    return PartyIdentifier(
        value=" ".join((element.text or "").split()),
        type=" ".join(element.get("typ", "").split()),
        category=" ".join(element.get("kategorie", "").split()),
    )


def fill_kennung(element: etree._Element, identifier: PartyIdentifier) -> etree._Element:
    """Writes an identifier into an element of type amt:Kennung."""
    element.text = identifier.value
    element.set("typ", identifier.type)
    if identifier.category:
        element.set("kategorie", identifier.category)
    return element


def write_kennung(identifier: PartyIdentifier) -> etree._Element:
    """Identifier → amt:kennung."""
    return fill_kennung(AMT.kennung(), identifier)


def read_anschrift(element: etree._Element) -> Anschrift:
    """amt:Anschrift → Anschrift."""
    return Anschrift(
        find_text(element, "strasse"),
        find_text(element, "hausnummer"),
        find_text(element, "plz"),
        find_text(element, "ort"),
    )


def write_anschrift(anschrift: Anschrift) -> etree._Element:
    """Anschrift → amt:anschrift."""
    element: etree._Element = AMT.anschrift()
    add_texts(
        element,
        strasse=anschrift.strasse,
        hausnummer=anschrift.hausnummer,
        plz=anschrift.plz,
        ort=anschrift.ort,
    )
    return element


def read_behoerde(element: etree._Element) -> Behoerde:
    """amt:Behoerde → Behoerde."""
    name = find_text(element, "name")
    kennung = read_kennung(require_child(element, "kennung"))
    return Behoerde(
        PartyIdentifier(kennung.value, kennung.type, name, kennung.category),
        name,
        read_anschrift(require_child(element, "anschrift")),
        Kanal(find_text(element, "kanal")),
    )


def fill_behoerde(element: etree._Element, behoerde: Behoerde) -> etree._Element:
    """Writes a Behoerde into an element of type amt:Behoerde."""
    element.append(write_kennung(behoerde.identifier))
    add_texts(element, name=behoerde.name)
    element.append(write_anschrift(behoerde.anschrift))
    add_texts(element, kanal=behoerde.kanal.value)
    return element


def add_texts(parent: etree._Element, **texts: str) -> None:
    """Appends a child for every text that is not empty."""
    for name, text in texts.items():
        if text:
            etree.SubElement(parent, name_in(AMTSHILFE, name)).text = text

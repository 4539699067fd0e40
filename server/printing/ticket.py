"""The job ticket that accompanies a letter (`xsd/print-1/druckauftrag.xsd`)."""

import math
from xml.etree import ElementTree

from server.domain.ersuchen import Ersuchen
from server.printing.letter import Letter, LetterOrder, list_address_lines

NAMESPACE = "urn:damtshilfe:druckauftrag:1"
_PAGES_PER_SHEET = 2


def render_ticket(ersuchen: Ersuchen, letter: Letter, order: LetterOrder) -> bytes:
    """The ticket as XML in UTF-8; letters are printed on both sides."""
    root = ElementTree.Element(f"{{{NAMESPACE}}}druckauftrag", {"version": "1.0"})
    sender, recipient = ersuchen.ersuchender, ersuchen.ersuchter
    for name, text in (
        ("auftragId", order.order_id),
        ("messageId", order.message_id),
        ("erstellt", order.created.isoformat(timespec="seconds")),
        ("aktenzeichen", sender.aktenzeichen),
        ("absender", sender.name),
    ):
        if text:
            _add(root, name, text)
    for line in list_address_lines(recipient):
        _add(root, "empfaengerzeile", line)
    _add(root, "postleitzahl", recipient.anschrift.plz)
    _add_document(root, letter, order)
    ElementTree.register_namespace("da", NAMESPACE)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _add_document(root: ElementTree.Element, letter: Letter, order: LetterOrder) -> None:
    document = _add(root, "dokument")
    _add(document, "datei", f"{order.order_id}.pdf")
    _add(document, "sha256", letter.sha256)
    _add(document, "seiten", str(letter.pages))
    _add(document, "blaetter", str(math.ceil(letter.pages / _PAGES_PER_SHEET)))
    _add(document, "druck", "duplex")


def _add(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = text or None
    return child

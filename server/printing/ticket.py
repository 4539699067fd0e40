"""The job ticket that accompanies a single letter; that of a batch is made by `job_ticket`.

It has no test flag: test messages are never printed.
"""

from dataclasses import dataclass
from enum import StrEnum
from xml.etree import ElementTree

from server.domain.ersuchen import Ersuchen
from server.printing.letter import Letter, LetterOrder
from server.printing.letter_texts import list_address_lines
from server.printing.sheet import count_sheets

NAMESPACE = "urn:damtshilfe:druckauftrag:1"
_VERSION = "1.0"


class Druck(StrEnum):
    """On how many sides of a sheet there is print (`da:druck`)."""

    SIMPLEX = "simplex"
    DUPLEX = "duplex"


@dataclass(frozen=True)
class PrintedLetter:
    """A letter, the name of its file, and whether both sides of a sheet are used."""

    filename: str
    letter: Letter
    duplex: bool


def render_ticket(ersuchen: Ersuchen, printed: PrintedLetter, order: LetterOrder) -> bytes:
    """The ticket as XML in UTF-8; the same order gives the same bytes."""
    root = ElementTree.Element("druckauftrag", {"xmlns": NAMESPACE, "version": _VERSION})
    _add_order(root, order)
    _add_addresses(root, ersuchen)
    _add_document(root, printed)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def choose_druck(pages: int, duplex: bool) -> Druck:
    """Both sides where that is wanted, except where there is nothing for the second."""
    return Druck.DUPLEX if duplex and pages > 1 else Druck.SIMPLEX


def _add_order(root: ElementTree.Element, order: LetterOrder) -> None:
    _add(root, "auftragId", order.order_id)
    _add(root, "messageId", order.message_id)
    _add(root, "erstellt", order.created.isoformat(timespec="seconds"))


def _add_addresses(root: ElementTree.Element, ersuchen: Ersuchen) -> None:
    sender, recipient = ersuchen.ersuchender, ersuchen.ersuchter
    if sender.aktenzeichen:
        _add(root, "aktenzeichen", sender.aktenzeichen)
    _add(root, "absender", sender.name)
    for line in sender.anschrift.lines():
        _add(root, "absenderzeile", line)
    for line in list_address_lines(recipient):
        _add(root, "empfaengerzeile", line)
    _add(root, "postleitzahl", recipient.anschrift.plz)


def _add_document(root: ElementTree.Element, printed: PrintedLetter) -> None:
    letter = printed.letter
    document = ElementTree.SubElement(root, "dokument")
    _add(document, "datei", printed.filename)
    _add(document, "sha256", letter.sha256)
    _add(document, "seiten", str(letter.pages))
    _add(document, "blaetter", str(count_sheets(letter.pages, is_duplex=printed.duplex)))
    _add(document, "druck", choose_druck(letter.pages, printed.duplex))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text

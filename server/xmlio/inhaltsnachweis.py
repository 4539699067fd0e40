"""What was stored of a message, part by part (`xsd/report-1/inhaltsnachweis.xsd`)."""

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.stored_message import ContentPart, PartKind, StoredMessage

NAMESPACE = "urn:damtshilfe:inhaltsnachweis:1"
_E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})
_KINDS = {
    PartKind.MESSAGE: "nachricht",
    PartKind.ATTACHMENT: "anlage",
    PartKind.ENCRYPTED: "verschluesselt",
}


def write_inhaltsnachweis(message: StoredMessage) -> bytes:
    """The document in UTF-8."""
    root = _E.inhaltsnachweis(_E.messageId(message.head.message_id))
    root.extend(map(_write_part, message.parts))
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _write_part(part: ContentPart) -> etree._Element:
    element: etree._Element = _E.teil(_E.art(_KINDS[part.kind]))
    filename = part.attributes.get("filename")
    if filename:
        element.append(_E.dateiname(filename))
    element.extend([_E.groesse(str(part.size)), _E.sha256(part.sha256)])
    return element

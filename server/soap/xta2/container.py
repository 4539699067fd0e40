"""GenericContentContainer: the parts of a message on the wire."""

import base64
import binascii
from collections.abc import Iterable, Mapping

from lxml import etree

from server.domain.stored_message import PartKind
from server.services.send_command import IncomingPart
from server.soap.wire_fault import malformed
from server.xmlio.namespaces import XENC, XTA, name_in

_KINDS = {
    name_in(XTA, "Message"): PartKind.MESSAGE,
    name_in(XTA, "Attachment"): PartKind.ATTACHMENT,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def read_container(container: etree._Element) -> tuple[IncomingPart, ...]:
    """The parts of a valid container; an encrypted one is one part, kept as XML."""
    encrypted = container.find(name_in(XENC, "EncryptedData"))
    if encrypted is not None:
        content = etree.tostring(encrypted, with_tail=False)
        return (IncomingPart(PartKind.ENCRYPTED, content, {}),)
    return tuple(
        IncomingPart(_KINDS[str(part.tag)], read_base64(part), _read_attributes(part))
        for part in container.iterfind(f"{name_in(XTA, 'ContentContainer')}/*")
    )


def write_container(
    parts: Iterable[tuple[PartKind, Mapping[str, str], bytes]],
) -> etree._Element:
    """The container as it was sent, byte for byte in its parts."""
    container = etree.Element(name_in(XTA, "GenericContentContainer"), nsmap={"xta": XTA})
    content: etree._Element | None = None
    for kind, attributes, data in parts:
        if kind == PartKind.ENCRYPTED:
            container.append(etree.fromstring(data))
            continue
        if content is None:
            content = etree.SubElement(container, name_in(XTA, "ContentContainer"))
        part = etree.SubElement(content, _NAMES[kind], dict(attributes))
        part.text = base64.b64encode(data).decode("ascii")
    return container


def read_base64(element: etree._Element) -> bytes:
    """The bytes of an xs:base64Binary; libxml2 lets broken ones pass, this does not."""
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        name = etree.QName(element).localname
        raise malformed(f"Zeile {element.sourceline}: {name} ist kein Base64.") from None


def _read_attributes(part: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in part.attrib.items()}

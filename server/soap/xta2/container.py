"""GenericContentContainer: the parts of a message on the wire."""

from collections.abc import Iterable, Mapping

from lxml import etree

from server.domain.content import Content, InlineContent
from server.domain.stored_message import PartKind
from server.services.send_command import IncomingPart
from server.soap.call import Call
from server.soap.mtom import Attached
from server.soap.wire_fault import malformed
from server.xmlio.base64_stream import encode_content
from server.xmlio.encryption.encrypted_data import (
    CIPHER_VALUE,
    JoinedDocument,
    find_cipher_value,
    take_apart,
)
from server.xmlio.namespaces import XENC, XTA, name_in

_KINDS = {
    name_in(XTA, "Message"): PartKind.MESSAGE,
    name_in(XTA, "Attachment"): PartKind.ATTACHMENT,
}
CONTENT_ELEMENTS = frozenset({*_KINDS, CIPHER_VALUE})
# A wrapped key beside the envelope is put back into it (bytes).
_LARGEST_KEY = 64 * 1024
_NAMES = {kind: name for name, kind in _KINDS.items()}


def read_container(call: Call) -> tuple[IncomingPart, ...]:
    """The parts of a valid container; an encrypted one is one part, kept as XML."""
    container = call.require_body()
    encrypted = container.find(name_in(XENC, "EncryptedData"))
    if encrypted is not None:
        return (IncomingPart(PartKind.ENCRYPTED, _read_encrypted(call, encrypted), {}),)
    return tuple(
        IncomingPart(_KINDS[str(part.tag)], call.read_content(part), _read_attributes(part))
        for part in container.iterfind(f"{name_in(XTA, 'ContentContainer')}/*")
    )


def write_container(
    parts: Iterable[tuple[PartKind, Mapping[str, str], Content]],
) -> tuple[etree._Element, tuple[Attached, ...]]:
    """The container as it was sent, and the contents of its parts, byte for byte."""
    container = etree.Element(name_in(XTA, "GenericContentContainer"), nsmap={"xta": XTA})
    content: etree._Element | None = None
    attached: list[Attached] = []
    for kind, attributes, data in parts:
        if kind == PartKind.ENCRYPTED:
            encrypted, beside = take_apart(data)
            container.append(encrypted)
            attached.extend(beside)
            continue
        if content is None:
            content = etree.SubElement(container, name_in(XTA, "ContentContainer"))
        part = etree.SubElement(content, _NAMES[kind], dict(attributes))
        attached.append((part, data))
    return container, tuple(attached)


def _read_encrypted(call: Call, encrypted: etree._Element) -> Content:
    """The EncryptedData as a document, its CipherValue taken from where it came."""
    cipher_value = find_cipher_value(encrypted)
    apart: Content | None = None
    for element, content in call.detached.items():
        if element is cipher_value:
            apart = content
        elif element.tag == CIPHER_VALUE:
            if content.size > _LARGEST_KEY:
                raise malformed("Ein verschlüsselter Schlüssel ist zu groß.")
            element.text = b"".join(encode_content(content)).decode("ascii")
    if apart is None:
        return InlineContent(etree.tostring(encrypted, with_tail=False))
    return JoinedDocument(encrypted, apart)


def _read_attributes(part: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in part.attrib.items()}

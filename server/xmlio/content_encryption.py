"""Contents of messages, encrypted for a reader and decrypted: what others use of XML Encryption.

The ContentContainer is encrypted as one element (Type `…xmlenc#Element`). What comes out when it is
decrypted has passed the same limits and the same schema as a container that came in the clear.
"""

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from lxml import etree

from server.domain.content import Content
from server.xmlio.base64_stream import encode
from server.xmlio.contract_files import XSD_FOLDER
from server.xmlio.encryption.algorithms import AES256_GCM, CONTENT_CIPHERS, pick
from server.xmlio.encryption.cipher import Plaintext, encrypt_pieces
from server.xmlio.encryption.encrypted_data import open_document
from server.xmlio.encryption.key_transport import read_content_key, write_key_info
from server.xmlio.encryption.keys import EncryptionCertificate, ReaderKey
from server.xmlio.encryption.plain_container import (
    PART_NAMES,
    ContainerPart,
    read_plain_container,
    write_plain_container,
)
from server.xmlio.encryption.problems import AlgorithmRefused, ContentRefused, Damaged
from server.xmlio.namespaces import DS, XENC, XTA, name_in
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema import Schema

ELEMENT_TYPE = f"{XENC}Element"
CONTENT_TYPE = f"{XENC}Content"
_CONTAINER_SCHEMA = XSD_FOLDER / "xta-2.1.1" / "xta-globale-elemente.xsd"
_KEY_INFO = name_in(DS, "KeyInfo")


def encrypt(
    parts: Iterable[ContainerPart], certificate: EncryptionCertificate, moment: datetime
) -> Iterator[bytes]:
    """The document EncryptedData in pieces, with a key of its own; raises CertificateRefused.

    `moment` is when the certificate must be valid. The parts are read once.
    """
    certificate.require_valid(moment)
    content_key = os.urandom(CONTENT_CIPHERS[AES256_GCM])
    before, after = _write_shell(content_key, certificate)

    def write() -> Iterator[bytes]:
        yield before
        yield from encode(encrypt_pieces(write_plain_container(parts), content_key))
        yield after

    return write()


class ContentDecryption:
    """Opens EncryptedData; threads may share it."""

    def __init__(self, limits: XmlLimits) -> None:
        self._limits = limits
        self._schema = Schema(etree.parse(_CONTAINER_SCHEMA).getroot())

    def decrypt(self, document: Content, keys: Sequence[ReaderKey]) -> tuple[ContainerPart, ...]:
        """The parts within a document EncryptedData; raises CannotDecrypt.

        Their contents are decrypted when they are read, from the document, which must stay.
        """
        opened = open_document(document, self._limits)
        _require_container(opened.shell)
        content_key = read_content_key(opened.shell.find(_KEY_INFO), keys)
        method = opened.shell.find(name_in(XENC, "EncryptionMethod"))
        uri = "" if method is None else str(method.get("Algorithm", ""))
        if len(content_key) != pick(CONTENT_CIPHERS, uri, "Die Verschlüsselung"):
            raise Damaged("Der Inhaltsschlüssel hat die falsche Länge.")
        plaintext = Plaintext(opened.encrypted, content_key)
        parts = read_plain_container(plaintext, opened.shell.nsmap, self._limits)
        self._require_valid(parts)
        return parts

    def _require_valid(self, parts: Sequence[ContainerPart]) -> None:
        """The contract's rules for the container and the attributes of its parts."""
        root = etree.Element(name_in(XTA, "GenericContentContainer"))
        container = etree.SubElement(root, name_in(XTA, "ContentContainer"))
        for part in parts:
            etree.SubElement(container, PART_NAMES[part.kind], dict(part.attributes))
        complaints = self._schema.check(root)
        if complaints:
            raise ContentRefused(f"Entschlüsselt: {complaints[0].text}")


def _write_shell(content_key: bytes, certificate: EncryptionCertificate) -> tuple[bytes, bytes]:
    """What stands before the bytes of the CipherValue, and what stands after them."""
    mark = uuid.uuid4().hex
    root = etree.Element(name_in(XENC, "EncryptedData"), nsmap={"xenc": XENC}, Type=ELEMENT_TYPE)
    etree.SubElement(root, name_in(XENC, "EncryptionMethod"), Algorithm=AES256_GCM)
    root.append(write_key_info(content_key, certificate))
    data = etree.SubElement(root, name_in(XENC, "CipherData"))
    etree.SubElement(data, name_in(XENC, "CipherValue")).text = mark
    before, _, after = etree.tostring(root).partition(mark.encode("ascii"))
    return before, after


def _require_container(shell: etree._Element) -> None:
    kind = shell.get("Type", ELEMENT_TYPE)
    if kind not in (ELEMENT_TYPE, CONTENT_TYPE):
        raise AlgorithmRefused(f"Ein Inhalt der Art „{kind[:100]}“ wird nicht geöffnet.")

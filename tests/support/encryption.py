"""Keys, certificates and contents for tests of content encryption."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from server.domain.content import InlineContent
from server.domain.stored_message import PartKind
from server.xmlio.content_encryption import ContentDecryption, encrypt
from server.xmlio.encryption.keys import ReaderKey, read_certificate
from server.xmlio.encryption.plain_container import ContainerPart
from server.xmlio.safe_parsing import XmlLimits

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
MESSAGE = "<a>Vollstreckung für Müller</a>".encode()
BINARY = bytes(range(256)) * 5 + b"\r\n"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
DECRYPTION = ContentDecryption(XmlLimits())


@cache
def make_private_key(kind: str) -> Any:
    """`rsa3072`, `rsa2048`, `ed25519`, or the name of a curve; the same at every call."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {
        "p256": ec.SECP256R1(),
        "p384": ec.SECP384R1(),
        "p521": ec.SECP521R1(),
        "p192": ec.SECP192R1(),
        "brainpool": ec.BrainpoolP256R1(),
    }
    return ec.generate_private_key(curves[kind])


def make_certificate(
    key: Any,
    name: str = "jena",
    moment: datetime = MOMENT,
    usage: str | None = "fitting",
    days: tuple[int, int] = (-1, 100),
) -> x509.Certificate:
    """Self-signed; valid from one day to another, counted from the moment."""
    common_name = x509.NameAttribute(NameOID.COMMON_NAME, name)
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "DE")
    subject = x509.Name([country, common_name])
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(moment + timedelta(days=days[0]))
    builder = builder.not_valid_after(moment + timedelta(days=days[1]))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(identifier, False)
    if usage:
        is_rsa = isinstance(key, rsa.RSAPrivateKey)
        fitting = "keyEncipherment" if is_rsa else "keyAgreement"
        builder = builder.add_extension(_make_usage(fitting if usage == "fitting" else usage), True)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm)


def to_der(certificate: x509.Certificate) -> bytes:
    """The certificate as the directory tells it."""
    return certificate.public_bytes(Encoding.DER)


@cache
def make_reader_key(kind: str, name: str = "jena") -> ReaderKey:
    """A key with its certificate; the same at every call."""
    key = make_private_key(kind)
    return ReaderKey(read_certificate(to_der(make_certificate(key, name))), key)


def make_parts() -> tuple[ContainerPart, ...]:
    """A message and two attachments; names and bytes that want to be treated with care."""
    return (
        ContainerPart(PartKind.MESSAGE, {"contentType": "application/xml"}, InlineContent(MESSAGE)),
        ContainerPart(
            PartKind.ATTACHMENT,
            {"contentType": "application/pdf", "filename": 'Bescheid "1" <&>ü.pdf'},
            InlineContent(BINARY),
        ),
        ContainerPart(PartKind.ATTACHMENT, {"contentType": "text/plain"}, InlineContent(b"")),
    )


def encrypt_parts(key: ReaderKey, parts: Sequence[ContainerPart] | None = None) -> bytes:
    """The document EncryptedData for the certificate of the key."""
    return b"".join(encrypt(make_parts() if parts is None else parts, key.certificate, MOMENT))


def decrypt(document: bytes, *keys: ReaderKey) -> list[tuple[PartKind, dict[str, str], bytes]]:
    """The parts within a document, their bytes read."""
    opened = DECRYPTION.decrypt(InlineContent(document), keys)
    return [(part.kind, dict(part.attributes), part.content.read()) for part in opened]


def plain(parts: Sequence[ContainerPart]) -> list[tuple[PartKind, dict[str, str], bytes]]:
    """Parts in the form that `decrypt` gives."""
    return [(part.kind, dict(part.attributes), part.content.read()) for part in parts]


def change(document: bytes, path: str, **attributes: str) -> bytes:
    """The document with attributes of an element changed."""
    root = etree.fromstring(document)
    element = root.find(path)
    assert element is not None
    element.attrib.update(attributes)
    return etree.tostring(root)


def flip(document: bytes, position: int) -> bytes:
    """The document with a bit of the content's CipherValue changed."""
    root = etree.fromstring(document)
    value = root.find(f"{XENC}CipherData/{XENC}CipherValue")
    assert value is not None
    data = bytearray(base64.b64decode(value.text or ""))
    data[position] ^= 1
    value.text = base64.b64encode(data).decode()
    return etree.tostring(root)


def _make_usage(name: str) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=name == "digitalSignature",
        content_commitment=False,
        key_encipherment=name == "keyEncipherment",
        data_encipherment=False,
        key_agreement=name == "keyAgreement",
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )

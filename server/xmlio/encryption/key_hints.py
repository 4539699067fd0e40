"""Which key is meant: what an EncryptedKey says of the certificate (ds:X509Data)."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from lxml import etree

from server.xmlio.encryption.keys import EncryptionCertificate, ReaderKey
from server.xmlio.namespaces import DS, XENC, name_in

_X509 = name_in(DS, "X509Data")


@dataclass(frozen=True)
class ChosenKeys:
    """Keys to try; where the message names a certificate, only those of this certificate."""

    keys: tuple[ReaderKey, ...]
    are_named: bool


def write_x509_data(key_info: etree._Element, certificate: EncryptionCertificate) -> None:
    """Names a certificate: issuer and serial number, key identifier, and the whole."""
    data = etree.SubElement(key_info, _X509)
    issuer_serial = etree.SubElement(data, name_in(DS, "X509IssuerSerial"))
    issuer = certificate.certificate.issuer.rfc4514_string()
    etree.SubElement(issuer_serial, name_in(DS, "X509IssuerName")).text = issuer
    etree.SubElement(issuer_serial, name_in(DS, "X509SerialNumber")).text = str(certificate.serial)
    if certificate.key_identifier:
        ski = etree.SubElement(data, name_in(DS, "X509SKI"))
        ski.text = base64.b64encode(certificate.key_identifier).decode()
    whole = etree.SubElement(data, name_in(DS, "X509Certificate"))
    whole.text = base64.b64encode(certificate.der).decode()


def choose_keys(encrypted_key: etree._Element, keys: Sequence[ReaderKey]) -> ChosenKeys:
    """The keys that an xenc:EncryptedKey means; all of them where it names none."""
    hints = [hint for hint in _list_hints(encrypted_key) if str(hint.tag) in _MATCHERS]
    if not hints:
        return ChosenKeys(tuple(keys), False)
    named = (
        key
        for key in keys
        if any(_MATCHERS[str(hint.tag)](hint, key.certificate) for hint in hints)
    )
    return ChosenKeys(tuple(named), True)


def _list_hints(encrypted_key: etree._Element) -> list[etree._Element]:
    key_info = encrypted_key.find(name_in(DS, "KeyInfo"))
    if key_info is None:
        return []
    recipient = key_info.find(f"{{{XENC}}}AgreementMethod/{{{XENC}}}RecipientKeyInfo")
    return (key_info if recipient is None else recipient).findall(f"{_X509}/*")


def _is_certificate(hint: etree._Element, certificate: EncryptionCertificate) -> bool:
    return _decode(hint) == certificate.der


def _is_identified(hint: etree._Element, certificate: EncryptionCertificate) -> bool:
    return _decode(hint) == certificate.key_identifier


def _is_issued(hint: etree._Element, certificate: EncryptionCertificate) -> bool:
    serial = hint.findtext(name_in(DS, "X509SerialNumber"), "").strip()
    if serial != str(certificate.serial):
        return False
    try:
        named = x509.Name.from_rfc4514_string(hint.findtext(name_in(DS, "X509IssuerName"), ""))
    except ValueError:
        # Names are written in many ways; the serial number is long and drawn by chance.
        return True
    issuer = certificate.certificate.issuer
    return set(named) == set(issuer)


def _decode(hint: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((hint.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


_MATCHERS: Mapping[str, Callable[[etree._Element, EncryptionCertificate], bool]] = {
    name_in(DS, "X509Certificate"): _is_certificate,
    name_in(DS, "X509SKI"): _is_identified,
    name_in(DS, "X509IssuerSerial"): _is_issued,
}

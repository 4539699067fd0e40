"""The content key on its way: wrapped for a certificate, unwrapped with the reader's key.

RSA: RSA-OAEP (XML Encryption 1.1, 5.5.2). EC: a key pair for one message, ECDH-ES, ConcatKDF and
AES key wrap (5.6.4, 5.4.1, 5.7).
"""

import base64
import binascii
from collections.abc import Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)
from lxml import etree

from server.xmlio.encryption import algorithms
from server.xmlio.encryption.key_hints import choose_keys, write_x509_data
from server.xmlio.encryption.keys import EncryptionCertificate, ReaderKey
from server.xmlio.encryption.problems import AlgorithmRefused, Damaged, NotForUs
from server.xmlio.namespaces import DS, DSIG11, XENC, XENC11, name_in

_CURVE_URIS = {curve.name: uri for uri, curve in algorithms.CURVES.items()}
# An integer of padding bits (0) comes before the bytes of each parameter (5.4.1).
_NO_PADDING = b"\0"
# Not left out and not empty: Apache Santuario wants a byte at least.
_NO_PARTY = b"\0"
_KDF_PARAMETERS = ("AlgorithmID", "PartyUInfo", "PartyVInfo", "SuppPubInfo", "SuppPrivInfo")


class _DoesNotFit(Exception):
    """This key does not open it."""


def write_key_info(content_key: bytes, certificate: EncryptionCertificate) -> etree._Element:
    """ds:KeyInfo with the content key for this certificate."""
    key_info = etree.Element(name_in(DS, "KeyInfo"), nsmap={"ds": DS})
    encrypted_key = etree.SubElement(
        key_info, name_in(XENC, "EncryptedKey"), nsmap={"xenc": XENC, "xenc11": XENC11}
    )
    if isinstance(certificate.public_key, rsa.RSAPublicKey):
        wrapped = _wrap_rsa(encrypted_key, content_key, certificate.public_key)
        write_x509_data(_add(encrypted_key, DS, "KeyInfo"), certificate)
    else:
        wrapped = _wrap_ec(encrypted_key, content_key, certificate, certificate.public_key)
    data = _add(encrypted_key, XENC, "CipherData")
    _add(data, XENC, "CipherValue").text = base64.b64encode(wrapped).decode()
    return key_info


def read_content_key(key_info: etree._Element | None, keys: Sequence[ReaderKey]) -> bytes:
    """The content key; raises NotForUs, AlgorithmRefused, Damaged."""
    found = [] if key_info is None else key_info.findall(name_in(XENC, "EncryptedKey"))
    for encrypted_key in found:
        chosen = choose_keys(encrypted_key, keys)
        for key in chosen.keys:
            try:
                return _unwrap(encrypted_key, key)
            except _DoesNotFit:
                if chosen.are_named:
                    raise Damaged("Der Inhaltsschlüssel ist beschädigt.") from None
    raise NotForUs("Der Inhalt ist nicht für einen der hinterlegten Schlüssel verschlüsselt.")


def _wrap_rsa(element: etree._Element, content_key: bytes, public_key: rsa.RSAPublicKey) -> bytes:
    method = _add(element, XENC, "EncryptionMethod", Algorithm=algorithms.RSA_OAEP)
    _add(method, DS, "DigestMethod", Algorithm=algorithms.SHA256)
    _add(method, XENC11, "MGF", Algorithm=algorithms.MGF1_SHA256)
    return public_key.encrypt(content_key, _make_oaep(hashes.SHA256(), hashes.SHA256(), None))


def _wrap_ec(
    element: etree._Element,
    content_key: bytes,
    certificate: EncryptionCertificate,
    public_key: ec.EllipticCurvePublicKey,
) -> bytes:
    _add(element, XENC, "EncryptionMethod", Algorithm=algorithms.KW_AES256)
    agreement = _add(
        _add(element, DS, "KeyInfo"), XENC, "AgreementMethod", Algorithm=algorithms.ECDH_ES
    )
    derivation = _add(agreement, XENC11, "KeyDerivationMethod", Algorithm=algorithms.CONCAT_KDF)
    # Naming the algorithm within the parameters binds the derived key to it.
    parameters = (algorithms.KW_AES256.encode(), _NO_PARTY, _NO_PARTY)
    written = _add(derivation, XENC11, "ConcatKDFParams")
    for name, value in zip(_KDF_PARAMETERS, parameters, strict=False):
        written.set(name, (_NO_PADDING + value).hex().upper())
    _add(written, DS, "DigestMethod", Algorithm=algorithms.SHA256)
    ephemeral = ec.generate_private_key(public_key.curve)
    _write_originator(agreement, ephemeral.public_key())
    write_x509_data(_add(agreement, XENC, "RecipientKeyInfo"), certificate)
    secret = ephemeral.exchange(ec.ECDH(), public_key)
    derived = _derive(hashes.SHA256(), 32, b"".join(parameters), secret)
    return aes_key_wrap(derived, content_key)


def _write_originator(agreement: etree._Element, public_key: ec.EllipticCurvePublicKey) -> None:
    originator = _add(agreement, XENC, "OriginatorKeyInfo")
    value = etree.SubElement(
        _add(originator, DS, "KeyValue"), name_in(DSIG11, "ECKeyValue"), nsmap={"dsig11": DSIG11}
    )
    _add(value, DSIG11, "NamedCurve", URI=_CURVE_URIS[public_key.curve.name])
    point = public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    _add(value, DSIG11, "PublicKey").text = base64.b64encode(point).decode()


def _unwrap(encrypted_key: etree._Element, key: ReaderKey) -> bytes:
    wrapped = _read_bytes(encrypted_key, f"{{{XENC}}}CipherData/{{{XENC}}}CipherValue")
    if isinstance(key.private_key, rsa.RSAPrivateKey):
        return _unwrap_rsa(encrypted_key, wrapped, key.private_key)
    return _unwrap_ec(encrypted_key, wrapped, key.private_key)


def _unwrap_rsa(
    encrypted_key: etree._Element, wrapped: bytes, private_key: rsa.RSAPrivateKey
) -> bytes:
    method = encrypted_key.find(name_in(XENC, "EncryptionMethod"))
    if _algorithm(method) in algorithms.KEY_WRAPS:
        raise _DoesNotFit
    if method is None or _algorithm(method) != algorithms.RSA_OAEP:
        raise AlgorithmRefused(
            f"Das Schlüsseltransportverfahren „{_algorithm(method)}“ ist nicht zugelassen "
            "(BSI TR-02102-1)."
        )
    # Without a statement XML Encryption means SHA-1, and that is refused.
    digest = algorithms.pick(
        algorithms.DIGESTS, _algorithm(method.find(name_in(DS, "DigestMethod"))), "Der Hash"
    )
    mask = algorithms.pick(
        algorithms.MASKS, _algorithm(method.find(name_in(XENC11, "MGF"))), "Die Maskierung"
    )
    label = _read_bytes(method, name_in(XENC, "OAEPparams")) or None
    try:
        return private_key.decrypt(wrapped, _make_oaep(digest, mask, label))
    except ValueError:
        raise _DoesNotFit from None


def _unwrap_ec(
    encrypted_key: etree._Element, wrapped: bytes, private_key: ec.EllipticCurvePrivateKey
) -> bytes:
    uri = _algorithm(encrypted_key.find(name_in(XENC, "EncryptionMethod")))
    agreement = encrypted_key.find(f"{{{DS}}}KeyInfo/{{{XENC}}}AgreementMethod")
    if agreement is None and uri not in algorithms.KEY_WRAPS:
        raise _DoesNotFit
    length = algorithms.pick(algorithms.KEY_WRAPS, uri, "Das Schlüsselverpackungsverfahren")
    if agreement is None or _algorithm(agreement) != algorithms.ECDH_ES:
        raise AlgorithmRefused("Ohne ECDH-ES wird kein Schlüssel für EC-Schlüssel angenommen.")
    secret = private_key.exchange(ec.ECDH(), _read_originator(agreement, private_key.curve))
    try:
        return aes_key_unwrap(_derive_as_told(agreement, length, secret), wrapped)
    except (InvalidUnwrap, ValueError):
        raise _DoesNotFit from None


def _derive_as_told(agreement: etree._Element, length: int, secret: bytes) -> bytes:
    derivation = agreement.find(name_in(XENC11, "KeyDerivationMethod"))
    if derivation is None or _algorithm(derivation) != algorithms.CONCAT_KDF:
        raise AlgorithmRefused("Als Schlüsselableitung ist nur ConcatKDF zugelassen.")
    parameters = derivation.find(name_in(XENC11, "ConcatKDFParams"))
    if parameters is None:
        raise Damaged("Der Schlüsselableitung fehlen die Parameter.")
    digest = algorithms.pick(
        algorithms.DIGESTS, _algorithm(parameters.find(name_in(DS, "DigestMethod"))), "Der Hash"
    )
    other_info = b"".join(_read_parameter(parameters, name) for name in _KDF_PARAMETERS)
    return _derive(digest, length, other_info, secret)


def _read_parameter(parameters: etree._Element, name: str) -> bytes:
    try:
        value = bytes.fromhex(parameters.get(name, ""))
    except ValueError:
        raise Damaged(f"Der Parameter {name} ist nicht hexadezimal.") from None
    if value[:1] not in (b"", _NO_PADDING):
        raise AlgorithmRefused(f"Der Parameter {name} ist keine ganze Zahl von Bytes.")
    return value[1:]


def _read_originator(
    agreement: etree._Element, curve: ec.EllipticCurve
) -> ec.EllipticCurvePublicKey:
    """The other side's key; on another curve than ours it cannot be meant for our key."""
    value = agreement.find(f"{{{XENC}}}OriginatorKeyInfo/{{{DS}}}KeyValue/{{{DSIG11}}}ECKeyValue")
    if value is None:
        raise AlgorithmRefused("Der Schlüssel des Absenders steht nicht als ECKeyValue da.")
    named = value.find(name_in(DSIG11, "NamedCurve"))
    uri = "" if named is None else str(named.get("URI", ""))
    if algorithms.pick(algorithms.CURVES, uri, "Die Kurve").name != curve.name:
        raise _DoesNotFit
    try:
        # Also checks that the point is on the curve.
        return ec.EllipticCurvePublicKey.from_encoded_point(
            curve, _read_bytes(value, name_in(DSIG11, "PublicKey"))
        )
    except (ValueError, UnsupportedAlgorithm):
        raise Damaged("Der Schlüssel des Absenders liegt nicht auf der Kurve.") from None


def _derive(digest: hashes.HashAlgorithm, length: int, other_info: bytes, secret: bytes) -> bytes:
    return ConcatKDFHash(digest, length, other_info).derive(secret)


def _make_oaep(
    digest: hashes.HashAlgorithm, mask: hashes.HashAlgorithm, label: bytes | None
) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(mask), digest, label)


def _read_bytes(parent: etree._Element, path: str) -> bytes:
    try:
        return base64.b64decode("".join(parent.findtext(path, "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise Damaged("Ein Wert der Verschlüsselung ist kein Base64.") from None


def _algorithm(element: etree._Element | None) -> str:
    return "" if element is None else str(element.get("Algorithm", ""))


def _add(parent: etree._Element, namespace: str, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, name_in(namespace, name), attributes)

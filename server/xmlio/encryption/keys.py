"""Certificates to encrypt for, and the keys of readers that this server holds."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from server.xmlio.encryption.algorithms import CURVES, SHORTEST_RSA_BITS
from server.xmlio.encryption.problems import CertificateRefused, KeyRefused

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_CURVES = frozenset(curve.name for curve in CURVES.values())


@dataclass(frozen=True)
class EncryptionCertificate:
    """A certificate whose key is allowed for encryption."""

    certificate: x509.Certificate
    public_key: PublicKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def subject(self) -> str:
        return self.certificate.subject.rfc4514_string()

    @property
    def not_after(self) -> datetime:
        return self.certificate.not_valid_after_utc

    @property
    def serial(self) -> int:
        return self.certificate.serial_number

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the DER form."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @cached_property
    def key_identifier(self) -> bytes | None:
        """SubjectKeyIdentifier, where the certificate has one."""
        try:
            extensions = self.certificate.extensions
            return extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        except x509.ExtensionNotFound:
            return None

    def require_valid(self, moment: datetime) -> None:
        """Raises CertificateRefused where it does not hold at this moment."""
        if moment > self.not_after:
            raise CertificateRefused(f"Das Zertifikat galt bis zum {self.not_after:%d.%m.%Y}.")
        start = self.certificate.not_valid_before_utc
        if moment < start:
            raise CertificateRefused(f"Das Zertifikat gilt erst ab dem {start:%d.%m.%Y}.")


@dataclass(frozen=True)
class ReaderKey:
    """A private key with its certificate."""

    certificate: EncryptionCertificate
    private_key: PrivateKey

    def to_pem(self) -> bytes:
        """Key (not encrypted) and certificate, as `read_reader_key` reads them."""
        key = self.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return key + self.certificate.certificate.public_bytes(serialization.Encoding.PEM)


def read_certificate(der: bytes) -> EncryptionCertificate:
    """A certificate that is fit for encryption while it is valid; raises CertificateRefused."""
    try:
        return _check(x509.load_der_x509_certificate(der))
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateRefused("Das Zertifikat ist nicht lesbar.") from None


def read_reader_key(content: bytes, password: str = "") -> ReaderKey:
    """Key and certificate of a PEM or PKCS#12 file; raises KeyRefused."""
    secret = password.encode() or None
    key: object
    try:
        if b"-----BEGIN" in content:
            key = _read_pem_key(content, secret)
            certificates = x509.load_pem_x509_certificates(content)
        else:
            key, certificates = _read_pkcs12(content, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyRefused(
            "Die Datei enthält keinen lesbaren Schlüssel mit Zertifikat, oder das Kennwort passt "
            "nicht."
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise KeyRefused("Der Schlüssel ist weder ein RSA- noch ein EC-Schlüssel.")
    return _join(key, certificates)


def _read_pem_key(content: bytes, secret: bytes | None) -> object:
    try:
        return serialization.load_pem_private_key(content, secret)
    except TypeError:
        # It needs a password and has none, or the other way round: that one is harmless.
        return serialization.load_pem_private_key(content, None)


def _read_pkcs12(content: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    key, certificate, others = pkcs12.load_key_and_certificates(content, secret)
    return key, [item for item in (certificate, *others) if item]


def _join(key: PrivateKey, certificates: list[x509.Certificate]) -> ReaderKey:
    for certificate in certificates:
        if certificate.public_key() == key.public_key():
            try:
                return ReaderKey(_check(certificate), key)
            except CertificateRefused as error:
                raise KeyRefused(str(error)) from None
    raise KeyRefused("Die Datei enthält kein Zertifikat zu ihrem Schlüssel.")


def _check(certificate: x509.Certificate) -> EncryptionCertificate:
    """Kind and length of the key (TR-02102-1), and what the certificate allows (RFC 5280)."""
    key = certificate.public_key()
    usage = _read_usage(certificate)
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < SHORTEST_RSA_BITS:
            raise CertificateRefused(
                f"Der RSA-Schlüssel hat {key.key_size} Bit, nötig sind {SHORTEST_RSA_BITS}."
            )
        if not (usage and usage.key_encipherment):
            raise CertificateRefused("Das Zertifikat erlaubt keine keyEncipherment.")
        return EncryptionCertificate(certificate, key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise CertificateRefused(f"Die Kurve {key.curve.name} ist nicht zugelassen.")
        if not (usage and usage.key_agreement):
            raise CertificateRefused("Das Zertifikat erlaubt kein keyAgreement.")
        return EncryptionCertificate(certificate, key)
    raise CertificateRefused("Der Schlüssel ist weder ein RSA- noch ein EC-Schlüssel.")


def _read_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None

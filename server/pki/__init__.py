"""Keys and certificates for `damtshilfe init`, and the checks at start.

EC keys on P-256; the CA is for a first installation and for tests. A data centre replaces it by
certificates of its own.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.pki.keys import (
    BadKeyMaterial,
    PrivateKey,
    PublicKey,
    require_private_key,
    require_strong,
)

__all__ = [
    "Authority",
    "BadKeyMaterial",
    "CertificateInfo",
    "Credential",
    "check_key",
    "describe_client",
    "describe_der",
    "load_credential",
    "make_name",
    "read_certificate",
    "write_private",
]

_CA_LIFETIME = timedelta(days=3650)
_LEAF_LIFETIME = timedelta(days=825)
# Clocks of other machines may be behind.
_BACKDATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Credential:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey

    def pem_certificate(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def der_certificate(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def pem_key(self) -> bytes:
        """The key as PEM, not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def pem_both(self) -> bytes:
        """Key and certificate in one file, as TLS clients take it."""
        return self.pem_key() + self.pem_certificate()

    @property
    def info(self) -> "CertificateInfo":
        """What others store of the certificate."""
        return _describe(self.certificate)


@dataclass(frozen=True)
class CertificateInfo:
    """A certificate in short: SHA-256 of its DER form in hex, times in UTC, serial in hex."""

    subject: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    issuer: str
    serial: str


class Authority:
    """A certification authority that issues certificates for servers and clients."""

    def __init__(self, credential: Credential) -> None:
        self.credential = credential

    @classmethod
    def create(cls, common_name: str, now: datetime) -> "Authority":
        """A new CA, valid for ten years."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = make_name(common_name)
        builder = _start(name, name, key.public_key(), now - _BACKDATE, now + _CA_LIFETIME)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        builder = builder.add_extension(_key_usage(is_ca=True), True)
        return cls(Credential(builder.sign(key, hashes.SHA256()), key))

    @classmethod
    def load(cls, certificate: Path, key: Path) -> "Authority":
        """The CA of two PEM files; raises BadKeyMaterial, OSError."""
        return cls(load_credential(certificate, key))

    def issue_server(self, hosts: Sequence[str], now: datetime) -> Credential:
        """A server certificate for these host names and addresses."""
        names = [_make_general_name(host) for host in hosts]
        extension = x509.SubjectAlternativeName(names)
        usage = ExtendedKeyUsageOID.SERVER_AUTH
        return self._issue(make_name(hosts[0]), usage, now, now + _LEAF_LIFETIME, extension)

    def issue_client(
        self, common_name: str, now: datetime, not_after: datetime | None = None
    ) -> Credential:
        """A client certificate; one that has ended already is given by `not_after`."""
        usage = ExtendedKeyUsageOID.CLIENT_AUTH
        return self._issue(make_name(common_name), usage, now, not_after or now + _LEAF_LIFETIME)

    def issue_encryption(self, common_name: str, now: datetime) -> Credential:
        """A certificate for which others encrypt (key agreement)."""
        return self._issue(make_name(common_name), None, now, now + _LEAF_LIFETIME)

    def _issue(
        self,
        name: x509.Name,
        usage: x509.ObjectIdentifier | None,
        now: datetime,
        not_after: datetime,
        extension: x509.SubjectAlternativeName | None = None,
    ) -> Credential:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(
            name, key.public_key(), usage, now=now, not_after=not_after, extension=extension
        )
        return Credential(certificate, key)

    def sign_client(
        self, common_name: str, public_key: PublicKey, now: datetime
    ) -> x509.Certificate:
        """A client certificate for a key that was made elsewhere."""
        usage = ExtendedKeyUsageOID.CLIENT_AUTH
        name = make_name(common_name)
        return self._sign(name, public_key, usage, now=now, not_after=now + _LEAF_LIFETIME)

    def _sign(
        self,
        name: x509.Name,
        public_key: PublicKey,
        usage: x509.ObjectIdentifier | None,
        *,
        now: datetime,
        not_after: datetime,
        extension: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        issuer = self.credential
        not_before = min(now, not_after - timedelta(days=1)) - _BACKDATE
        builder = _start(name, issuer.certificate.subject, public_key, not_before, not_after)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        builder = builder.add_extension(_key_usage(is_encryption=usage is None), True)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False
        )
        if extension:
            builder = builder.add_extension(extension, False)
        return builder.sign(issuer.key, hashes.SHA256())


def load_credential(certificate: Path, key: Path) -> Credential:
    """Certificate and key of two PEM files; raises BadKeyMaterial, OSError."""
    try:
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (ValueError, TypeError) as error:
        raise BadKeyMaterial(f"{certificate} oder {key} ist kein lesbares PEM.") from error
    if loaded.public_key() != found.public_key():
        raise BadKeyMaterial(f"Der Schlüssel {key} gehört nicht zum Zertifikat {certificate}.")
    return Credential(found, require_private_key(loaded))


def describe_client(der: bytes) -> CertificateInfo:
    """What others store of a client certificate (DER) whose key is strong enough.

    Raises BadKeyMaterial.
    """
    info = describe_der(der)
    require_strong(x509.load_der_x509_certificate(der).public_key())
    return info


def describe_der(der: bytes) -> CertificateInfo:
    """What others store of a certificate in DER form; raises BadKeyMaterial."""
    try:
        return _describe(x509.load_der_x509_certificate(der))
    except ValueError as error:
        raise BadKeyMaterial("Das ist kein lesbares Zertifikat (DER).") from error


def read_certificate(path: Path) -> CertificateInfo:
    """The first certificate of a PEM file; raises BadKeyMaterial."""
    try:
        return _describe(x509.load_pem_x509_certificate(path.read_bytes()))
    except ValueError as error:
        raise BadKeyMaterial(f"{path} enthält kein lesbares Zertifikat (PEM).") from error


def check_key(certificate: Path, key: Path) -> None:
    """Raises BadKeyMaterial where the key is not readable or belongs to another certificate."""
    try:
        private_key = serialization.load_pem_private_key(key.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise BadKeyMaterial(
            f"{key} enthält keinen lesbaren, unverschlüsselten Schlüssel (PEM)."
        ) from error
    try:
        public_key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    except ValueError as error:
        raise BadKeyMaterial(f"{certificate} enthält kein lesbares Zertifikat (PEM).") from error
    if private_key.public_key() != public_key:
        raise BadKeyMaterial(f"Der Schlüssel {key} gehört nicht zum Zertifikat {certificate}.")


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read; raises FileExistsError, never overwrites."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _describe(certificate: x509.Certificate) -> CertificateInfo:
    return CertificateInfo(
        certificate.subject.rfc4514_string(),
        certificate.fingerprint(hashes.SHA256()).hex(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        certificate.issuer.rfc4514_string(),
        f"{certificate.serial_number:x}",
    )


def _start(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: PublicKey,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
    builder = builder.public_key(public_key).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(not_before.astimezone(UTC))
    builder = builder.not_valid_after(not_after.astimezone(UTC))
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), False)


def make_name(common_name: str) -> x509.Name:
    """The name that has this common name alone."""
    # A common name has at most 64 bytes; a character that would be cut in two is left out.
    fitting = common_name.encode()[:64].decode(errors="ignore")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, fitting)])


def _make_general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, is_ca: bool = False, is_encryption: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_encryption,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=is_encryption,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )

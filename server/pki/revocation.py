"""Revocation lists (CRL): written by our CA, read from any."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from server.pki import Authority, BadKeyMaterial
from server.pki.keys import require_strong

CRL_LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class Revocation:
    """A revoked certificate: its serial in hex, when, and why (a name of RFC 5280)."""

    serial: str
    moment: datetime
    reason: str


@dataclass(frozen=True)
class RevocationList:
    """What a CA says of its certificates, and from when to when that counts."""

    issuer: str
    last_update: datetime
    next_update: datetime
    revoked: dict[str, datetime]


def write_crl(
    authority: Authority, revocations: Iterable[Revocation], now: datetime, lifetime: timedelta
) -> bytes:
    """A signed list (DER) whose number grows with time."""
    issuer = authority.credential
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.certificate.subject, last_update=now, next_update=now + lifetime
    )
    for item in revocations:
        revoked = x509.RevokedCertificateBuilder(int(item.serial, 16), item.moment)
        reason = x509.CRLReason(x509.ReasonFlags(item.reason))
        builder = builder.add_revoked_certificate(revoked.add_extension(reason, False).build())
    number = x509.CRLNumber(int(now.timestamp() * 1000))
    builder = builder.add_extension(number, False).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False
    )
    signed = builder.sign(issuer.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def read_crl(content: bytes, authorities: bytes) -> RevocationList:
    """A list (PEM or DER) that one of the authorities (PEM) has signed; raises BadKeyMaterial."""
    try:
        load = x509.load_pem_x509_crl if b"-----BEGIN" in content else x509.load_der_x509_crl
        crl = load(content)
        issuers = x509.load_pem_x509_certificates(authorities)
    except ValueError as error:
        raise BadKeyMaterial("Das ist keine lesbare Sperrliste.") from error
    if not any(_has_signed(issuer, crl) for issuer in issuers):
        raise BadKeyMaterial("Die Sperrliste ist von keiner bekannten Stelle unterschrieben.")
    return RevocationList(
        crl.issuer.rfc4514_string(),
        crl.last_update_utc,
        crl.next_update_utc or datetime.max.replace(tzinfo=UTC),
        {f"{item.serial_number:x}": item.revocation_date_utc for item in crl},
    )


def _has_signed(issuer: x509.Certificate, crl: x509.CertificateRevocationList) -> bool:
    if issuer.subject != crl.issuer:
        return False
    try:
        return crl.is_signature_valid(require_strong(issuer.public_key()))
    except BadKeyMaterial:
        return False

"""Certificates and keys on their way in and out: requests, PEM, PKCS#12, modes of files."""

import stat
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from server.pki import BadKeyMaterial, Credential, load_credential, make_name, write_private
from server.pki.keys import PublicKey, require_private_key, require_strong

_PEM_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_PEM_KEY_END = b"PRIVATE KEY-----"


def read_request(content: bytes) -> PublicKey:
    """The key for which a certificate is asked (PKCS#10, PEM or DER); raises BadKeyMaterial."""
    if _PEM_KEY_END in content:
        raise BadKeyMaterial(
            "Die Datei enthält einen privaten Schlüssel. Er gehört nicht hierher: Bitte verwenden "
            "Sie ihn nicht mehr und beantragen Sie das Zertifikat mit einem neuen Schlüssel."
        )
    try:
        load = x509.load_pem_x509_csr if b"-----BEGIN" in content else x509.load_der_x509_csr
        request = load(content)
    except ValueError as error:
        raise BadKeyMaterial("Das ist kein lesbarer Zertifikatsantrag (PKCS#10).") from error
    if not request.is_signature_valid:
        raise BadKeyMaterial("Die Unterschrift des Zertifikatsantrags ist ungültig.")
    return require_strong(request.public_key())


def has_key(der: bytes, key: PublicKey) -> bool:
    """True where a certificate (DER) is one for this key."""
    return x509.load_der_x509_certificate(der).public_key() == key


def belongs_to(der: bytes, issuers: bytes) -> bool:
    """True where a certificate (DER) was signed by one of the issuers (PEM, one or several)."""
    certificate = x509.load_der_x509_certificate(der)
    try:
        found = x509.load_pem_x509_certificates(issuers)
    except ValueError:
        return False
    return any(_is_signed_by(certificate, issuer) for issuer in found)


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def make_request(common_name: str) -> tuple[bytes, bytes]:
    """A new key and the request for a certificate for it (both PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder(make_name(common_name))
    request = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, request.public_bytes(pem)


def read_certificate_der(content: bytes, password: str = "") -> bytes:
    """The certificate of a file in DER form, out of PEM, DER or PKCS#12; raises BadKeyMaterial."""
    try:
        if _PEM_CERTIFICATE in content:
            return to_der(x509.load_pem_x509_certificate(content))
        if password:
            return to_der(read_pkcs12(content, password).certificate)
        return to_der(x509.load_der_x509_certificate(content))
    except ValueError as error:
        raise BadKeyMaterial("Die Datei enthält kein lesbares Zertifikat.") from error


def write_pem(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def to_pem(der: bytes) -> bytes:
    """A certificate in DER form as PEM."""
    return write_pem(x509.load_der_x509_certificate(der))


def write_pkcs12(certificate: Path, key: Path, target: Path, password: str) -> None:
    """Certificate and key as PKCS#12, locked by a password; raises BadKeyMaterial."""
    require_private(key)
    credential = load_credential(certificate, key)
    content = pkcs12.serialize_key_and_certificates(
        target.stem.encode(),
        credential.key,
        credential.certificate,
        None,
        serialization.BestAvailableEncryption(password.encode()),
    )
    write_private(target, content)


def read_pkcs12(content: bytes, password: str) -> Credential:
    """Certificate and key of a PKCS#12 file; raises BadKeyMaterial."""
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(content, password.encode())
    except ValueError as error:
        raise BadKeyMaterial("Die PKCS#12-Datei oder das Kennwort stimmt nicht.") from error
    if certificate is None or key is None:
        raise BadKeyMaterial("Die PKCS#12-Datei enthält nicht Zertifikat und Schlüssel.")
    return Credential(certificate, require_private_key(key))


def require_private(path: Path) -> None:
    """Raises BadKeyMaterial where others than the owner may read or write the file."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKeyMaterial(
            f"{path} ist auch für andere lesbar; ein Schlüssel braucht die Rechte 0600."
        )


def to_der(certificate: x509.Certificate) -> bytes:
    """A certificate in DER form."""
    return certificate.public_bytes(serialization.Encoding.DER)

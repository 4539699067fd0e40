"""Requests, PEM and PKCS#12 in and out, with EC and RSA keys; weak keys are refused."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from server.pki import Authority, BadKeyMaterial, Credential, describe_client, write_private
from server.pki.exchange import (
    make_request,
    read_certificate_der,
    read_pkcs12,
    read_request,
    write_pkcs12,
)
from server.pki.keys import PrivateKey

NOW = datetime.now(UTC)
MakeKey = Callable[[], PrivateKey]
PASSWORD = "geheim"

STRONG = [
    pytest.param(lambda: ec.generate_private_key(ec.SECP384R1()), id="P-384"),
    pytest.param(lambda: ec.generate_private_key(ec.BrainpoolP256R1()), id="brainpool"),
    pytest.param(lambda: rsa.generate_private_key(65537, 3072), id="RSA-3072"),
]
WEAK = [
    pytest.param(lambda: rsa.generate_private_key(65537, 2048), "2048 Bit", id="RSA-2048"),
    pytest.param(lambda: ec.generate_private_key(ec.SECP224R1()), "secp224r1", id="P-224"),
    pytest.param(lambda: ec.generate_private_key(ec.SECP256K1()), "secp256k1", id="secp256k1"),
]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create("Test CA", NOW)


def request_for(key: PrivateKey) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a")])
    request = x509.CertificateSigningRequestBuilder(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def sign(authority: Authority, key: PrivateKey) -> Credential:
    return Credential(authority.sign_client("a", key.public_key(), NOW), key)


def pack(credential: Credential) -> bytes:
    lock = serialization.BestAvailableEncryption(PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(
        b"a", credential.key, credential.certificate, None, lock
    )


@pytest.mark.parametrize("make_key", STRONG)
def test_key_that_is_strong_comes_by_request_and_by_pkcs12(
    make_key: MakeKey, authority: Authority, tmp_path: Path
) -> None:
    key = make_key()
    assert read_request(request_for(key)) == key.public_key()
    credential = sign(authority, key)
    certificate, private = tmp_path / "a.pem", tmp_path / "a.key"
    certificate.write_bytes(credential.pem_certificate())
    write_private(private, credential.pem_key())
    write_pkcs12(certificate, private, tmp_path / "a.p12", PASSWORD)
    assert stat.S_IMODE((tmp_path / "a.p12").stat().st_mode) == 0o600
    packed = (tmp_path / "a.p12").read_bytes()
    assert read_pkcs12(packed, PASSWORD).pem_both() == credential.pem_both()
    assert read_certificate_der(packed, PASSWORD) == credential.der_certificate()
    assert describe_client(credential.der_certificate()) == credential.info


@pytest.mark.parametrize(("make_key", "reason"), WEAK)
def test_key_that_is_weak_is_refused_with_the_reason(
    make_key: MakeKey, reason: str, authority: Authority
) -> None:
    key = make_key()
    with pytest.raises(BadKeyMaterial, match=f"{reason}.*TR-02102"):
        read_request(request_for(key))
    credential = sign(authority, key)
    for read in (
        lambda: read_pkcs12(pack(credential), PASSWORD),
        lambda: describe_client(credential.der_certificate()),
    ):
        with pytest.raises(BadKeyMaterial, match=reason):
            read()


def test_key_of_another_kind_is_refused() -> None:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a")])
    builder = x509.CertificateSigningRequestBuilder(subject)
    request = builder.sign(ed25519.Ed25519PrivateKey.generate(), None)
    with pytest.raises(BadKeyMaterial, match="weder ein EC- noch ein RSA-Schlüssel"):
        read_request(request.public_bytes(serialization.Encoding.DER))


def test_authority_with_an_rsa_key_issues(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 3072)
    own = Authority.create("Test CA", NOW)
    ca = Credential(own.sign_client("RSA CA", key.public_key(), NOW), key)
    (tmp_path / "ca.pem").write_bytes(ca.pem_certificate())
    (tmp_path / "ca.key").write_bytes(ca.pem_key())
    issued = Authority.load(tmp_path / "ca.pem", tmp_path / "ca.key").issue_client("a", NOW)
    issued.certificate.verify_directly_issued_by(ca.certificate)


@pytest.mark.parametrize(
    ("content", "password", "reason"),
    [
        (b"unsinn", "", "kein lesbares Zertifikat"),
        (b"unsinn", PASSWORD, "PKCS#12-Datei oder das Kennwort"),
        (b"-----BEGIN CERTIFICATE-----\nunsinn", "", "kein lesbares Zertifikat"),
    ],
)
def test_read_certificate_what_is_none_is_refused(
    content: bytes, password: str, reason: str
) -> None:
    with pytest.raises(BadKeyMaterial, match=reason):
        read_certificate_der(content, password)


def test_read_pkcs12_without_a_key_is_refused(authority: Authority) -> None:
    certificate = authority.issue_client("a", NOW).certificate
    lock = serialization.BestAvailableEncryption(PASSWORD.encode())
    packed = pkcs12.serialize_key_and_certificates(b"a", None, certificate, None, lock)
    with pytest.raises(BadKeyMaterial, match="nicht Zertifikat und Schlüssel"):
        read_pkcs12(packed, PASSWORD)


def test_read_request_that_was_changed_is_refused() -> None:
    _, pem = make_request("gera")
    der = bytearray(x509.load_pem_x509_csr(pem).public_bytes(serialization.Encoding.DER))
    der[der.index(b"gera")] = ord("G")
    with pytest.raises(BadKeyMaterial, match="Unterschrift"):
        read_request(bytes(der))
    with pytest.raises(BadKeyMaterial, match="kein lesbarer Zertifikatsantrag"):
        read_request(b"unsinn")

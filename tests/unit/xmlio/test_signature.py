"""Signed elements, verified by the library and, where it is installed, by xmlsec1."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from server.pki import Authority
from server.xmlio.signature import ElementSigner

REPORT = b'<r:bericht xmlns:r="urn:beispiel"><r:status>1</r:status></r:bericht>'


@pytest.fixture
def key_files(tmp_path: Path) -> tuple[Path, Path]:
    """Certificate and EC key of a server."""
    authority = Authority.create("Test", datetime.now(UTC))
    credential = authority.issue_server(["localhost"], datetime.now(UTC))
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    (tmp_path / "ca.pem").write_bytes(authority.credential.pem_certificate())
    certificate.write_bytes(credential.pem_certificate())
    key.write_bytes(credential.pem_key())
    return certificate, key


def verify(signed: etree._Element, certificate: Path) -> etree._Element:
    """What the signature covers; raises where it does not hold."""
    result = XMLVerifier().verify(
        etree.tostring(signed),
        x509_cert=certificate.read_text(),
        expect_config=SignatureConfiguration(require_x509=True),
    )
    assert not isinstance(result, list)
    assert result.signed_xml is not None
    return result.signed_xml


def test_sign_element_within_an_envelope_verifies_when_taken_out(
    key_files: tuple[Path, Path],
) -> None:
    signed = ElementSigner(*key_files).sign(etree.fromstring(REPORT))
    assert etree.QName(signed[-1]).localname == "Signature"
    envelope = etree.fromstring(
        b'<e:Envelope xmlns:e="urn:e" xmlns:x="urn:x"><e:Body/></e:Envelope>'
    )
    envelope[0].append(signed)
    received = etree.fromstring(etree.tostring(envelope))[0][0]
    covered = verify(received, key_files[0])
    assert covered.findtext("{urn:beispiel}status") == "1"


def test_sign_element_changed_afterwards_does_not_verify(key_files: tuple[Path, Path]) -> None:
    signed = ElementSigner(*key_files).sign(etree.fromstring(REPORT))
    signed[0].text = "3"
    with pytest.raises((InvalidDigest, InvalidSignature)):
        verify(signed, key_files[0])


def test_sign_element_with_an_rsa_key_uses_rsa(
    key_files: tuple[Path, Path], tmp_path: Path
) -> None:
    key = tmp_path / "rsa.key"
    key.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    signed = ElementSigner(key_files[0], key).sign(etree.fromstring(REPORT))
    method = signed.find(".//{*}SignatureMethod")
    assert method is not None
    assert method.get("Algorithm") == "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed here")
def test_sign_element_verifies_with_xmlsec1(key_files: tuple[Path, Path], tmp_path: Path) -> None:
    signed = tmp_path / "signed.xml"
    signed.write_bytes(etree.tostring(ElementSigner(*key_files).sign(etree.fromstring(REPORT))))
    result = subprocess.run(
        ["xmlsec1", "--verify", "--trusted-pem", str(tmp_path / "ca.pem"), str(signed)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == 0, result.stderr

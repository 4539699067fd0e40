"""Content encryption with foreign implementations: Apache Santuario (Java) and xmlsec1 (C).

Santuario does all of it. The xmlsec1 of Debian 12 (1.2) has neither RSA-OAEP with SHA-256 nor
ECDH-ES: with it the content is proved, with the key handed over beside it.
"""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from lxml import etree

from server.domain.content import InlineContent
from server.domain.stored_message import PartKind
from server.xmlio.encryption.key_transport import read_content_key, write_key_info
from server.xmlio.encryption.plain_container import ContainerPart, write_plain_container
from server.xmlio.encryption.problems import AlgorithmRefused
from tests.support.encryption import (
    XENC,
    decrypt,
    encrypt_parts,
    make_parts,
    make_reader_key,
    plain,
)

PROGRAM = Path(__file__).parent / "java" / "target" / "conversation.jar"
XTA = "{http://xoev.de/transport/xta/211}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
KINDS = ["rsa3072", "p256", "p384", "p521"]
GENERIC = '<xta:GenericContentContainer xmlns:xta="http://xoev.de/transport/xta/211">{}</xta:GenericContentContainer>'
TEMPLATE = """<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"
    Type="http://www.w3.org/2001/04/xmlenc#Element">
  <xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
  <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{}</ds:KeyInfo>
  <xenc:CipherData><xenc:CipherValue/></xenc:CipherData>
</xenc:EncryptedData>"""
RSA_KEY = """<xenc:EncryptedKey>
  <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
  <xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey>"""

needs_santuario = pytest.mark.skipif(
    shutil.which("java") is None or not PROGRAM.is_file(),
    reason="the program with Apache Santuario is not built here (make interop)",
)
needs_xmlsec1 = pytest.mark.skipif(
    shutil.which("xmlsec1") is None, reason="xmlsec1 is missing (Debian: apt-get install xmlsec1)"
)


def run(*command: str | Path) -> None:
    result = subprocess.run(
        [str(item) for item in command], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def santuario(folder: Path, what: str, kind: str, document: bytes) -> bytes:
    """What Santuario makes of a container: `encrypt` or `decrypt`."""
    pem, source, target = (folder / name for name in ("key.pem", "in.xml", "out.xml"))
    pem.write_bytes(make_reader_key(kind).to_pem())
    source.write_bytes(document)
    main = "damtshilfe.interop.ContentEncryption"
    run("java", "-cp", PROGRAM, main, what, pem, source, target)
    return target.read_bytes()


def wrap(element: bytes) -> bytes:
    return GENERIC.format(element.decode()).encode()


def write_container() -> bytes:
    return b"".join(write_plain_container(make_parts()))


def read_container(document: bytes) -> list[tuple[PartKind, dict[str, str], bytes]]:
    container = etree.fromstring(document).find(f".//{XTA}ContentContainer")
    assert container is not None
    kinds = {f"{XTA}Message": PartKind.MESSAGE, f"{XTA}Attachment": PartKind.ATTACHMENT}
    return [
        (kinds[str(part.tag)], dict(part.attrib), base64.b64decode(part.text or ""))
        for part in container
    ]


def find_encrypted(document: bytes) -> bytes:
    element = etree.fromstring(document).find(f".//{XENC}EncryptedData")
    assert element is not None
    return etree.tostring(element, with_tail=False)


@needs_santuario
@pytest.mark.parametrize("kind", KINDS)
def test_santuario_decrypts_what_is_encrypted_here(tmp_path: Path, kind: str) -> None:
    document = wrap(encrypt_parts(make_reader_key(kind)))
    assert read_container(santuario(tmp_path, "decrypt", kind, document)) == plain(make_parts())


@needs_santuario
@pytest.mark.parametrize("kind", KINDS)
def test_what_santuario_encrypts_is_decrypted_here(tmp_path: Path, kind: str) -> None:
    encrypted = find_encrypted(santuario(tmp_path, "encrypt", kind, wrap(write_container())))
    other = make_reader_key("p256", "andere")
    assert decrypt(encrypted, other, make_reader_key(kind)) == plain(make_parts())


@needs_xmlsec1
@pytest.mark.parametrize("kind", KINDS)
def test_xmlsec1_decrypts_the_content_that_is_encrypted_here(tmp_path: Path, kind: str) -> None:
    root = etree.fromstring(wrap(encrypt_parts(make_reader_key(kind))))
    key_info = root.find(f".//{XENC}EncryptedData/{DS}KeyInfo")
    assert key_info is not None
    (tmp_path / "aes").write_bytes(read_content_key(key_info, [make_reader_key(kind)]))
    key_info[:] = []
    (tmp_path / "in.xml").write_bytes(etree.tostring(root))
    target = tmp_path / "out.xml"
    run(
        "xmlsec1",
        "--decrypt",
        "--aeskey",
        tmp_path / "aes",
        "--output",
        target,
        tmp_path / "in.xml",
    )
    assert read_container(target.read_bytes()) == plain(make_parts())


@needs_xmlsec1
def test_content_that_xmlsec1_encrypts_is_decrypted_here(tmp_path: Path) -> None:
    """xmlsec1 writes the element without the namespaces that are declared around it."""
    content_key = bytes(range(32))
    (tmp_path / "aes").write_bytes(content_key)
    encrypted = xmlsec1_encrypt(tmp_path, "", "--aeskey", tmp_path / "aes")
    key = make_reader_key("p256")
    root = etree.fromstring(encrypted)
    old = root.find(f"{DS}KeyInfo")
    assert old is not None
    root.replace(old, write_key_info(content_key, key.certificate))
    assert decrypt(etree.tostring(root), key) == plain(make_parts())


@needs_xmlsec1
def test_weak_key_transport_that_xmlsec1_writes_is_refused(tmp_path: Path) -> None:
    """RSA-OAEP with SHA-1, really encrypted for the key at hand."""
    key = make_reader_key("rsa3072")
    public = key.certificate.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "public.pem").write_bytes(public)
    session = ("--session-key", "aes-256", "--pubkey-pem", tmp_path / "public.pem")
    encrypted = xmlsec1_encrypt(tmp_path, RSA_KEY, *session)
    with pytest.raises(AlgorithmRefused, match="rsa-oaep-mgf1p"):
        decrypt(encrypted, key)


def xmlsec1_encrypt(folder: Path, key_info: str, *options: str | Path) -> bytes:
    template, source, target = (folder / name for name in ("t.xml", "in.xml", "out.xml"))
    template.write_text(TEMPLATE.format(key_info), encoding="utf-8")
    source.write_bytes(declare_outside())
    what = ("--node-name", f"{XTA[1:-1]}:ContentContainer")
    run("xmlsec1", "--encrypt", *options, "--xml-data", source, *what, "--output", target, template)
    return find_encrypted(target.read_bytes())


def declare_outside() -> bytes:
    """The container with its namespace declared on the element around it only."""
    declaration = b' xmlns:xta="http://xoev.de/transport/xta/211"'
    return wrap(write_container().replace(declaration, b"", 1))


def test_a_container_of_one_part_only_is_written_as_others_read_it() -> None:
    part = ContainerPart(PartKind.MESSAGE, {"contentType": "a/b"}, InlineContent(b"ABC"))
    assert b"".join(write_plain_container([part])) == (
        b'<xta:ContentContainer xmlns:xta="http://xoev.de/transport/xta/211">'
        b'<xta:Message contentType="a/b">QUJD</xta:Message></xta:ContentContainer>'
    )

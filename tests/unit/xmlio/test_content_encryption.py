"""Content encryption: what was encrypted comes out again, and nothing else does."""

import base64
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from server.domain.content import InlineContent
from server.domain.stored_message import PartKind
from server.xmlio.content_encryption import ContentDecryption, encrypt
from server.xmlio.contract_files import ENVELOPE_SCHEMAS, XTA_WSDL
from server.xmlio.encryption.algorithms import AES256_GCM
from server.xmlio.encryption.cipher import encrypt_pieces
from server.xmlio.encryption.encrypted_data import refer_to_content
from server.xmlio.encryption.key_transport import write_key_info
from server.xmlio.encryption.keys import ReaderKey, read_certificate
from server.xmlio.encryption.plain_container import ContainerPart
from server.xmlio.encryption.problems import (
    AlgorithmRefused,
    CannotDecrypt,
    CertificateRefused,
    ContentRefused,
    Damaged,
    NotForUs,
)
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.wsdl_contract import read_contract
from tests.support import encryption
from tests.support.encryption import (
    BINARY,
    MESSAGE,
    MOMENT,
    XENC,
    change,
    decrypt,
    encrypt_parts,
    flip,
    make_certificate,
    make_parts,
    make_private_key,
    make_reader_key,
    plain,
    to_der,
)

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC11 = "{http://www.w3.org/2009/xmlenc11#}"
WRAPPED = f"{DS}KeyInfo/{XENC}EncryptedKey"
CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
RSA_15 = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"
MGF1P = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
KINDS = ["rsa3072", "p256", "p384", "p521", "brainpool"]
CONTAINER = (
    '<xta:ContentContainer xmlns:xta="http://xoev.de/transport/xta/211">{}</xta:ContentContainer>'
)
PART = '<xta:Message contentType="a/b">QUJD</xta:Message>'


@pytest.mark.parametrize("kind", KINDS)
def test_decrypt_what_was_encrypted_gives_every_part_byte_for_byte(kind: str) -> None:
    key = make_reader_key(kind)
    assert decrypt(encrypt_parts(key), key) == plain(make_parts())


def test_encrypt_the_same_twice_has_nothing_in_common() -> None:
    key = make_reader_key("p256")
    first, second = (read_cipher_value(encrypt_parts(key)) for _ in range(2))
    assert first[:12] != second[:12]
    assert first[12:] != second[12:]


def test_encrypt_leaves_nothing_of_the_content_to_be_read() -> None:
    document = encrypt_parts(make_reader_key("p256"))
    assert MESSAGE not in document
    assert base64.b64encode(MESSAGE) not in document
    assert b"Bescheid" not in document


@pytest.mark.parametrize("kind", ["rsa3072", "p256"])
def test_encrypted_document_is_valid_by_the_contract(kind: str) -> None:
    (schema, *_) = read_contract(XTA_WSDL, ENVELOPE_SCHEMAS).schemas.values()
    container = etree.Element("{http://xoev.de/transport/xta/211}GenericContentContainer")
    container.append(etree.fromstring(encrypt_parts(make_reader_key(kind))))
    envelope = "{http://schemas.xmlsoap.org/soap/envelope/}"
    root = etree.Element(f"{envelope}Envelope")
    etree.SubElement(root, f"{envelope}Body").append(container)
    assert schema.check(root) == ()


def test_decrypt_with_several_keys_finds_the_one_that_is_named() -> None:
    old, new = make_reader_key("p256", "alt"), make_reader_key("rsa3072", "neu")
    for key in (old, new):
        assert decrypt(encrypt_parts(key), old, new) == plain(make_parts())


@pytest.mark.parametrize("kind", ["rsa3072", "p256"])
@pytest.mark.parametrize("hint", ["X509Certificate", "X509SKI", "X509IssuerSerial", ""])
def test_decrypt_certificate_named_in_one_way_only_is_found(kind: str, hint: str) -> None:
    key = make_reader_key(kind)
    root = etree.fromstring(encrypt_parts(key))
    for element in root.findall(f".//{DS}X509Data/*"):
        if element.tag != f"{DS}{hint}":
            remove(element)
    others = make_reader_key("p384"), make_reader_key("brainpool")
    assert decrypt(etree.tostring(root), *others, key) == plain(make_parts())


@pytest.mark.parametrize("other", ["p256", "p384", "rsa3072"])
@pytest.mark.parametrize("kind", ["rsa3072", "p256"])
@pytest.mark.parametrize("is_named", [True, False], ids=["named", "unnamed"])
def test_decrypt_with_a_wrong_key_is_not_for_us(kind: str, other: str, is_named: bool) -> None:
    root = etree.fromstring(encrypt_parts(make_reader_key(kind)))
    if not is_named:
        drop(root, f".//{DS}X509Data")
    # Not the one out of the cache.
    key = make_private_key.__wrapped__(other)
    wrong = ReaderKey(read_certificate(to_der(make_certificate(key))), key)
    with pytest.raises(NotForUs):
        decrypt(etree.tostring(root), wrong)


def test_decrypt_without_keys_is_not_for_us() -> None:
    with pytest.raises(NotForUs):
        decrypt(encrypt_parts(make_reader_key("p256")))


@pytest.mark.parametrize("position", [0, 12, 500, -1])
def test_decrypt_changed_content_is_damaged(position: int) -> None:
    key = make_reader_key("p256")
    with pytest.raises(Damaged):
        decrypt(flip(encrypt_parts(key), position), key)


@pytest.mark.parametrize("value", ["", "QUJD", "%%%%", base64.b64encode(bytes(28)).decode()])
def test_decrypt_cut_content_is_damaged(value: str) -> None:
    key = make_reader_key("p256")
    root = etree.fromstring(encrypt_parts(key))
    set_text(root, f"{XENC}CipherData/{XENC}CipherValue", value)
    with pytest.raises(Damaged):
        decrypt(etree.tostring(root), key)


@pytest.mark.parametrize("kind", ["rsa3072", "p256"])
def test_decrypt_changed_wrapped_key_is_damaged(kind: str) -> None:
    key = make_reader_key(kind)
    root = etree.fromstring(encrypt_parts(key))
    path = f"{WRAPPED}/{XENC}CipherData/{XENC}CipherValue"
    value = bytearray(base64.b64decode(root.findtext(path, "")))
    value[5] ^= 1
    set_text(root, path, base64.b64encode(value).decode())
    with pytest.raises(Damaged):
        decrypt(etree.tostring(root), key)


@pytest.mark.parametrize(
    ("kind", "path", "algorithm"),
    [
        ("p256", f"{XENC}EncryptionMethod", CBC),
        ("p256", f"{XENC}EncryptionMethod", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
        ("rsa3072", f"{WRAPPED}/{XENC}EncryptionMethod", RSA_15),
        ("rsa3072", f"{WRAPPED}/{XENC}EncryptionMethod", MGF1P),
        ("rsa3072", f"{WRAPPED}/{XENC}EncryptionMethod/{DS}DigestMethod", SHA1),
        ("rsa3072", f"{WRAPPED}/{XENC}EncryptionMethod/{XENC11}MGF", f"{XENC11[1:-1]}mgf1sha1"),
        ("p256", f".//{DS}DigestMethod", SHA1),
        ("p256", f".//{XENC11}KeyDerivationMethod", f"{XENC11[1:-1]}pbkdf2"),
        ("p256", f".//{XENC}AgreementMethod", "http://www.w3.org/2009/xmlenc11#dh-es"),
        ("p256", f"{WRAPPED}/{XENC}EncryptionMethod", f"{XENC[1:-1]}kw-tripledes"),
    ],
)
def test_decrypt_weaker_algorithm_is_refused(kind: str, path: str, algorithm: str) -> None:
    key = make_reader_key(kind)
    with pytest.raises(AlgorithmRefused, match=r"zugelassen|angenommen"):
        decrypt(change(encrypt_parts(key), path, Algorithm=algorithm), key)


@pytest.mark.parametrize(
    "path",
    [f"{WRAPPED}/{XENC}EncryptionMethod/{DS}DigestMethod", f"{WRAPPED}//{XENC11}MGF"],
)
def test_decrypt_digest_left_out_means_sha1_and_is_refused(path: str) -> None:
    key = make_reader_key("rsa3072")
    root = etree.fromstring(encrypt_parts(key))
    drop(root, path)
    with pytest.raises(AlgorithmRefused):
        decrypt(etree.tostring(root), key)


def test_decrypt_really_encrypted_with_rsa_15_is_refused() -> None:
    key = make_reader_key("rsa3072")
    public_key = key.certificate.public_key
    assert isinstance(public_key, rsa.RSAPublicKey)
    root = etree.fromstring(encrypt_parts(key))
    wrapped = public_key.encrypt(os.urandom(32), padding.PKCS1v15())
    set_text(
        root, f"{WRAPPED}/{XENC}CipherData/{XENC}CipherValue", base64.b64encode(wrapped).decode()
    )
    with pytest.raises(AlgorithmRefused):
        decrypt(
            change(etree.tostring(root), f"{WRAPPED}/{XENC}EncryptionMethod", Algorithm=RSA_15), key
        )


def test_decrypt_content_key_of_another_length_is_damaged() -> None:
    key = make_reader_key("p256")
    shorter = f"{XENC11[1:-1]}aes128-gcm"
    with pytest.raises(Damaged):
        decrypt(change(encrypt_parts(key), f"{XENC}EncryptionMethod", Algorithm=shorter), key)


def test_decrypt_point_that_is_not_on_the_curve_is_damaged() -> None:
    key = make_reader_key("p256")
    root = etree.fromstring(encrypt_parts(key))
    point = base64.b64encode(b"\x04" + bytes(64)).decode()
    set_text(root, ".//{http://www.w3.org/2009/xmldsig11#}PublicKey", point)
    with pytest.raises(Damaged):
        decrypt(etree.tostring(root), key)


def test_decrypt_parameters_changed_on_the_way_is_damaged() -> None:
    """AlgorithmID goes into the derived key."""
    key = make_reader_key("p256")
    with pytest.raises(Damaged):
        decrypt(change(encrypt_parts(key), f".//{XENC11}ConcatKDFParams", AlgorithmID="0000"), key)


def test_decrypt_reference_to_elsewhere_is_refused_and_not_fetched() -> None:
    key = make_reader_key("p256")
    root = etree.fromstring(encrypt_parts(key))
    data = root.find(f"{XENC}CipherData")
    assert data is not None
    data[:] = [etree.Element(f"{XENC}CipherReference", URI="file:///etc/passwd")]
    with pytest.raises(AlgorithmRefused, match="CipherValue"):
        decrypt(etree.tostring(root), key)


def test_decrypt_key_behind_a_reference_is_not_for_us() -> None:
    key = make_reader_key("p256")
    root = etree.fromstring(encrypt_parts(key))
    key_info = root.find(f"{DS}KeyInfo")
    assert key_info is not None
    key_info[:] = [etree.Element(f"{DS}RetrievalMethod", URI="https://example.invalid/key")]
    with pytest.raises(NotForUs):
        decrypt(etree.tostring(root), key)


@pytest.mark.parametrize(
    "document",
    [
        b"<a/>",
        b"no xml",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<a>" * 100 + b"</a>" * 100,
        f'<EncryptedData xmlns="{XENC[1:-1]}"/>'.encode(),
    ],
    ids=["other", "text", "dtd", "deep", "empty"],
)
def test_decrypt_what_is_no_encrypted_data_is_refused(document: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(document, make_reader_key("p256"))


def test_decrypt_type_of_another_kind_is_refused() -> None:
    key = make_reader_key("p256")
    with pytest.raises(AlgorithmRefused, match="Art"):
        decrypt(change(encrypt_parts(key), ".", Type="urn:beispiel:zip"), key)


@pytest.mark.parametrize("kind", ["http://www.w3.org/2001/04/xmlenc#Content", None])
def test_decrypt_type_content_or_none_is_opened(kind: str | None) -> None:
    key = make_reader_key("p256")
    root = etree.fromstring(encrypt_parts(key))
    del root.attrib["Type"]
    if kind:
        root.set("Type", kind)
    assert decrypt(etree.tostring(root), key) == plain(make_parts())


def test_decrypt_fragment_counts_on_namespaces_around_it() -> None:
    """As implementations encrypt that write an element without what its ancestors declare."""
    fragment = f"<x:ContentContainer>{PART.replace('xta:', 'x:')}</x:ContentContainer>"
    document = seal(fragment.encode()).replace(
        b"<xenc:EncryptedData ",
        b'<xenc:EncryptedData xmlns:x="http://xoev.de/transport/xta/211" ',
        1,
    )
    assert decrypt(document, make_reader_key("p256")) == [
        (PartKind.MESSAGE, {"contentType": "a/b"}, b"ABC")
    ]


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b'<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_decrypt_content_written_as_a_document_is_opened(start: bytes) -> None:
    opened = decrypt(seal(start + CONTAINER.format(PART).encode()), make_reader_key("p256"))
    assert [content for _, _, content in opened] == [b"ABC"]


DTD = '<!DOCTYPE a [<!ENTITY x "QUJD">]>'
NESTED = (
    f'<EncryptedData xmlns="{XENC[1:-1]}"><CipherData><CipherValue/></CipherData></EncryptedData>'
)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not xml",
        CONTAINER.format(PART)[:-5],
        CONTAINER.format(PART) + CONTAINER.format(PART),
        f"</inhalt><inhalt>{CONTAINER.format(PART)}",
        DTD + CONTAINER.format(PART),
        CONTAINER.format(PART.replace("QUJD", "&x;")),
        CONTAINER.format(PART.replace("QUJD", "<b/>")),
        CONTAINER.format(PART.replace("QUJD", "<![CDATA[QUJD]]>")),
        CONTAINER.format(PART.replace("QUJD", "QU<!-- -->JD")),
        CONTAINER.format(PART.replace("QUJD", "QU<?a b?>JD")),
        CONTAINER.format(PART.replace("QUJD", "no base64!")),
        CONTAINER.format(""),
        CONTAINER.format(PART + PART),
        CONTAINER.format(PART.replace("Message", "Attachment")),
        CONTAINER.format(PART.replace(' contentType="a/b"', "")),
        CONTAINER.format(PART.replace("contentType", "unknown='1' contentType")),
        CONTAINER.format(NESTED),
        NESTED,
        CONTAINER.format(PART + "<xta:Attachment contentType='a'/>" * 200),
        "<a>" * 200 + "</a>" * 200,
        CONTAINER.format(PART).replace("xta:ContentContainer", "xta:Other"),
    ],
)
def test_decrypt_content_that_is_no_plain_container_is_refused(content: str) -> None:
    small = ContentDecryption(XmlLimits(elements=150, depth=20))
    with pytest.raises(ContentRefused):
        small.decrypt(InlineContent(seal(content.encode())), [make_reader_key("p256")])


def test_decrypt_damage_is_told_before_the_content_is_looked_at() -> None:
    """Whoever changes bytes learns nothing of what they have become."""
    with pytest.raises(Damaged):
        decrypt(flip(seal(b"not xml"), 13), make_reader_key("p256"))


def test_decrypt_parts_can_be_read_in_any_order_and_again() -> None:
    key = make_reader_key("p256")
    opened = encryption.DECRYPTION.decrypt(InlineContent(encrypt_parts(key)), [key])
    message, attachment, empty = (part.content for part in opened)
    assert attachment.read() == BINARY
    assert message.read() == MESSAGE
    begun = message.read_chunks(3)
    assert next(begun) == MESSAGE[:3]
    assert b"".join(attachment.read_chunks(100)) == BINARY
    assert b"".join(begun) == MESSAGE[3:]
    assert (attachment.size, empty.size, empty.read()) == (len(BINARY), 0, b"")


def test_decrypt_many_parts_in_their_order_reads_the_document_a_fixed_number_of_times() -> None:
    key = make_reader_key("p256")
    parts = [
        ContainerPart(
            PartKind.ATTACHMENT if position else PartKind.MESSAGE,
            {"contentType": "a/b"},
            InlineContent(bytes([position])),
        )
        for position in range(50)
    ]
    document = CountingContent(encrypt_parts(key, parts))
    opened = encryption.DECRYPTION.decrypt(document, [key])
    before = document.readings
    assert [part.content.read() for part in opened] == [bytes([n]) for n in range(50)]
    assert document.readings - before == 1
    assert before < 10


@pytest.mark.parametrize(
    ("kind", "usage", "days", "words"),
    [
        ("rsa2048", "fitting", (-1, 1), "2048 Bit"),
        ("p192", "fitting", (-1, 1), "Kurve"),
        ("ed25519", "fitting", (-1, 1), "weder"),
        ("rsa3072", "digitalSignature", (-1, 1), "keyEncipherment"),
        ("p256", "digitalSignature", (-1, 1), "keyAgreement"),
        ("p256", "keyEncipherment", (-1, 1), "keyAgreement"),
        ("p256", None, (-1, 1), "keyAgreement"),
        ("p256", "fitting", (-3, -1), "bis zum 22.11.2026"),
        ("p256", "fitting", (1, 3), "ab dem 24.11.2026"),
    ],
)
def test_encrypt_for_a_certificate_that_is_not_fit_is_refused(
    kind: str, usage: str | None, days: tuple[int, int], words: str
) -> None:
    der = to_der(make_certificate(make_private_key(kind), usage=usage, days=days))
    with pytest.raises(CertificateRefused, match=words):
        encrypt(make_parts(), read_certificate(der), MOMENT)


def test_encrypt_until_the_last_moment_of_the_certificate_is_possible() -> None:
    certificate = make_reader_key("p256").certificate
    end = certificate.not_after
    assert b"".join(encrypt(make_parts(), certificate, end))
    with pytest.raises(CertificateRefused):
        encrypt(make_parts(), certificate, end + timedelta(seconds=1))


def test_read_certificate_of_no_certificate_is_refused() -> None:
    with pytest.raises(CertificateRefused):
        read_certificate(b"no certificate")


def test_refer_to_content_leaves_all_else_byte_for_byte() -> None:
    document = encrypt_parts(make_reader_key("p256"))
    element, beside = refer_to_content(InlineContent(document))
    ((content_id, content),) = beside.items()
    assert content.read() == read_cipher_value(document)
    start, _, rest = element.read().partition(b"<xop:Include ")
    include, _, end = rest.partition(b"/>")
    assert f'href="cid:{content_id}"'.encode() in include
    assert start + base64.b64encode(content.read()) + end == document


@pytest.mark.parametrize(
    "document",
    [
        b"<a/>",
        NESTED.encode(),
        NESTED.replace("<CipherValue/>", "<CipherValue>?</CipherValue>").encode(),
    ],
)
def test_refer_to_content_built_in_another_way_refers_to_nothing(document: bytes) -> None:
    content = InlineContent(document)
    assert refer_to_content(content) == (content, {})


class CountingContent(InlineContent):
    """Counts how often it is read from its beginning."""

    readings = 0

    def read_chunks(self, size: int) -> Iterator[bytes]:
        self.readings += 1
        return super().read_chunks(size)


def seal(content: bytes) -> bytes:
    """Any bytes encrypted as if they were a container."""
    key = make_reader_key("p256")
    root = etree.fromstring(encrypt_parts(key))
    content_key = os.urandom(32)
    root.replace(root[1], write_key_info(content_key, key.certificate))
    assert root[0].get("Algorithm") == AES256_GCM
    value = b"".join(encrypt_pieces([content], content_key))
    set_text(root, f"{XENC}CipherData/{XENC}CipherValue", base64.b64encode(value).decode())
    return etree.tostring(root)


def read_cipher_value(document: bytes) -> bytes:
    text = etree.fromstring(document).findtext(f"{XENC}CipherData/{XENC}CipherValue", "")
    return base64.b64decode(text)


def set_text(root: etree._Element, path: str, text: str) -> None:
    element = root.find(path)
    assert element is not None
    element.text = text


def drop(root: etree._Element, path: str) -> None:
    element = root.find(path)
    assert element is not None
    remove(element)


def remove(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)

"""The encrypted container on the wire: what came beside the envelope gets back to its place."""

import base64

import pytest
from lxml import etree

from server.domain.content import InlineContent
from server.domain.stored_message import PartKind
from server.soap.call import Call
from server.soap.wire_fault import WireFault
from server.soap.xta2.container import read_container, write_container
from tests.support.encryption import (
    XENC,
    decrypt,
    encrypt_parts,
    make_parts,
    make_reader_key,
    plain,
)

XTA = "{http://xoev.de/transport/xta/211}"


def make_call(document: bytes, *beside: str) -> Call:
    """A call whose body has the EncryptedData; these of its CipherValues came beside it."""
    body = etree.Element(f"{XTA}GenericContentContainer")
    body.append(etree.fromstring(document))
    detached = {}
    for path in beside:
        element = body.find(f"{XENC}EncryptedData/{path}")
        assert element is not None
        detached[element] = InlineContent(base64.b64decode(element.text or ""))
        element.text = None
    return Call(body=body, detached=detached)


CONTENT = f"{XENC}CipherData/{XENC}CipherValue"
KEY = f"{{http://www.w3.org/2000/09/xmldsig#}}KeyInfo/{XENC}EncryptedKey/{CONTENT}"


@pytest.mark.parametrize("beside", [(), (CONTENT,), (KEY,), (CONTENT, KEY)])
def test_read_and_write_encrypted_container_keeps_it_whole(beside: tuple[str, ...]) -> None:
    key = make_reader_key("rsa3072")
    (part,) = read_container(make_call(encrypt_parts(key), *beside))
    assert part.kind == PartKind.ENCRYPTED
    document = part.content.read()
    assert (len(document), b"".join(part.content.read_chunks(1000))) == (
        part.content.size,
        document,
    )
    assert decrypt(document, key) == plain(make_parts())
    container, ((element, encrypted),) = write_container([(part.kind, {}, InlineContent(document))])
    assert element is container.find(f"{XENC}EncryptedData/{CONTENT}")
    assert not element.text
    element.text = base64.b64encode(encrypted.read()).decode()
    assert decrypt(etree.tostring(container[0]), key) == plain(make_parts())


def test_read_encrypted_container_with_a_huge_key_is_refused() -> None:
    call = make_call(encrypt_parts(make_reader_key("rsa3072")), KEY)
    call.detached = {element: InlineContent(bytes(100_000)) for element in call.detached}
    with pytest.raises(WireFault):
        read_container(call)


@pytest.mark.parametrize(
    "inner",
    [
        '<CipherData><CipherReference URI="urn:x"/></CipherData>',
        "<CipherData><CipherValue>no base64!</CipherValue></CipherData>",
        "<CipherData><CipherValue>QU<!-- -->JD</CipherValue></CipherData>",
        "<CipherData><CipherValue/></CipherData>",
    ],
)
def test_write_container_built_in_another_way_is_handed_on_as_it_is(inner: str) -> None:
    document = f'<EncryptedData xmlns="{XENC[1:-1]}">{inner}</EncryptedData>'.encode()
    container, attached = write_container([(PartKind.ENCRYPTED, {}, InlineContent(document))])
    for element, content in attached:
        assert content.read() == b""
        assert element.text is None
    assert canonical(container[0]) == canonical(etree.fromstring(document))


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)

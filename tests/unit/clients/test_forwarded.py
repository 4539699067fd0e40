"""Forwarding over the wire: head, tokens and parts leave as they came, encrypted ones too."""

from email import message_from_bytes

import pytest
from lxml import etree

from clients.contents import BytesContent
from clients.xta import ForwardedMessage, ForwardedPart, XtaFault
from tests.unit.clients.test_xta_client import DONE, HEADER, META, OSCI, XTA, connected, fault

METADATA = etree.tostring(
    etree.fromstring(
        f'<w xmlns:meta="{META}" xmlns:osci="{OSCI}">{HEADER}</w>'.replace(
            "<meta:DeliveryAttributes/>",
            "<meta:DeliveryAttributes><meta:NotBefore>2026-01-01T00:00:00Z</meta:NotBefore>"
            "</meta:DeliveryAttributes>",
        )
    )[0],
    with_tail=False,
)
TOKENS = f'<o:X509TokenContainer xmlns:o="{OSCI}" validateCompleted="false"/>'.encode()
ATTRIBUTES = {"contentType": "application/xml", "contentDescription": "Ersuchen", "size": "6"}
PLAIN = (
    ForwardedPart("message", BytesContent(b"<a>\xc3\xa4"), ATTRIBUTES),
    ForwardedPart(
        "attachment",
        BytesContent(bytes(100_000)),
        {"contentType": "x/y", "filename": "ä.bin", "lang": "de", "id": "a1", "encoding": "z"},
    ),
    ForwardedPart("attachment", BytesContent(b""), {"contentType": "x/y"}),
)
ENCRYPTED = (
    b'<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherData>'
    b"<e:CipherValue>" + b"QUJD" * 50_000 + b"</e:CipherValue></e:CipherData></e:EncryptedData>"
)


def test_forward_head_tokens_and_parts_are_sent_as_they_came() -> None:
    with connected(DONE) as (client, server):
        client.forward(ForwardedMessage(METADATA, PLAIN, TOKENS))
    content_type, body = server.requests[0]
    package = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    root, *contents = [part.get_payload(decode=True) for part in package.walk()][1:]
    assert isinstance(root, bytes)
    assert METADATA + TOKENS in root
    envelope = etree.fromstring(root)
    assert [etree.QName(block).localname for block in envelope[0]][:2] == [
        "MessageMetaData",
        "X509TokenContainer",
    ]
    parts = list(envelope.iterfind(f".//{{{XTA}}}ContentContainer/*"))
    assert [dict(part.attrib) for part in parts] == [dict(part.attributes) for part in PLAIN]
    assert [etree.QName(part).localname for part in parts] == [
        "Message",
        "Attachment",
        "Attachment",
    ]
    assert contents == [part.content.open().read() for part in PLAIN]


def test_forward_encrypted_container_is_sent_byte_for_byte() -> None:
    part = ForwardedPart("encrypted", BytesContent(ENCRYPTED), {})
    with connected(DONE) as (client, server):
        client.forward(ForwardedMessage(METADATA, (part,)))
    content_type, body = server.requests[0]
    assert content_type.startswith("application/soap+xml")
    assert ENCRYPTED in body
    (container,) = etree.fromstring(body).iterfind(f".//{{{XTA}}}GenericContentContainer")
    assert [etree.QName(child).localname for child in container] == ["EncryptedData"]
    assert (container.text, container[0].tail) == (None, None)


def test_forward_encrypted_container_with_its_bytes_beside_it_is_a_package() -> None:
    """The element is sent as it is; what it refers to goes beside it, not in base64."""
    include = b'<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:c@x"/>'
    element = ENCRYPTED.replace(b"QUJD" * 50_000, include)
    data = bytes(100_000)
    part = ForwardedPart("encrypted", BytesContent(element), {}, {"c@x": BytesContent(data)})
    with connected(DONE) as (client, server):
        client.forward(ForwardedMessage(METADATA, (part,)))
    content_type, body = server.requests[0]
    package = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    root, beside = list(package.walk())[1:]
    assert (beside["Content-ID"], beside.get_payload(decode=True)) == ("<c@x>", data)
    envelope = root.get_payload(decode=True)
    assert isinstance(envelope, bytes)
    assert METADATA in envelope
    assert element in envelope


def test_forward_refused_raises_the_fault() -> None:
    refusal = fault("9014", "PermissionDeniedException")
    with connected(refusal) as (client, _), pytest.raises(XtaFault) as refused:
        client.forward(ForwardedMessage(METADATA, PLAIN))
    assert refused.value.code == "9014"

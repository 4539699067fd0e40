"""Packages as they go out, read back with the standard library."""

import email
import email.policy
from pathlib import Path

import pytest
from lxml import etree

from clients.contents import BytesContent, Content, ContentUnreadable, FileContent
from clients.mtom import INCLUDE, Package, encode_mark, make_mark, write_package

SOAP_TYPE = 'application/soap+xml; charset=utf-8; action="urn:x:senden"'
AWKWARD = (b"\r\nText\r\n", b"\n", b"", b"Content-ID: <x>\r\n\r\n--teil\r\n", bytes(range(256)))


def write(*contents: Content) -> Package:
    marks = {make_mark(): content for content in contents}
    envelope = etree.Element("Envelope")
    for mark in marks:
        etree.SubElement(envelope, "Inhalt").text = encode_mark(mark)
    return write_package(envelope, marks, SOAP_TYPE)


def read(package: Package) -> email.message.EmailMessage:
    head = f"Content-Type: {package.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + b"".join(package), policy=email.policy.HTTP)
    assert isinstance(message, email.message.EmailMessage)
    return message


def test_write_package_contents_arrive_as_they_are() -> None:
    message = read(write(*map(BytesContent, AWKWARD)))
    root, *parts = message.iter_parts()
    envelope = etree.fromstring(root.get_content())
    hrefs = [str(include.get("href")) for include in envelope.iter(INCLUDE)]
    assert hrefs == [f"cid:{str(part['Content-ID']).strip('<>')}" for part in parts]
    assert [part.get_payload(decode=True) for part in parts] == list(AWKWARD)
    assert message.get_param("start") == root["Content-ID"]
    assert message.get_param("start-info") == SOAP_TYPE
    assert root.get_param("type") == SOAP_TYPE


def test_write_package_length_is_known_and_bytes_repeat(tmp_path: Path) -> None:
    path = tmp_path / "akte.bin"
    path.write_bytes(bytes(1_000_000))
    package = write(FileContent(path), BytesContent(b"Text"))
    first, second = b"".join(package), b"".join(package)
    assert first == second
    assert len(package) == len(first)
    assert max(map(len, package)) <= 256 * 1024


def test_write_package_mark_without_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        write_package(etree.Element("Envelope"), {make_mark(): BytesContent(b"")}, SOAP_TYPE)


@pytest.mark.parametrize("new", [b"", b"longer than it was before"], ids=["shorter", "longer"])
def test_write_package_file_changes_while_it_is_sent_is_told(tmp_path: Path, new: bytes) -> None:
    path = tmp_path / "akte.bin"
    path.write_bytes(b"as it was")
    package = write(FileContent(path))
    size = len(package)
    path.write_bytes(new)
    assert len(package) == size
    with pytest.raises(ContentUnreadable):
        list(package)


def test_write_package_file_missing_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(FileContent(tmp_path / "akte.bin"))

"""MTOM out: a package of an envelope and contents beside it (SOAP MTOM 1.0, XOP 1.0, RFC 2387).

zeep writes an envelope with marks where the contents belong; here the marks become references, and
the contents are read when they are sent, in pieces. Nothing is base64, nothing is held in memory.
"""

import base64
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zeep.loader import parse_xml
from zeep.wsdl.utils import etree_to_string

from clients.contents import Content, read_chunks, read_whole

PACKAGE_TYPE = "multipart/related"
XOP_TYPE = "application/xop+xml"
INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
_XENC = "{http://www.w3.org/2001/04/xmlenc#}"
_CIPHER_VALUE = f"{_XENC}CipherData/{_XENC}CipherValue"
_ROOT_ID = "umschlag@damtshilfe"


def make_mark() -> bytes:
    """What stands for a content until the package is written; no other text is like it."""
    return f"inhalt-{uuid.uuid4()}".encode("ascii")


def encode_mark(mark: bytes) -> str:
    """A mark as it stands in an element of the type base64Binary."""
    return base64.b64encode(mark).decode("ascii")


@dataclass(frozen=True)
class Package:
    """A request body that can be sent again, byte for byte; `len()` tells its size beforehand.

    Each piece is bytes, or a content with the size that it had when the package was written.
    Iterating raises ContentUnreadable where a content is gone or not as long as it was.
    """

    content_type: str
    pieces: tuple[bytes | tuple[Content, int], ...]

    def __len__(self) -> int:
        return sum(len(piece) if isinstance(piece, bytes) else piece[1] for piece in self.pieces)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from read_chunks(*piece)


def write_package(envelope: Any, contents: Mapping[bytes, Content], envelope_type: str) -> Package:
    """Puts the contents beside the envelope, in which their marks stand.

    `envelope` is an element of lxml as zeep writes it, and changed here; `envelope_type` is the
    Content-Type that it would have alone, with its action. Raises OSError for a missing file.
    """
    boundary = f"teil-{uuid.uuid4()}"
    content_ids = {mark: f"{uuid.uuid4()}@damtshilfe" for mark in contents}
    _refer(envelope, content_ids)
    quoted = envelope_type.replace("\\", "\\\\").replace('"', '\\"')
    root_type = f'{XOP_TYPE}; charset=UTF-8; type="{quoted}"'
    pieces: list[bytes | tuple[Content, int]] = [
        _part_head(boundary, _ROOT_ID, root_type) + etree_to_string(envelope)
    ]
    for mark, content in contents.items():
        head = _part_head(boundary, content_ids[mark], "application/octet-stream")
        pieces += [b"\r\n" + head, (content, content.size)]
    pieces.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    return Package(
        f'{PACKAGE_TYPE}; type="{XOP_TYPE}"; start="<{_ROOT_ID}>"; start-info="{quoted}"; '
        f'boundary="{boundary}"',
        tuple(pieces),
    )


@dataclass(frozen=True)
class ReplacedContainer:
    """An element EncryptedData (XML) that takes the place of the container around a mark.

    Where `beside` is given, it holds the bytes of the empty CipherValue of the element.
    """

    mark: bytes
    element: Content
    beside: Content | None = None


def write_with_element(envelope: Any, replaced: ReplacedContainer, content_type: str) -> Package:
    """An envelope with the element in its place, or a package with its bytes beside it.

    What is large is read when it is sent, in pieces. Raises OSError for a missing file.
    """
    container = _empty_container(envelope, replaced.mark)
    if replaced.beside is None:
        container.text = marked = encode_mark(replaced.mark)
        before, after = etree_to_string(envelope).split(marked.encode("ascii"))
        element = replaced.element
        return Package(content_type, (before, (element, element.size), after))
    encrypted = parse_xml(read_whole(replaced.element).decode(), None)
    encrypted.find(_CIPHER_VALUE).text = encode_mark(replaced.mark)
    container.append(encrypted)
    return write_package(envelope, {replaced.mark: replaced.beside}, content_type)


def _empty_container(envelope: Any, mark: bytes) -> Any:
    """What is around the element with the part in which the mark stands."""
    marked = encode_mark(mark)
    (part,) = (item for item in envelope.iter() if item.text == marked)
    replaced = part.getparent()
    container = replaced.getparent()
    container.remove(replaced)
    return container


def _refer(envelope: Any, content_ids: Mapping[bytes, str]) -> None:
    """Replaces each mark by a reference; raises ValueError where one is missing."""
    missing = {encode_mark(mark): content_id for mark, content_id in content_ids.items()}
    for element in list(envelope.iter()):
        content_id = missing.pop(element.text, None)
        if content_id:
            element.text = None
            element.append(element.makeelement(INCLUDE, {"href": f"cid:{content_id}"}))
    if missing:
        raise ValueError("the envelope has no place for a content")


def _part_head(boundary: str, content_id: str, content_type: str) -> bytes:
    return (
        f"--{boundary}\r\n"
        f"Content-Type: {content_type}\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n"
    ).encode("ascii")

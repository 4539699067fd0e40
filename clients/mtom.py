"""MTOM out: a package of an envelope and contents beside it (SOAP MTOM 1.0, XOP 1.0, RFC 2387).

zeep writes an envelope with marks where the contents belong; here the marks become references, and
the contents are read when they are sent, in pieces. Nothing is base64, nothing is held in memory.
"""

import base64
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zeep.wsdl.utils import etree_to_string

from clients.contents import Content, read_chunks

PACKAGE_TYPE = "multipart/related"
XOP_TYPE = "application/xop+xml"
INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
PLACE = "platz"
_ROOT_ID = "umschlag@damtshilfe"


def make_mark() -> bytes:
    """What stands for a content until the package is written; no other text is like it."""
    return f"inhalt-{uuid.uuid4()}".encode("ascii")


def encode_mark(mark: bytes) -> str:
    """A mark as it stands in an element of the type base64Binary."""
    return base64.b64encode(mark).decode("ascii")


# Bytes, or a content with the size that it had when it was put there.
Piece = bytes | tuple[Content, int]


@dataclass(frozen=True)
class Package:
    """A request body that can be sent again, byte for byte; `len()` tells its size beforehand.

    Iterating raises ContentUnreadable where a content is gone or not as long as it was.
    """

    content_type: str
    pieces: tuple[Piece, ...]

    def __len__(self) -> int:
        return sum(len(piece) if isinstance(piece, bytes) else piece[1] for piece in self.pieces)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from read_chunks(*piece)


def write_package(
    envelope: Any,
    contents: Mapping[bytes, Content],
    envelope_type: str,
    raw: Mapping[bytes, Content] | None = None,
    referred: Mapping[str, Content] | None = None,
) -> Package:
    """Puts the contents beside the envelope, in which their marks stand.

    `envelope` is an element of lxml as zeep writes it, and changed here; `envelope_type` is the
    Content-Type that it would have alone, with its action; `raw` as in `write_envelope`, and
    `referred` are contents to which these elements refer, by their content ids. Raises OSError for
    a missing file.
    """
    boundary = f"teil-{uuid.uuid4()}"
    content_ids = {mark: f"{uuid.uuid4()}@damtshilfe" for mark in contents}
    _refer(envelope, content_ids)
    quoted = envelope_type.replace("\\", "\\\\").replace('"', '\\"')
    root_type = f'{XOP_TYPE}; charset=UTF-8; type="{quoted}"'
    root_head = _part_head(boundary, _ROOT_ID, root_type)
    pieces: list[Piece] = [root_head, *write_envelope(envelope, raw or {})]
    beside = {content_ids[mark]: content for mark, content in contents.items()}
    for content_id, content in {**beside, **(referred or {})}.items():
        head = _part_head(boundary, content_id, "application/octet-stream")
        pieces += [b"\r\n" + head, (content, content.size)]
    pieces.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    return Package(
        f'{PACKAGE_TYPE}; type="{XOP_TYPE}"; start="<{_ROOT_ID}>"; start-info="{quoted}"; '
        f'boundary="{boundary}"',
        tuple(pieces),
    )


def write_envelope(envelope: Any, raw: Mapping[bytes, Content]) -> tuple[Piece, ...]:
    """The envelope with elements put in as they are, at the places of their marks.

    `raw` has them in the order in which they stand in the envelope; their bytes are read when they
    are sent, in pieces. Raises OSError for a missing file.
    """
    pieces: list[Piece] = []
    rest: bytes = etree_to_string(envelope)
    for mark, element in raw.items():
        before, place, rest = rest.partition(write_place(mark).encode("ascii"))
        if not place:
            raise ValueError("the envelope has no place for an element")
        pieces += [before, (element, element.size)]
    return (*pieces, rest)


def write_place(mark: bytes) -> str:
    """What stands in an envelope for an element that is put in as it is."""
    return f"<{PLACE}>{encode_mark(mark)}</{PLACE}>"


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

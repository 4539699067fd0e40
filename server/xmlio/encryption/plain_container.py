"""xta:ContentContainer as it is encrypted: written in pieces, read within the limits."""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from lxml import etree

from server.domain.content import Content
from server.domain.stored_message import PartKind
from server.xmlio.base64_stream import encode_content
from server.xmlio.encryption.cipher import Plaintext
from server.xmlio.encryption.problems import ContentRefused
from server.xmlio.namespaces import XTA, name_in
from server.xmlio.safe_parsing import XmlLimits, XmlRejected
from server.xmlio.text_spans import Base64Content, RangeReader, Span, SpanScanner, is_base64

PART_NAMES = {
    PartKind.MESSAGE: name_in(XTA, "Message"),
    PartKind.ATTACHMENT: name_in(XTA, "Attachment"),
}
_KINDS = {name: kind for kind, name in PART_NAMES.items()}
_CONTAINER = name_in(XTA, "ContentContainer")
_WRAPPER = "inhalt"
_CHUNK = 256 * 1024
# UTF-8 marked as such, or an XML declaration: allowed, though a fragment needs neither.
_START = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml\s[^<>]{0,100}\?>)?",
)


class ContainerPart(NamedTuple):
    """A part of a ContentContainer; `attributes` are those of XTA ContentType."""

    kind: PartKind
    attributes: Mapping[str, str]
    content: Content


def write_plain_container(parts: Iterable[ContainerPart]) -> Iterator[bytes]:
    """The element with all its parts, in UTF-8."""
    container = etree.Element(_CONTAINER, nsmap={"xta": XTA})
    marked = []
    for part in parts:
        element = etree.SubElement(container, PART_NAMES[part.kind], dict(part.attributes))
        element.text = uuid.uuid4().hex
        marked.append((element.text.encode("ascii"), part.content))
    text = bytes(etree.tostring(container, encoding="UTF-8"))
    text = text.partition(b"?>")[2].lstrip() if text.startswith(b"<?xml") else text
    for mark, content in marked:
        before, _, text = text.partition(mark)
        yield before
        yield from encode_content(content)
    yield text


def read_plain_container(
    plaintext: Plaintext, context: Mapping[str | None, str], limits: XmlLimits
) -> tuple[ContainerPart, ...]:
    """The parts of a decrypted container; raises ContentRefused.

    `context` are the namespaces around the EncryptedData: a fragment may count on them. The
    contents are decrypted when they are read.
    """
    head, skipped = _write_head(context), _count_start(plaintext)

    def read() -> Iterator[bytes]:
        rest = skipped
        yield head
        for piece in plaintext.read_pieces():
            yield piece[rest:]
            rest = max(rest - len(piece), 0)
        yield f"</{_WRAPPER}>".encode()

    spans = _scan(read(), limits)
    # The same pieces again: the offsets are those of the wrapped text.
    reader = RangeReader(lambda: (piece for piece in read() if piece))
    parts = tuple(_to_part(span, reader) for span in spans)
    if not all(is_base64(content) for content in _contents(parts)):
        raise ContentRefused("Ein Teil des entschlüsselten Inhalts ist kein Base64.")
    return parts


def _scan(pieces: Iterator[bytes], limits: XmlLimits) -> tuple[Span, ...]:
    # Whatever stands at the place of a part or above it is looked at.
    scanner = SpanScanner(limits, lambda path: path[0] == _WRAPPER and len(path) in (2, 3))
    try:
        found = scanner.scan(pieces)
    except XmlRejected as rejected:
        raise ContentRefused(f"Entschlüsselt: {rejected.reason}") from None
    *parts, container = found or (None,)
    names = [part.path[-1] for part in parts if part]
    is_container = (
        container is not None
        and container.path == (_WRAPPER, _CONTAINER)
        and names[:1] == [PART_NAMES[PartKind.MESSAGE]]
        and set(names[1:]) <= {PART_NAMES[PartKind.ATTACHMENT]}
        and not any(part.has_children for part in parts if part)
    )
    if not is_container:
        raise ContentRefused("Entschlüsselt steht dort kein ContentContainer mit Base64-Inhalten.")
    return tuple(part for part in parts if part)


def _to_part(span: Span, reader: RangeReader) -> ContainerPart:
    content = Base64Content(reader, span.start, span.end)
    return ContainerPart(_KINDS[span.path[-1]], span.attributes, content)


def _contents(parts: Iterable[ContainerPart]) -> Iterator[Base64Content]:
    for part in parts:
        if isinstance(part.content, Base64Content):
            yield part.content


def _write_head(context: Mapping[str | None, str]) -> bytes:
    declarations = "".join(
        f" {f'xmlns:{prefix}' if prefix else 'xmlns'}={quoteattr(uri)}"
        for prefix, uri in context.items()
        if prefix
    )
    return f"<{_WRAPPER}{declarations}>".encode()


def _count_start(plaintext: Plaintext) -> int:
    found = _START.match(next(plaintext.read_chunks(256), b""))
    return found.end() if found else 0

"""Writing an answer: at once where it is small, as a stream where it carries much content."""

import uuid
from collections.abc import Collection, Iterable, Iterator

from lxml import etree

from server.domain.content import Content
from server.soap.dialect import Dialect
from server.soap.mtom import Attached, write_package
from server.xmlio.base64_stream import encode_content

# Up to this size (bytes of content) an answer is written as a whole, so that its length is known
# and an error while reading becomes a fault.
_WHOLE = 1024 * 1024


def write_response(
    envelope: etree._Element, attached: Collection[Attached], dialect: Dialect, is_package: bool
) -> tuple[str, Iterable[bytes]]:
    """The Content-Type and the bytes of an answer with its contents beside or within it."""
    if is_package:
        content_type, pieces = write_package(envelope, attached, dialect)
    else:
        content_type, pieces = dialect.content_type, _write_inline(envelope, attached)
    if sum(content.size for _, content in attached) > _WHOLE:
        return content_type, pieces
    return content_type, [b"".join(pieces)]


def _write_inline(envelope: etree._Element, attached: Collection[Attached]) -> Iterator[bytes]:
    # The tree holds a mark for each content, so that the content never stands in the tree.
    marks = [uuid.uuid4().hex for _ in attached]
    for mark, (element, _) in zip(marks, attached, strict=True):
        element.text = mark
    text = etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)
    return _fill_marks(text, marks, [content for _, content in attached])


def _fill_marks(text: bytes, marks: list[str], contents: list[Content]) -> Iterator[bytes]:
    for mark, content in zip(marks, contents, strict=True):
        before, _, text = text.partition(mark.encode("ascii"))
        yield before
        yield from encode_content(content)
    yield text

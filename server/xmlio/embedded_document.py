"""Documents within a message: elements whose text is a file in base64."""

import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True)
class EmbeddedDocument:
    """A document and where it stands; `content` is None where the text is no base64."""

    line: int
    element: str
    content: bytes | None


def decode_documents(found: object, root: etree._Element) -> Iterator[EmbeddedDocument]:
    """The documents that an XPath found: elements, attributes or a text."""
    for node in found if isinstance(found, list) else [found]:
        element = _find_element(node, root)
        text = "".join(map(str, node.itertext() if node is element else [node]))
        name = etree.QName(element).localname
        yield EmbeddedDocument(element.sourceline or 0, name, _decode(text))


def _find_element(node: object, root: etree._Element) -> etree._Element:
    if isinstance(node, etree._Element):
        return node
    # A text that lxml found knows its element; one that an XPath has made does not.
    parent = getattr(node, "getparent", lambda: None)()
    return root if parent is None else parent


def _decode(text: str) -> bytes | None:
    """White space may stand anywhere in xs:base64Binary, nothing else may."""
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        return None

"""A digest of what a message says, whatever its bytes: for recognising the same content again."""

import hashlib
from copy import deepcopy

from lxml import etree


def digest_content(root: etree._Element, volatile: etree.XPath | None) -> str:
    """SHA-256 (hex) over the canonical form (Canonical XML 1.0, without comments) of a message.

    Elements to which `volatile` leads do not count, nor does white space between elements. The
    message is not changed.
    """
    copy = deepcopy(root)
    for element in list(volatile(copy)) if volatile else ():
        parent = element.getparent() if isinstance(element, etree._Element) else None
        if parent is not None:
            parent.remove(element)
    for element in copy.iter():
        if _is_blank(element.text):
            element.text = None
        if _is_blank(element.tail):
            element.tail = None
    writer = _HashWriter()
    etree.ElementTree(copy).write_c14n(writer, with_comments=False)
    return writer.digest.hexdigest()


def _is_blank(text: str | None) -> bool:
    return text is not None and text.isspace()


class _HashWriter:
    """Hashes what is written, so that a large message does not stand in memory once more."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Takes any size."""
        self.digest.update(data)
        return len(data)

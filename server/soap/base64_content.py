"""xs:base64Binary: content that stands in the envelope."""

import base64
import binascii

from lxml import etree

from server.domain.content import InlineContent
from server.soap.wire_fault import malformed


def decode(element: etree._Element) -> InlineContent:
    """The content of an element; libxml2 lets broken base64 pass, this raises WireFault 9000."""
    try:
        return InlineContent(base64.b64decode("".join((element.text or "").split()), validate=True))
    except (binascii.Error, ValueError):
        name = etree.QName(element).localname
        raise malformed(f"Zeile {element.sourceline}: {name} ist kein Base64.") from None

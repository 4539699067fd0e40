"""WS-Addressing 1.0 on responses."""

import uuid

from lxml import etree

from server.xmlio.namespaces import WSA, name_in


def write_addressing(action: str, relates_to: str) -> tuple[etree._Element, ...]:
    """Header blocks of a response: the action of XTA outputs is that of their input."""
    return tuple(
        _block(name, text)
        for name, text in (
            ("Action", action),
            ("MessageID", f"urn:uuid:{uuid.uuid4()}"),
            ("RelatesTo", relates_to),
        )
    )


def _block(name: str, text: str) -> etree._Element:
    element = etree.Element(name_in(WSA, name), nsmap={"wsa": WSA})
    element.text = text
    return element

"""A message that somebody else wrote, on its way to the next server: nothing of it is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zeep.loader import parse_xml

from clients.contents import BytesContent, Content
from clients.mtom import write_place
from clients.xta.exchange import Exchange


@dataclass(frozen=True)
class ForwardedPart:
    """A part of the container with its attributes (XTA ContentType) as they stood.

    `kind` is "message", "attachment" or "encrypted"; the content of an encrypted container is its
    element xenc:EncryptedData (XML), and it has no other parts. `referred` are contents to which
    the element refers (xop:Include), by their content ids.
    """

    kind: str
    content: Content
    attributes: Mapping[str, str]
    referred: Mapping[str, Content] = field(default_factory=dict)


@dataclass(frozen=True)
class ForwardedMessage:
    """MessageMetaData and, where there is one, X509TokenContainer are XML as they stood."""

    metadata_xml: bytes
    parts: Sequence[ForwardedPart]
    tokens_xml: bytes | None = None


def write_headers(message: ForwardedMessage, exchange: Exchange) -> list[Any]:
    """The places of the header blocks; to be called before `write_forwarded`.

    As parsed elements they would get other prefixes, and signatures in them would break.
    """
    blocks = (message.metadata_xml, message.tokens_xml)
    marks = [exchange.add_raw(BytesContent(block)) for block in blocks if block is not None]
    return [parse_xml(write_place(mark), None) for mark in marks]


def write_forwarded(message: ForwardedMessage, exchange: Exchange) -> dict[str, object]:
    """The container; its contents go into the exchange."""
    first, *others = message.parts
    if first.kind == "encrypted":
        # It takes the place of the whole container when the envelope is written.
        mark = exchange.replace_container(first.content, first.referred)
        return {"Message": {"_value_1": mark, "contentType": "application/xml"}}
    container: dict[str, Any] = {"Message": None, "Attachment": []}
    for part in (first, *others):
        values = {"_value_1": exchange.add(part.content), **part.attributes}
        if part.kind == "message":
            container["Message"] = values
        else:
            container["Attachment"].append(values)
    return container

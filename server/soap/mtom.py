"""MTOM: parts that stand beside the envelope (SOAP MTOM 1.0, XOP 1.0)."""

import uuid
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import unquote

from lxml import etree

from server.domain.content import Content
from server.soap.content_type import ContentType
from server.soap.dialect import Dialect
from server.soap.multipart import Part
from server.soap.request_body import too_large
from server.soap.wire_fault import malformed
from server.xmlio.base64_stream import encode_content
from server.xmlio.namespaces import XOP, name_in

PACKAGE_TYPE = "multipart/related"
XOP_TYPE = "application/xop+xml"
_INCLUDE = name_in(XOP, "Include")
_ROOT_ID = "umschlag@damtshilfe"
_CHUNK = 256 * 1024

Attached = tuple[etree._Element, Content]


def is_package(content_type: ContentType) -> bool:
    """True where a request is a XOP package or some other multipart/related."""
    return content_type.media_type == PACKAGE_TYPE


def accepts_package(accept: str) -> bool:
    """True where the header Accept asks for a package by its name; a wildcard does not."""
    return any(name in accept.lower() for name in (PACKAGE_TYPE, XOP_TYPE))


def require_xop(content_type: ContentType) -> None:
    """Raises WireFault for multipart/related that is no XOP package."""
    if content_type.parameters.get("type", "").lower() != XOP_TYPE:
        raise malformed(
            f'Bei multipart/related wird nur MTOM angenommen (type="{XOP_TYPE}").',
        )


def detach_parts(
    root: etree._Element,
    parts: Mapping[str, Part],
    kept_apart: Collection[str],
    inline_bytes: int,
) -> dict[etree._Element, Content]:
    """Takes every xop:Include out of the envelope; raises WireFault 9000 and 9023.

    The content of an element named in `kept_apart` is returned by its element. Any other is
    written into the envelope, at most `inline_bytes` of all of them, as if it had come inline.
    """
    remaining = dict(parts)
    detached: dict[etree._Element, Content] = {}
    inlined = 0
    for include in list(root.iter(_INCLUDE)):
        element, content = _resolve(include, remaining)
        if element.tag in kept_apart:
            detached[element] = content
            continue
        inlined += content.size
        if inlined > inline_bytes:
            raise too_large("Der SOAP-Umschlag", inline_bytes)
        element.text = b"".join(encode_content(content)).decode("ascii")
    if remaining:
        raise malformed(f"Auf den Teil <{next(iter(remaining))}> verweist kein xop:Include.")
    return detached


def write_package(
    envelope: etree._Element, attached: Collection[Attached], dialect: Dialect
) -> tuple[str, Iterator[bytes]]:
    """The Content-Type and the bytes of a package with the contents beside the envelope."""
    boundary = f"teil-{uuid.uuid4()}"
    content_ids = [f"{uuid.uuid4()}@damtshilfe" for _ in attached]
    for content_id, (element, _) in zip(content_ids, attached, strict=True):
        element.text = None
        etree.SubElement(element, _INCLUDE, href=f"cid:{content_id}", nsmap={"xop": XOP})
    root = etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)
    content_type = (
        f'{PACKAGE_TYPE}; type="{XOP_TYPE}"; start="<{_ROOT_ID}>"; '
        f'start-info="{dialect.media_type}"; boundary="{boundary}"'
    )
    contents = [content for _, content in attached]
    return content_type, _write_parts(boundary, dialect, root, content_ids, contents)


def _write_parts(
    boundary: str,
    dialect: Dialect,
    root: bytes,
    content_ids: Collection[str],
    contents: Collection[Content],
) -> Iterator[bytes]:
    root_type = f'{XOP_TYPE}; charset=utf-8; type="{dialect.media_type}"'
    yield _part_head(boundary, _ROOT_ID, root_type) + root
    for content_id, content in zip(content_ids, contents, strict=True):
        yield b"\r\n" + _part_head(boundary, content_id, "application/octet-stream")
        yield from content.read_chunks(_CHUNK)
    yield f"\r\n--{boundary}--\r\n".encode("ascii")


def _part_head(boundary: str, content_id: str, content_type: str) -> bytes:
    return (
        f"--{boundary}\r\n"
        f"Content-Type: {content_type}\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n"
    ).encode("ascii")


def _resolve(include: etree._Element, remaining: dict[str, Part]) -> tuple[etree._Element, Content]:
    """The element that an Include stands for, emptied, and its content."""
    element = include.getparent()
    if element is None or not _is_only_content(include, element):
        raise malformed("Ein xop:Include muss der einzige Inhalt seines Elements sein.")
    href = (include.get("href") or "").strip()
    scheme, _, content_id = href.partition(":")
    part = remaining.pop(unquote(content_id), None) if scheme.lower() == "cid" else None
    if part is None:
        raise malformed(
            f"Zeile {include.sourceline}: Das xop:Include verweist mit „{href}“ auf keinen Teil "
            "der Anfrage, oder auf einen, der schon verwendet ist."
        )
    element.remove(include)
    element.text = None
    return element, part.content


def _is_only_content(include: etree._Element, element: etree._Element) -> bool:
    around = (element.text or "") + (include.text or "") + (include.tail or "")
    return len(element) == 1 and len(include) == 0 and not around.strip()

"""XOP packages written and read by hand, without any code of the server."""

import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

import requests
from lxml import etree

XOP = "http://www.w3.org/2004/08/xop/include"
ROOT_ID = "root@test"
BOUNDARY = "=_grenze.test"


@dataclass(frozen=True)
class RawPart:
    """A part as it goes out: header lines (without the blank one) and bytes."""

    headers: tuple[str, ...]
    content: bytes


def part(content_id: str, content: bytes, *headers: str) -> RawPart:
    """A binary part with a Content-ID, and further header lines."""
    return RawPart(
        (
            "Content-Type: application/octet-stream",
            "Content-Transfer-Encoding: binary",
            f"Content-ID: <{content_id}>",
            *headers,
        ),
        content,
    )


def root_part(envelope: bytes, action: str = "") -> RawPart:
    """The root part of a SOAP 1.2 package."""
    inner = f'application/soap+xml; action=\\"{action}\\"' if action else "application/soap+xml"
    return RawPart(
        (
            f'Content-Type: application/xop+xml; charset=UTF-8; type="{inner}"',
            "Content-Transfer-Encoding: binary",
            f"Content-ID: <{ROOT_ID}>",
        ),
        envelope,
    )


def write_package(parts: Sequence[RawPart], boundary: str = BOUNDARY) -> bytes:
    """multipart/related with these parts."""
    pieces = []
    for item in parts:
        head = "\r\n".join((f"--{boundary}", *item.headers, "", ""))
        pieces.append(head.encode("latin-1") + item.content + b"\r\n")
    return b"".join(pieces) + f"--{boundary}--\r\n".encode()


def package_type(boundary: str = BOUNDARY, start: str = f"<{ROOT_ID}>", action: str = "") -> str:
    """The Content-Type of a package."""
    inner = f'application/soap+xml; action=\\"{action}\\"' if action else "application/soap+xml"
    start_parameter = f'start="{start}"; ' if start else ""
    return (
        f'multipart/related; type="application/xop+xml"; {start_parameter}'
        f'start-info="{inner}"; boundary="{boundary}"'
    )


def include(content_id: str) -> str:
    """The element that refers to a part."""
    return f'<xop:Include xmlns:xop="{XOP}" href="cid:{content_id}"/>'


def read_package(response: requests.Response) -> tuple[etree._Element, dict[str, bytes]]:
    """Envelope and parts by Content-ID, as the standard library reads them."""
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + response.content, policy=email.policy.HTTP)
    start = message.get_param("start")
    parts = {str(item["Content-ID"]): item for item in message.iter_parts()}
    assert parts[str(start)].get_content_type() == "application/xop+xml"
    contents = {name: _read_payload(item) for name, item in parts.items()}
    root = etree.fromstring(contents.pop(str(start)))
    return root, {name.strip("<>"): content for name, content in contents.items()}


def _read_payload(item: Message) -> bytes:
    payload = item.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload

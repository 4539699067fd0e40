"""Base64 in pieces, both ways, so that contents never stand in memory as a whole."""

import binascii
import re
from collections.abc import Iterable, Iterator

from server.domain.content import Content

# White space may stand in a document as a character reference (canonical XML writes CR so).
_REFERENCES = re.compile(rb"&#(?:0*(?:9|10|13|32)|x0*(?:9|[aA]|[dD]|20));")
_LONGEST_REFERENCE = 16
_WHITE_SPACE = b" \t\r\n"
# A multiple of three: each piece is encoded by itself.
_CHUNK = 3 * 64 * 1024


class NotBase64(Exception):
    """A text that is no base64."""


def encode(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 of bytes in pieces, without line breaks."""
    rest = b""
    for piece in pieces:
        joined = rest + piece
        whole = len(joined) - len(joined) % 3
        rest = joined[whole:]
        if whole:
            yield binascii.b2a_base64(memoryview(joined)[:whole], newline=False)
    if rest:
        yield binascii.b2a_base64(rest, newline=False)


def encode_content(content: Content) -> Iterator[bytes]:
    """Content as base64, in pieces."""
    return encode(content.read_chunks(_CHUNK))


def count_encoded(size: int) -> int:
    """How long the base64 of so many bytes is."""
    return (size + 2) // 3 * 4


def decode(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of base64 text as it stands in a document, in pieces; raises NotBase64."""
    rest = b""
    for text in _strip(pieces):
        joined = rest + text
        whole = len(joined) - len(joined) % 4
        rest = joined[whole:]
        # Only the very end may be padded: what could be the end waits.
        if not rest and whole:
            whole, rest = whole - 4, joined[-4:]
        if whole:
            if joined.find(b"=", 0, whole) >= 0:
                raise NotBase64
            yield _decode(joined[:whole])
    if rest:
        yield _decode(rest)


def _decode(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise NotBase64 from None


def _strip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text without white space, however it is written."""
    held = b""
    for piece in pieces:
        text = held + piece
        held = b""
        if b"&" in text:
            start = text.rfind(b"&")
            if b";" not in text[start:] and len(text) - start < _LONGEST_REFERENCE:
                text, held = text[:start], text[start:]
            text = _REFERENCES.sub(b"", text)
        yield text.translate(None, _WHITE_SPACE)
    yield held

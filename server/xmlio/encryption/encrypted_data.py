"""xenc:EncryptedData as a document in the blob store: written, opened, and taken apart."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from lxml import etree

from server.domain.content import Content, InlineContent, cut_pieces
from server.xmlio.base64_stream import count_encoded, encode_content
from server.xmlio.encryption.problems import AlgorithmRefused, CannotDecrypt, ContentRefused
from server.xmlio.namespaces import XENC, XOP, name_in
from server.xmlio.safe_parsing import XmlLimits, XmlRejected, parse_document, parse_own
from server.xmlio.text_spans import Base64Content, RangeReader, Span, SpanScanner, is_base64

ENCRYPTED_DATA = name_in(XENC, "EncryptedData")
CIPHER_VALUE = name_in(XENC, "CipherValue")
_PATH = (ENCRYPTED_DATA, name_in(XENC, "CipherData"), CIPHER_VALUE)
_CHUNK = 256 * 1024
# All but the CipherValue: keys and certificates.
_LARGEST_SHELL = 1024 * 1024
_NOT_STANDARD = "Das EncryptedData ist nicht nach dem Standard aufgebaut."


@dataclass(frozen=True)
class EncryptedDocument:
    """An EncryptedData: `shell` is the element without its CipherValue, whose bytes lie apart."""

    shell: etree._Element
    cipher_value: etree._Element
    encrypted: Base64Content


def find_cipher_value(encrypted_data: etree._Element) -> etree._Element | None:
    """CipherData/CipherValue of the element itself, not of the keys within."""
    return encrypted_data.find("/".join(_PATH[1:]))


class JoinedDocument:
    """The document of a shell and the bytes of its CipherValue, as Content."""

    def __init__(self, shell: etree._Element, encrypted: Content) -> None:
        """`shell` is used up: a mark takes the place of the CipherValue."""
        cipher_value = find_cipher_value(shell)
        if cipher_value is None:
            raise ValueError("this EncryptedData has no CipherValue")
        mark = uuid.uuid4().hex
        cipher_value.text = mark
        text = etree.tostring(shell, with_tail=False)
        self._before, _, self._after = text.partition(mark.encode("ascii"))
        self._encrypted = encrypted

    @property
    def size(self) -> int:
        return len(self._before) + count_encoded(self._encrypted.size) + len(self._after)

    @cached_property
    def sha256(self) -> str:
        digest = sha256()
        for piece in self._join():
            digest.update(piece)
        return digest.hexdigest()

    def read(self) -> bytes:
        """The document."""
        return b"".join(self._join())

    def read_chunks(self, size: int) -> Iterator[bytes]:
        """The document in pieces of `size`."""
        return cut_pieces(self._join(), size)

    def _join(self) -> Iterator[bytes]:
        yield self._before
        yield from encode_content(self._encrypted)
        yield self._after


def open_document(document: Content, limits: XmlLimits) -> EncryptedDocument:
    """Takes a stored EncryptedData apart; raises ContentRefused, AlgorithmRefused.

    A CipherReference is refused: nothing is fetched from elsewhere.
    """
    try:
        span = _find_span(document, limits)
        shell = parse_document(_cut_out(document, span), limits)
    except XmlRejected as rejected:
        raise ContentRefused(rejected.reason) from None
    cipher_value = find_cipher_value(shell)
    if cipher_value is None:
        raise ContentRefused(_NOT_STANDARD)
    return EncryptedDocument(shell, cipher_value, _make_content(document, span))


def take_apart(
    document: Content,
) -> tuple[etree._Element, tuple[tuple[etree._Element, Content], ...]]:
    """A stored EncryptedData for the wire: the element, and the content of its CipherValue.

    Where it is built in another way, the element is whole and nothing lies beside it.
    """
    try:
        opened = open_document(document, XmlLimits())
    except CannotDecrypt:
        return parse_own(document.read()), ()
    if not is_base64(opened.encrypted):
        return parse_own(document.read()), ()
    return opened.shell, ((opened.cipher_value, opened.encrypted),)


def refer_to_content(document: Content) -> tuple[Content, dict[str, Content]]:
    """A stored EncryptedData for a package: its CipherValue refers to what goes beside (XOP).

    All else stays byte for byte. Contents are named by their content ids; where the document is
    built in another way, it is whole and refers to nothing.
    """
    try:
        span = _find_span(document, XmlLimits())
        encrypted = _make_content(document, span)
        around = _cut_out(document, span)
    except (CannotDecrypt, XmlRejected):
        return document, {}
    if not (is_base64(encrypted) and encrypted.size):
        return document, {}
    content_id = f"{uuid.uuid4()}@damtshilfe"
    include = f'<xop:Include xmlns:xop="{XOP}" href="cid:{content_id}"/>'.encode()
    return InlineContent(around[: span.start] + include + around[span.start :]), {
        content_id: encrypted
    }


def _find_span(document: Content, limits: XmlLimits) -> Span:
    """Where the CipherValue stands; raises XmlRejected, CannotDecrypt."""
    spans = SpanScanner(limits, lambda path: path == _PATH).scan(document.read_chunks(_CHUNK))
    if not spans:
        raise AlgorithmRefused("Der Inhalt steht nicht als CipherValue da.")
    if len(spans) > 1 or spans[0].has_children:
        raise ContentRefused(_NOT_STANDARD)
    return spans[0]


def _make_content(document: Content, span: Span) -> Base64Content:
    return Base64Content(RangeReader(lambda: document.read_chunks(_CHUNK)), span.start, span.end)


def _cut_out(document: Content, span: Span) -> bytes:
    """The document without the CipherValue; raises ContentRefused where that is still large."""
    if document.size - (span.end - span.start) > _LARGEST_SHELL:
        raise ContentRefused("Das EncryptedData ist neben dem Inhalt zu groß.")
    kept, position = bytearray(), 0
    for piece in document.read_chunks(_CHUNK):
        kept += piece[: max(span.start - position, 0)]
        kept += piece[max(span.end - position, 0) :]
        position += len(piece)
    return bytes(kept)

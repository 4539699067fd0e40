"""multipart/related as a stream (RFC 2387): parts are staged while they arrive."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from server.domain.content import ContentWriter, StagedContent, Staging
from server.soap.content_type import ContentType, parse_content_type
from server.soap.request_body import too_large
from server.soap.wire_fault import malformed

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# The parser warns of each broken request; the protocol logs each call itself.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

# Others would have to be decoded; XOP packages are binary (XOP 1.0, 4.1).
_TRANSFER_ENCODINGS = ("", "7bit", "8bit", "binary")


@dataclass(frozen=True)
class PackageLimits:
    """What a package may have: parts, bytes of the root part, and headers of each part."""

    parts: int
    root_bytes: int
    headers: int
    header_bytes: int


@dataclass(frozen=True)
class Part:
    """A part with its Content-ID (without the angle brackets)."""

    content_id: str
    content_type: ContentType
    content: StagedContent


@dataclass(frozen=True)
class Package:
    """The root part and all others by their Content-ID."""

    root: Part
    attached: Mapping[str, Part]

    def discard(self) -> None:
        """Gives back what has not been kept."""
        for part in (self.root, *self.attached.values()):
            part.content.discard()


def read_package(
    chunks: Iterable[bytes], content_type: ContentType, limits: PackageLimits, staging: Staging
) -> Package:
    """The parts of a package; raises WireFault 9000 and 9023, and stages nothing then."""
    reader = _PackageReader(content_type, limits, staging)
    try:
        return reader.read(chunks)
    except BaseException:
        reader.discard()
        raise


class _PackageReader:
    """Receives what the parser finds."""

    def __init__(self, content_type: ContentType, limits: PackageLimits, staging: Staging) -> None:
        self._boundary = content_type.parameters.get("boundary", "")
        self._root_id = _strip_brackets(content_type.parameters.get("start", ""))
        self._limits = limits
        self._staging = staging
        self._parts: list[Part] = []
        self._headers: dict[str, str] = {}
        self._name = bytearray()
        self._value = bytearray()
        self._writer: ContentWriter | None = None
        self._written = 0
        self._is_complete = False

    def read(self, chunks: Iterable[bytes]) -> Package:
        try:
            parser = self._make_parser()
            for chunk in chunks:
                parser.write(chunk)
        except FormParserError:
            raise malformed(
                "Der Aufbau der Anfrage (multipart/related) ist fehlerhaft oder überschreitet "
                f"die Grenzen ({self._limits.headers} Kopfzeilen je Teil mit je "
                f"{self._limits.header_bytes} Bytes)."
            ) from None
        if not self._is_complete:
            raise malformed("Die Anfrage (multipart/related) ist unvollständig.")
        return self._make_package()

    def discard(self) -> None:
        if self._writer:
            self._writer.discard()
        for part in self._parts:
            part.content.discard()

    def _make_parser(self) -> MultipartParser:
        if not self._boundary or not self._boundary.isascii():
            raise malformed("Der Content-Type multipart/related nennt keine gültige Grenze.")
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        return MultipartParser(
            self._boundary,
            callbacks,
            max_header_count=self._limits.headers,
            max_header_size=self._limits.header_bytes,
        )

    def _begin_part(self) -> None:
        if len(self._parts) >= self._limits.parts:
            raise malformed(f"Die Anfrage hat mehr als {self._limits.parts} Teile.")
        self._headers = {}

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        name = self._name.decode("latin-1").strip().lower()
        if name in self._headers:
            raise malformed(f"Ein Teil der Anfrage hat die Kopfzeile {name} mehrmals.")
        self._headers[name] = self._value.decode("latin-1").strip()
        self._name.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        encoding = self._headers.get("content-transfer-encoding", "").lower()
        if encoding not in _TRANSFER_ENCODINGS:
            raise malformed(f"Ein Teil der Anfrage ist als „{encoding}“ kodiert statt binary.")
        content_id = self._content_id()
        if any(part.content_id == content_id for part in self._parts):
            raise malformed(f"Die Content-ID <{content_id}> kommt mehrmals vor.")
        self._written = 0
        self._writer = self._staging.stage()

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._written += end - start
        if self._is_root() and self._written > self._limits.root_bytes:
            raise too_large("Der SOAP-Umschlag", self._limits.root_bytes)
        self._require_writer().write(memoryview(data)[start:end])

    def _end_part(self) -> None:
        content = self._require_writer().finish()
        self._writer = None
        content_type = parse_content_type(self._headers.get("content-type", ""))
        self._parts.append(Part(self._content_id(), content_type, content))

    def _end(self) -> None:
        self._is_complete = True

    def _content_id(self) -> str:
        return _strip_brackets(self._headers.get("content-id", ""))

    def _is_root(self) -> bool:
        return self._content_id() == self._root_id if self._root_id else not self._parts

    def _require_writer(self) -> ContentWriter:
        if self._writer is None:
            raise malformed("Ein Teil der Anfrage (multipart/related) hat keinen Kopf.")
        return self._writer

    def _make_package(self) -> Package:
        root = self._find_root()
        attached = {part.content_id: part for part in self._parts if part is not root}
        return Package(root, attached)

    def _find_root(self) -> Part:
        if not self._root_id:
            return self._parts[0] if self._parts else self._miss_root()
        found = (part for part in self._parts if part.content_id == self._root_id)
        return next(found, None) or self._miss_root()

    def _miss_root(self) -> Part:
        raise malformed("Der Anfrage (multipart/related) fehlt der Teil mit dem SOAP-Umschlag.")


def _strip_brackets(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">")

"""MTOM in: the parts of a package while they arrive, each in memory or in a file (RFC 2387).

zeep would hold all of it in memory and cut line ends off the parts.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from clients.contents import Content, ContentWriter, ReceivedContent

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# What is wrong with a package is told by an exception.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

# Others would have to be decoded; XOP packages are binary (XOP 1.0, 4.1).
_TRANSFER_ENCODINGS = ("", "7bit", "8bit", "binary")
_HEADERS = 32
_HEADER_BYTES = 8192


class PackageUnreadable(Exception):
    """An answer is no package, or one beyond the limits."""


class PackageIncomplete(PackageUnreadable):
    """An answer ends before its last boundary, as after a broken connection."""


@dataclass(frozen=True)
class AnswerLimits:
    """What an answer may have: bytes of the envelope and of each part beside it, and parts.

    An envelope with its contents inside counts as one: base64 takes a third more.
    """

    envelope_bytes: int = 256 * 1024 * 1024
    part_bytes: int = 1024 * 1024 * 1024
    parts: int = 1000


@dataclass(frozen=True)
class ReceivedPackage:
    """The envelope, and the contents beside it by their Content-ID (without brackets)."""

    envelope: bytes
    parts: Mapping[str, Content]

    def discard(self) -> None:
        """Removes the temporary files that nobody has claimed."""
        for content in self.parts.values():
            _discard(content)


def parse_media_type(header: str) -> Message:
    """A Content-Type, to be asked for `get_content_type`, `get_boundary` and `get_param`."""
    head = Message()
    head["Content-Type"] = header
    return head


def read_package(
    chunks: Iterable[bytes], content_type: str, limits: AnswerLimits, folder: Path | None = None
) -> ReceivedPackage:
    """Reads a package to its end; its larger parts lie in `folder`, or with temporary files.

    Raises PackageUnreadable, and what reading `chunks` raises; then no file is left.
    """
    reader = _PackageReader(parse_media_type(content_type), limits, folder)
    try:
        return reader.read(chunks)
    except BaseException:
        reader.discard()
        raise


class _PackageReader:
    """Receives what the parser finds."""

    def __init__(self, media_type: Message, limits: AnswerLimits, folder: Path | None) -> None:
        self._boundary = media_type.get_boundary() or ""
        self._root_id = _strip_brackets(str(media_type.get_param("start") or ""))
        self._limits = limits
        self._folder = folder
        self._envelope: bytearray | None = None
        self._parts: dict[str, Content] = {}
        self._headers: dict[str, str] = {}
        self._name = bytearray()
        self._value = bytearray()
        self._content_id = ""
        self._is_root = False
        self._writer: ContentWriter | None = None
        self._is_complete = False

    def read(self, chunks: Iterable[bytes]) -> ReceivedPackage:
        parser = self._make_parser()
        try:
            for chunk in chunks:
                parser.write(chunk)
        except FormParserError as error:
            raise PackageUnreadable(f"the answer is no multipart/related: {error}") from None
        if not self._is_complete:
            raise PackageIncomplete("the answer ends within its parts")
        if self._envelope is None:
            raise PackageUnreadable("the answer has no part with the envelope")
        return ReceivedPackage(bytes(self._envelope), self._parts)

    def discard(self) -> None:
        if self._writer:
            self._writer.discard()
        for content in self._parts.values():
            _discard(content)

    def _make_parser(self) -> MultipartParser:
        if not self._boundary or not self._boundary.isascii():
            raise PackageUnreadable("the answer is multipart/related, but names no boundary")
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
            self._boundary, callbacks, max_header_count=_HEADERS, max_header_size=_HEADER_BYTES
        )

    def _begin_part(self) -> None:
        self._headers = {}

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        name = self._name.decode("latin-1").strip().lower()
        self._headers[name] = self._value.decode("latin-1").strip()
        self._name.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        encoding = self._headers.get("content-transfer-encoding", "").lower()
        if encoding not in _TRANSFER_ENCODINGS:
            raise PackageUnreadable(f"a part of the answer is encoded as {encoding}")
        self._content_id = _strip_brackets(self._headers.get("content-id", ""))
        is_first = self._envelope is None and not self._parts
        self._is_root = self._content_id == self._root_id if self._root_id else is_first
        if self._is_root and self._envelope is None:
            self._envelope = bytearray()
        elif self._is_root or self._content_id in self._parts:
            raise PackageUnreadable(f"two parts of the answer are named <{self._content_id}>")
        elif len(self._parts) >= self._limits.parts:
            _exceed(f"{self._limits.parts} parts")
        else:
            self._writer = ContentWriter(self._folder)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_root and self._envelope is not None:
            self._envelope += memoryview(data)[start:end]
            if len(self._envelope) > self._limits.envelope_bytes:
                _exceed(f"{self._limits.envelope_bytes} bytes of its envelope")
            return
        writer = self._require_writer()
        writer.write(memoryview(data)[start:end])
        if writer.size > self._limits.part_bytes:
            _exceed(f"{self._limits.part_bytes} bytes of a part")

    def _end_part(self) -> None:
        if not self._is_root:
            self._parts[self._content_id] = self._require_writer().finish()
            self._writer = None
        self._is_root = False

    def _end(self) -> None:
        self._is_complete = True

    def _require_writer(self) -> ContentWriter:
        if self._writer is None:
            raise PackageUnreadable("a part of the answer has no head")
        return self._writer


def _exceed(limit: str) -> NoReturn:
    raise PackageUnreadable(f"the answer has more than the allowed {limit}")


def _discard(content: Content) -> None:
    if isinstance(content, ReceivedContent):
        content.discard()


def _strip_brackets(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">")

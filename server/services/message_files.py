"""Files of a message for a person: their names, one of them, or all of them as ZIP.

The ZIP is made while it is read: no file of it is held in memory, and none lies on a disk.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from clients.fachverfahren.names import number_names, to_safe_name
from server.domain.content import Content
from server.domain.stored_message import ContentPart, PartKind

_CHUNK_BYTES = 256 * 1024
# What is pressed already gains nothing by it.
_PRESSED = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".zip", ".docx", ".xlsx"})
_NAMES = {PartKind.MESSAGE: "nachricht.xml", PartKind.ENCRYPTED: "verschluesselt.xml"}


@dataclass(frozen=True)
class MessageFile:
    """A part of a message and where its bytes are read from; `name` is safe as a name of a file.

    `position` is its place among the parts as they are shown.
    """

    position: int
    kind: PartKind
    name: str
    size: int
    content: Content


def name_part(part: ContentPart, position: int) -> str:
    """A safe name of a part on its own."""
    given = part.attributes.get("filename", "")
    return to_safe_name(given or _NAMES.get(part.kind, ""), f"Anlage-{position}")


def make_upload_names(originals: Sequence[str]) -> list[str]:
    """Safe names for files that a browser sends, no two of them alike."""
    return number_names(originals)


def list_files(parts: Sequence[tuple[ContentPart, Content]]) -> tuple[MessageFile, ...]:
    """The files of a message; no two of them have names that a system takes for the same."""
    names = number_names(name_part(part, number) for number, (part, _) in enumerate(parts))
    return tuple(
        MessageFile(number, part.kind, name, content.size, content)
        for number, ((part, content), name) in enumerate(zip(parts, names, strict=True))
    )


def write_zip(files: Sequence[MessageFile], moment: datetime) -> Iterator[bytes]:
    """The files as ZIP, piece by piece; `moment` is the time that stands at each."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for file in files:
            info = zipfile.ZipInfo(file.name, moment.timetuple()[:6])
            is_pressed = PurePosixPath(file.name).suffix.lower() in _PRESSED
            info.compress_type = zipfile.ZIP_STORED if is_pressed else zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            # Of unknown length until it is read: more than 4 GiB are allowed for.
            with archive.open(info, "w", force_zip64=True) as entry:
                for chunk in file.content.read_chunks(_CHUNK_BYTES):
                    entry.write(chunk)
                    yield from sink.take()
            yield from sink.take()
    yield from sink.take()


class _Sink(io.RawIOBase):
    """Takes what the archive writes, and gives it on; nothing is read back from it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type] # any buffer
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> Iterator[bytes]:
        """What has been written since the last time."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)

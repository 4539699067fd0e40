"""The parts of a message's container: bytes, files, or what came in."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clients.contents import BytesContent, Content, FileContent, read_whole, save_into

_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class WirePart:
    """A part of the container (XTA ContentType): its bytes with their description.

    `source` holds the bytes, or says where they are read from: a file, or anything else that can
    be opened again and again. A file must not change until `send` has returned.
    """

    source: bytes | Path | Content
    content_type: str
    filename: str = ""

    @classmethod
    def from_file(cls, path: Path, content_type: str = "") -> "WirePart":
        """A file under its own name; without a `content_type`, what its ending says."""
        guessed = content_type or mimetypes.guess_type(path.name)[0] or _UNKNOWN_TYPE
        return cls(path, guessed, path.name)

    @property
    def content(self) -> bytes:
        """All bytes, in memory."""
        return self.source if isinstance(self.source, bytes) else read_whole(self.as_content())

    @property
    def size(self) -> int:
        """The number of bytes; raises OSError where the file is gone."""
        return self.as_content().size

    def open(self) -> BinaryIO:
        """A new stream over the bytes; the caller closes it."""
        return self.as_content().open()

    def save_to(self, folder: Path, name: str = "") -> Path:
        """Writes the bytes into a folder and returns the path.

        The file is named `name`, or as the part is; where that is taken, a number is added. What
        would lead out of the folder is cut off. It is there completely or, after an OSError, not
        at all.
        """
        return save_into(self.as_content(), folder, name or self.filename)

    def as_content(self) -> Content:
        """What can be opened."""
        if isinstance(self.source, bytes):
            return BytesContent(self.source)
        return FileContent(self.source) if isinstance(self.source, Path) else self.source

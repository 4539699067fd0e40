"""Contents of messages: bytes that can be read again, whether they lie in memory or in a file."""

import os
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

_CHUNK = 256 * 1024
# Up to this size a received content stays in memory.
_IN_MEMORY = 1024 * 1024
_STAGED = ".eingang-"
_STEM_BYTES, _SUFFIX_BYTES = 150, 50


class ContentUnreadable(Exception):
    """A content could not be read to its end, or changed while it was being sent."""


class Content(Protocol):
    """Bytes of a known size that can be opened again and again."""

    @property
    def size(self) -> int:
        """The number of bytes."""

    def open(self) -> BinaryIO:
        """A new stream from the first byte; the caller closes it."""


@dataclass(frozen=True)
class BytesContent:
    """A content in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data)

    def open(self) -> BinaryIO:
        """A new stream over the bytes."""
        return BytesIO(self.data)


@dataclass(frozen=True)
class FileContent:
    """A content in a file, which must not change while it is being sent."""

    path: Path

    @property
    def size(self) -> int:
        """The number of bytes; raises OSError where there is no such file."""
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        """A new stream over the file; raises OSError."""
        return self.path.open("rb")


class ReceivedContent:
    """A content that came in, in a temporary file of its own.

    The file goes with the object, or with `discard`; `claim` makes it the caller's.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._removal = weakref.finalize(self, _remove, path)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self._size

    def open(self) -> BinaryIO:
        """A new stream over the file."""
        return self._path.open("rb")

    def is_staged_in(self, folder: Path) -> bool:
        """True where the temporary file lies in this folder and has not been claimed."""
        return self._removal.alive and self._path.parent.samefile(folder)

    def claim(self, path: Path) -> None:
        """Moves the file to a path on the same file system, where it stays."""
        self._path.replace(path)
        self._removal.detach()
        self._path = path

    def discard(self) -> None:
        """Removes the file, where it has not been claimed."""
        self._removal()


class ContentWriter:
    """Takes a content in pieces: into memory, and beyond 1 MiB into a temporary file.

    The file lies in `folder`, or where temporary files lie.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: bytearray | None = bytearray()
        self._file: BinaryIO | None = None
        self._path = Path()
        self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Adds a piece; raises OSError where there is no room."""
        self.size += len(data)
        if self._memory is not None and self.size <= _IN_MEMORY:
            self._memory += data
            return
        self._require_file().write(data)

    def finish(self) -> Content:
        """The whole content."""
        if self._memory is not None:
            return BytesContent(bytes(self._memory))
        return self.finish_file()

    def finish_file(self) -> ReceivedContent:
        """The whole content, in a file however small it is."""
        file = self._require_file()
        file.flush()
        if self._folder:
            os.fsync(file.fileno())
        file.close()
        return ReceivedContent(self._path, self.size)

    def discard(self) -> None:
        """Leaves nothing behind; not to be called after `finish`."""
        if self._file:
            self._file.close()
            _remove(self._path)

    def _require_file(self) -> BinaryIO:
        if self._file is None:
            handle, name = tempfile.mkstemp(prefix=_STAGED, dir=self._folder)
            self._path, self._file = Path(name), os.fdopen(handle, "wb")
            self._file.write(self._memory or b"")
            self._memory = None
        return self._file


def read_chunks(content: Content, size: int) -> Iterator[bytes]:
    """The bytes in pieces; raises ContentUnreadable unless there are `size` of them."""
    remaining = size
    try:
        with content.open() as stream:
            while chunk := stream.read(_CHUNK):
                remaining -= len(chunk)
                if remaining < 0:
                    break
                yield chunk
    except OSError as error:
        raise ContentUnreadable(str(error)) from error
    if remaining:
        raise ContentUnreadable(f"a content of {size} bytes changed while it was being read")


def read_whole(content: Content) -> bytes:
    """All bytes, in memory."""
    with content.open() as stream:
        return stream.read()


def save_into(content: Content, folder: Path, name: str) -> Path:
    """Puts a content into a folder, under this name or one like it that is free; returns its path.

    `name` may come from somebody else: it leads to no other folder. No other file is replaced,
    and when this returns the bytes are on the disk. A received content that is staged in the
    same folder is not copied. Only the own user may read the file.
    """
    target = _reserve(folder, make_safe_name(name))
    try:
        if isinstance(content, ReceivedContent) and content.is_staged_in(folder):
            content.claim(target)
        else:
            _copy(content, target)
        _flush_folder(folder)
    except BaseException:
        _remove(target)
        raise
    return target


def make_safe_name(name: str) -> str:
    """The last part of a path, without what file systems do not take; never empty or hidden."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char if char.isprintable() and char not in ':*?"<>|' else "_" for char in last)
    stem, dot, suffix = kept.strip(" .").rpartition(".")
    return f"{_cut(stem, _STEM_BYTES)}{dot}{_cut(suffix, _SUFFIX_BYTES)}" or "anlage"


def _cut(text: str, size: int) -> str:
    # File systems count bytes (255), and a character may have four.
    return text.encode()[:size].decode(errors="ignore")


def _reserve(folder: Path, name: str) -> Path:
    """An empty file that nobody else has: `name`, else `name-2` and so on."""
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
        try:
            path.open("xb").close()
        except FileExistsError:
            number += 1
        else:
            return path


def _copy(content: Content, target: Path) -> None:
    writer = ContentWriter(target.parent)
    try:
        for chunk in read_chunks(content, content.size):
            writer.write(chunk)
        copy = writer.finish_file()
    except BaseException:
        writer.discard()
        raise
    copy.claim(target)


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)

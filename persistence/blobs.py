"""The blob store: payloads in a folder, named by their SHA-256.

Content is staged while it comes in, and kept by flushing it to the disk and renaming it, so that
a blob is complete or not there at all. It is durable before the row that names it is committed.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path

from server.domain.content import Content

_STAGING = "eingang"
_COPY_SIZE = 256 * 1024


class BlobMissing(Exception):
    """A row names a blob that the store does not hold: the store was damaged from outside."""


class BlobStoreDown(BlobMissing):
    """The whole store is not there: whether it holds the blob is not known."""


@dataclass(frozen=True)
class FileContent:
    """Content in a file; as a blob it stays there, staged it may go any moment."""

    path: Path
    size: int
    sha256: str

    def read(self) -> bytes:
        """All bytes; raises BlobMissing."""
        return b"".join(self.read_chunks(_COPY_SIZE))

    def read_chunks(self, size: int) -> Iterator[bytes]:
        """All bytes in pieces of `size`; raises BlobMissing."""
        try:
            with self.path.open("rb", buffering=0) as file:
                while chunk := file.read(size):
                    yield chunk
        except FileNotFoundError:
            raise BlobMissing(self.sha256) from None

    def discard(self) -> None:
        """Removes a staged file; a file that was kept has left this place."""
        self.path.unlink(missing_ok=True)


class FileWriter:
    """Writes a staged file and hashes it on the way.

    A thread that hashes and flushes beside the receiving one was tried: it is not faster.
    """

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix="teil-")
        self._file = FileIO(descriptor, "wb")
        self._path = Path(name)
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Appends."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._hash.update(data)
        self._size += len(data)

    def finish(self) -> FileContent:
        """The complete content; it is not on the disk for sure before it is kept."""
        self._file.close()
        return FileContent(self._path, self._size, self._hash.hexdigest())

    def discard(self) -> None:
        """Closes and removes the file."""
        self._path.unlink(missing_ok=True)
        self._file.close()


class FolderBlobs:
    """Blobs below one folder, spread over 256 sub folders, and a folder for what comes in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._staging = folder / _STAGING

    def stage(self) -> FileWriter:
        """A writer for content that comes in."""
        self._staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileWriter(self._staging)

    def keep(self, content: Content) -> str:
        """Makes content durable and returns its SHA-256 in hex; the same bytes are kept once.

        Staged content is moved to its place without being copied.
        """
        target = self._path(content.sha256)
        if not target.exists():
            self._place(self._to_file(content), target)
        # Also for a blob that was there: its writer may not have come to this point yet.
        flush_folder(target.parent)
        return content.sha256

    def find(self, sha256: str, size: int) -> FileContent:
        """The content of a blob; raises BlobMissing where it is not there or was cut off.

        Raises BlobStoreDown where the folder of the store is gone.
        """
        content = FileContent(self._path(sha256), size, sha256)
        try:
            is_whole = content.path.stat().st_size == size
        except FileNotFoundError:
            if not self._folder.is_dir():
                raise BlobStoreDown(f"{self._folder} ist nicht da.") from None
            is_whole = False
        if not is_whole:
            raise BlobMissing(sha256)
        return content

    def discard_leftovers(self, before: datetime) -> int:
        """Removes staged files whose process ended before it could; returns how many."""
        if not self._staging.is_dir():
            return 0
        old = [path for path in self._staging.iterdir() if _changed(path) < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _to_file(self, content: Content) -> FileContent:
        if isinstance(content, FileContent):
            return content
        writer = self.stage()
        try:
            for chunk in content.read_chunks(_COPY_SIZE):
                writer.write(chunk)
            return writer.finish()
        except BaseException:
            writer.discard()
            raise

    def _place(self, content: FileContent, target: Path) -> None:
        try:
            _flush_file(content.path)
            self._make_folder(target.parent)
            os.replace(content.path, target)
        except BaseException:
            content.discard()
            raise

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    _flush(folder, os.O_RDONLY)


def _flush_file(path: Path) -> None:
    _flush(path, os.O_RDWR)


def _flush(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")

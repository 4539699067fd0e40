"""The blob store: payloads in a folder, named by their SHA-256.

A blob is written to a temporary name, flushed to the disk and renamed, so that it is complete
or not there at all. It is durable before the row that names it is committed.
"""

import hashlib
import os
import tempfile
from pathlib import Path


class BlobMissing(Exception):
    """A row names a blob that the store does not hold: the store was damaged from outside."""


class FolderBlobs:
    """Blobs below one folder, spread over 256 sub folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Stores the bytes durably and returns their SHA-256 in hex; the same bytes once."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._path(sha256)
        if not target.exists():
            self._write(target, content)
        # Also for a blob that was there: its writer may not have come to this point yet.
        flush_folder(target.parent)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes of a blob; raises BlobMissing."""
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(sha256) from None

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _write(self, target: Path, content: bytes) -> None:
        is_new_folder = not target.parent.exists()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_new_folder:
            flush_folder(target.parent.parent)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def flush_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

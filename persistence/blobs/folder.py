"""Blobs as files below one folder, spread over 256 sub folders."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO, cast

from persistence.blobs.failures import BlobStoreUnavailable
from persistence.blobs.names import is_name, spread


class FolderShelf:
    """A file is there complete or not at all: it is flushed, renamed, and its name flushed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, path: Path, name: str) -> None:
        """Moves a complete file to its place, durably; raises OSError."""
        target = self._path(name)
        if not target.exists():
            _flush_file(path)
            self._make_folder(target.parent)
            os.replace(path, target)
        # Also for a file that was there: whoever placed it may not have come to this point yet.
        flush_folder(target.parent)

    def measure(self, name: str) -> int | None:
        """Bytes of the file; None where it is not there.

        Raises BlobStoreUnavailable where the whole folder is gone: a disk that is not mounted
        says nothing about the blob.
        """
        try:
            return os.stat(self._locate(name)).st_size
        except FileNotFoundError:
            if not self._folder.is_dir():
                raise BlobStoreUnavailable(f"der Ordner {self._folder} ist nicht da") from None
            return None

    @contextmanager
    def open(self, name: str, size: int) -> Iterator[BinaryIO]:
        """The file of `size` bytes for reading; raises FileNotFoundError."""
        with FileIO(self._locate(name)) as file:
            yield cast("BinaryIO", file)

    def list_names(self) -> Iterator[tuple[str, ...]]:
        """The names of all blobs, in batches."""
        if not self._folder.is_dir():
            return
        for folder in sorted(self._folder.iterdir()):
            if folder.is_dir():
                names = (path.name for path in folder.iterdir())
                yield tuple(sorted(name for name in names if is_name(name)))

    def delete(self, names: Iterable[str]) -> None:
        """Removes blobs; one that is not there is no error."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return Path(self._locate(name))

    def _locate(self, name: str) -> str:
        """As text: a Path takes thirty times as long to make, and there are many of them."""
        return f"{self._folder}/{spread(name)}/{name}"

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

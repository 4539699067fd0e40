"""The output `folder`: batches are laid into a folder that the print shop watches."""

import os
import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from server.printing.options import OptionPath, OutputOptions, read_options
from server.printing.output import OutputSetup
from server.printing.outputs.drop import Drop


class FolderOptions(OutputOptions):
    """Options: `folder`, the folder that is watched; it is made where it is missing."""

    folder: OptionPath


class FolderOutput(Drop):
    """Hands over as `drop` says, in a folder of this machine (or one that it has mounted)."""

    def __init__(self, setup: OutputSetup) -> None:
        self._folder = read_options(FolderOptions, setup).folder
        super().__init__(setup.name, self._open, str(self._folder))

    def _open(self) -> AbstractContextManager["LocalFiles"]:
        self._folder.mkdir(parents=True, exist_ok=True)
        return nullcontext(LocalFiles(self._folder))


class LocalFiles:
    """Files below a folder; what was renamed is on the disk when the call returns. See DropFiles.

    Nothing counts before it bears its name, and files that go to the disk side by side are there
    sooner than one after the other.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder."""
        return (self._root / path).exists()

    def make_folder(self, path: str) -> None:
        """Makes a folder."""
        (self._root / path).mkdir(exist_ok=True)

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Writes a file, which begins to go to the disk."""
        with (self._root / path).open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            # Linux begins to write the pages of the file (fadvise(2)) and drops none of these.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def rename(self, path: str, target: str) -> None:
        """Renames what is flushed, with the names on either side flushed."""
        source, goal = self._root / path, self._root / target
        if source.is_dir():
            for file in sorted(source.iterdir()):
                _flush(file)
        _flush(source)
        source.rename(goal)
        _flush(goal.parent)

    def remove(self, path: str) -> None:
        """Removes a file or a folder with all in it."""
        target = self._root / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def list_names(self, path: str) -> tuple[str, ...]:
        """The names in a folder."""
        folder = self._root / path
        return tuple(item.name for item in folder.iterdir()) if folder.is_dir() else ()

    def read(self, path: str, limit: int) -> bytes:
        """The beginning of a file."""
        with (self._root / path).open("rb") as file:
            return file.read(limit)

    def find_changed(self, path: str) -> datetime:
        """When the file was changed."""
        return datetime.fromtimestamp((self._root / path).stat().st_mtime, UTC)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

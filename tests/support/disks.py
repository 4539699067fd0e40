"""A small disk of its own for the data of an installation: it can be filled, and be read-only."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FILLER = "voll"
_PIECE = 4096


@dataclass(frozen=True)
class Disk:
    """A file system in memory, mounted at a folder."""

    folder: Path

    def fill(self) -> None:
        """Leaves no free byte."""
        try:
            with (self.folder / _FILLER).open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(_PIECE))
        except OSError as error:
            assert error.errno == errno.ENOSPC, error

    def free(self) -> None:
        """Takes back what `fill` took."""
        (self.folder / _FILLER).unlink()

    def set_readonly(self) -> None:
        """Refused (EBUSY) while a file is open for writing."""
        _mount("-o", "remount,ro", str(self.folder))

    def set_writable(self) -> None:
        """As it was."""
        _mount("-o", "remount,rw", str(self.folder))


def find_reason_to_skip() -> str:
    """Why nothing can be mounted here; empty where it can."""
    if os.geteuid() != 0:
        return "only root can mount a disk"
    probe = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "probe", "/mnt"],
        capture_output=True,
        check=False,
    )
    return "" if probe.returncode == 0 else "no file system can be mounted here"


@contextmanager
def data_on_a_disk(installation_folder: Path, mebibytes: int) -> Iterator[Disk]:
    """Moves the data of an installation, and its print output, to a disk of this size."""
    folder, output = installation_folder / "daten", installation_folder / "druck"
    folder.mkdir(exist_ok=True)
    aside = folder.rename(installation_folder / "daten-vorher")
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={mebibytes}m", "damtshilfe-test", str(folder))
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        shutil.rmtree(output, ignore_errors=True)
        (folder / "druck").mkdir()
        output.symlink_to(folder / "druck")
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)

"""The folders of the connector: whether they can be used, and the lock that makes them its own."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from clients.fachverfahren.durable import clear_folder
from clients.fachverfahren.settings import FolderSettings, list_folders

_LOCK = ".damtshilfe-connect.lock"
_PROBE = ".damtshilfe-connect.probe"
_PARTS = ("staging", "jobs", "arriving", "reports")


class FolderTaken(Exception):
    """Another connector works on a folder; the text is German."""


class Workspace:
    """Where what lies; the parts of `state` belong to the connector alone."""

    def __init__(self, folders: FolderSettings) -> None:
        self.folders = folders
        self.staging, self.jobs, self.arriving, self.reports = (
            folders.state / part for part in _PARTS
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the lock on every folder; raises FolderTaken. A dead process holds none."""
        with ExitStack() as stack:
            for _, folder in list_folders(self.folders):
                stack.enter_context(_lock(folder))
            for part in (self.jobs, self.arriving, self.reports):
                part.mkdir(exist_ok=True)
            clear_folder(self.staging)
            yield


def create_folders(folders: FolderSettings) -> None:
    """Makes the folders that are missing."""
    for _, folder in list_folders(folders):
        folder.mkdir(parents=True, exist_ok=True)


def find_folder_problems(folders: FolderSettings) -> list[str]:
    """What is wrong with the folders (German sentences).

    A folder that is missing is not made here: it may be a share that is not mounted.
    """
    missing = [
        f"{key}: Den Ordner {path} gibt es nicht."
        for key, path in list_folders(folders)
        if not path.is_dir()
    ]
    return missing or [
        f"{key}: {problem}"
        for key, path in list_folders(folders)
        if (problem := _find_problem(folders.state, path))
    ]


def _find_problem(state: Path, folder: Path) -> str:
    """Tries what the connector needs: a file of `state` moves there by renaming."""
    source, target = state / f"{_PROBE}-{os.getpid()}", folder / _PROBE
    try:
        source.touch()
        os.rename(source, target)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return f"Der Ordner {folder} liegt auf einem anderen Dateisystem als {state}."
        return f"In den Ordner {folder} kann nicht geschrieben werden: {error.strerror}."
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
    return ""


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    # The file stays: who removed it could lock another one of the same name.
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(
                f"Mit dem Ordner {folder} arbeitet bereits eine andere Anbindung "
                "(damtshilfe connect). Bitte nur eine je Ordner starten."
            ) from None
        yield
    finally:
        os.close(descriptor)

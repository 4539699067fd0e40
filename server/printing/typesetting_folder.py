"""Folders for the compiler of letters, and those that killed processes left behind.

Whoever has a folder holds a lock on it, which ends with the process however that ends. So what
nobody holds was left.
"""

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path

_PREFIX = "damtshilfe-satz-"
# One that was just made may not be held yet.
_YOUNG_SECONDS = 60


class TypesettingFolder:
    """A folder among the temporary ones, for its user alone; gone when this object is."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX)
        self.path = Path(self._folder.name)
        self._hold()

    def restore(self) -> None:
        """Makes it anew, without files, where somebody has removed it."""
        if not self.path.exists():
            self.path.mkdir(mode=0o700)
            self._hold()

    def _hold(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        weakref.finalize(self, os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_SH)


def clear_left_folders() -> int:
    """Removes the folders of this user that no process holds; how many these were."""
    left = [path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_left(path)]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _is_left(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        # It has gone meanwhile, or is none of ours.
        return False
    try:
        state = os.fstat(descriptor)
        is_old = time.time() - state.st_mtime > _YOUNG_SECONDS
        return state.st_uid == os.geteuid() and is_old and _is_free(descriptor)
    finally:
        os.close(descriptor)


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

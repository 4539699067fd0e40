"""A file that goes to the disk while it is written: so its fsync has less left to do."""

import os
from io import FileIO
from typing import Any

# So much is handed to the disk at once: enough for long writes, little enough to begin early.
_WINDOW = 4 * 1024 * 1024


class EagerFile(FileIO):
    """Asks the kernel to begin writing what is complete; durable it is after an fsync only."""

    def __init__(self, path: str | os.PathLike[str], mode: str) -> None:
        super().__init__(path, mode)
        self._begun = 0
        self._written = 0

    def write(self, data: Any) -> int:
        """Appends, like FileIO."""
        number = super().write(data)
        self._written += number
        if self._written - self._begun >= _WINDOW:
            self._begin()
        return number

    def _begin(self) -> None:
        # Linux begins to write dirty pages of the range (fadvise(2)) and drops none of these.
        size = self._written - self._begun
        os.posix_fadvise(self.fileno(), self._begun, size, os.POSIX_FADV_DONTNEED)
        self._begun = self._written

"""Files with the keys of readers: a folder for each reader, a file (0600) for each key.

The files alone say which keys are held; the database knows nothing of them.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from persistence.blobs.folder import flush_folder

_ENDING = ".pem"
_NOT_FOR_OTHERS = 0o077


class ReaderKeyFiles:
    """Keeps and finds key files by the name of their owner and the fingerprint of the key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_all(self, owner: str) -> tuple[bytes, ...]:
        """The contents of the owner's files."""
        return tuple(path.read_bytes() for path in self._list(owner))

    def find_version(self, owner: str) -> int:
        """Another number whenever a file was added or removed; 0 where there never was one."""
        try:
            return self._place(owner).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def add(self, owner: str, fingerprint: str, content: bytes) -> bool:
        """Keeps a key durably; False where it is there already."""
        folder = self._place(owner)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{fingerprint}{_ENDING}"
        if path.exists():
            return False
        unfinished = folder / f"{fingerprint}.{os.getpid()}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        flush_folder(folder)
        flush_folder(self._folder)
        return True

    def remove(self, owner: str, fingerprint: str) -> None:
        """Takes a key away for good."""
        folder = self._place(owner)
        (folder / f"{fingerprint}{_ENDING}").unlink(missing_ok=True)
        flush_folder(folder)

    def find_readable_by_others(self) -> tuple[Path, ...]:
        """The files that not only their owner may read."""
        paths = sorted(self._folder.glob(f"*/*{_ENDING}"))
        return tuple(path for path in paths if path.stat().st_mode & _NOT_FOR_OTHERS)

    def _list(self, owner: str) -> Iterator[Path]:
        yield from sorted(self._place(owner).glob(f"*{_ENDING}"))

    def _place(self, owner: str) -> Path:
        # To be read by people, and still different for each owner.
        readable = re.sub(r"[^A-Za-z0-9.-]", "_", owner)[:64]
        return self._folder / f"{readable}-{hashlib.sha256(owner.encode()).hexdigest()[:16]}"

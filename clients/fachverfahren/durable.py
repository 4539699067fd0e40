"""Files that are there after a power cut, complete or not at all.

What is made is made in a staging folder and appears by one rename; file and folder are synced
before anybody relies on them.
"""

import errno
import os
import shutil
from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """Writes a file that is not there yet and syncs it; its folder is not synced."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes what was created or renamed in a folder durable, where the file system knows how."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Shares of other systems cannot sync a folder.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


def move(source: Path, target: Path) -> None:
    """Renames a file or a folder, durably; both are on one file system. Links are not followed."""
    os.rename(source, target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def place_file(staging: Path, target: Path, content: bytes) -> None:
    """Writes or replaces `target`; nobody sees it half written."""
    draft = staging / target.name
    draft.unlink(missing_ok=True)
    try:
        write_new(draft, content)
        move(draft, target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def remove_file(path: Path) -> None:
    """Removes a file, durably; it may be gone already."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def clear_folder(folder: Path) -> None:
    """Makes an empty folder, whatever was there."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()

"""The blob store: content comes in on this machine and is kept in a folder or an object store.

It is staged while it comes in, encrypted where there are keys, and kept by one step that leaves it
complete or not there at all. It is durable before the row that names it is committed.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from persistence.blobs.content import COPY_SIZE, BlobContent, BlobWriter, StagedBlob
from persistence.blobs.data_keys import DataKeys
from persistence.blobs.encryption import size_encrypted
from persistence.blobs.failures import (
    BlobDamaged,
    BlobKeyMissing,
    BlobMissing,
    BlobStoreUnavailable,
    temporary_faults,
)
from persistence.blobs.folder import FolderShelf
from persistence.blobs.names import find_key_id, make_name
from persistence.blobs.objects import ObjectShelf, ObjectStoreAccess
from server.domain.content import BlobRef, Content

_STAGING = "eingang"


class Blobs(Protocol):
    """What services know of the blob store."""

    def stage(self) -> BlobWriter:
        """A writer for content that comes in; raises BlobStoreUnavailable."""
        ...

    def keep(self, content: Content) -> BlobRef:
        """Makes content durable under a new name; raises BlobStoreUnavailable, keeps nothing then.

        Staged content is moved, not copied; the same staged content is kept once.
        """
        ...

    def find(self, ref: BlobRef) -> BlobContent:
        """The content of a blob; raises BlobUnreadable and BlobStoreUnavailable.

        What is missing, cut, or wrong in its first MiB is told here; what is wrong behind it, when
        it is read.
        """
        ...

    def discard_leftovers(self, before: datetime) -> int:
        """Removes staged files whose process ended before it could; returns how many."""
        ...

    def list_names(self) -> Iterator[tuple[str, ...]]:
        """The names of all blobs, in batches."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Removes blobs that nothing names any more."""
        ...

    @property
    def current_key_id(self) -> str | None:
        """The data key of new blobs; None where they are not encrypted."""
        ...


class Shelf(Protocol):
    """Where complete files are put for good."""

    def place(self, path: Path, name: str) -> None: ...
    def measure(self, name: str) -> int | None: ...
    def open(self, name: str, size: int) -> AbstractContextManager[BinaryIO]: ...
    def list_names(self) -> Iterator[tuple[str, ...]]: ...
    def delete(self, names: Iterable[str]) -> None: ...


class _ShelvedBlobs:
    """Staging, encryption and names; the shelf keeps what is complete."""

    def __init__(self, staging: Path, shelf: Shelf, keys: DataKeys | None) -> None:
        self._staging = staging
        self._shelf = shelf
        self._keys = keys

    @property
    def current_key_id(self) -> str | None:
        """The data key of new blobs."""
        return self._keys.current().id if self._keys else None

    def stage(self) -> BlobWriter:
        """A writer for content that comes in."""
        key = self._keys.current() if self._keys else None
        name = make_name(key.id if key else None)
        with temporary_faults():
            self._staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        return BlobWriter(self._staging / f"teil-{name}", name, key)

    def keep(self, content: Content) -> BlobRef:
        """Makes content durable."""
        staged = content if isinstance(content, StagedBlob) else self._copy(content)
        if not staged.is_kept:
            self._place(staged)
        return staged.ref

    def find(self, ref: BlobRef) -> BlobContent:
        """The content of a blob."""
        key_id = find_key_id(ref.name)
        expected = size_encrypted(ref.size) if key_id else ref.size
        with temporary_faults():
            size = self._shelf.measure(ref.name)
        if size is None:
            raise BlobMissing(ref.name)
        if size != expected:
            raise BlobDamaged(ref.name)
        content = BlobContent(ref, lambda: self._open(ref.name, key_id, expected))
        if key_id:
            content.peek()
        return content

    def discard_leftovers(self, before: datetime) -> int:
        """Removes old staged files."""
        if not self._staging.is_dir():
            return 0
        old = [path for path in self._staging.iterdir() if _changed(path) < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def list_names(self) -> Iterator[tuple[str, ...]]:
        """The names of all blobs."""
        return self._shelf.list_names()

    def delete(self, names: Iterable[str]) -> None:
        """Removes blobs."""
        with temporary_faults():
            self._shelf.delete(names)

    def _place(self, staged: StagedBlob) -> None:
        try:
            with temporary_faults():
                self._shelf.place(staged.path, staged.ref.name)
        except BaseException:
            staged.discard()
            raise
        staged.is_kept = True

    def _copy(self, content: Content) -> StagedBlob:
        writer = self.stage()
        try:
            for chunk in content.read_chunks(COPY_SIZE):
                writer.write(chunk)
            return writer.finish()
        except BaseException:
            writer.discard()
            raise

    @contextmanager
    def _open(self, name: str, key_id: str | None, size: int) -> Iterator[BinaryIO]:
        key = self._keys.find(key_id) if self._keys and key_id else None
        if key_id and key is None:
            raise BlobKeyMissing(name)
        with self._shelf.open(name, size) as source:
            if key is None:
                yield source
                return
            with key.decrypting(source, name) as plain:
                yield plain


class FolderBlobs(_ShelvedBlobs):
    """Blobs below a folder of one machine, and a folder in it for what comes in."""

    def __init__(self, folder: Path, keys: DataKeys | None = None) -> None:
        super().__init__(folder / _STAGING, FolderShelf(folder), keys)


class ObjectBlobs(_ShelvedBlobs):
    """Blobs in an S3-compatible store for many machines; each has a folder for what comes in."""

    def __init__(
        self, folder: Path, access: ObjectStoreAccess, keys: DataKeys | None = None
    ) -> None:
        self._objects = ObjectShelf(access)
        super().__init__(folder / _STAGING, self._objects, keys)

    def find_problem(self) -> str:
        """Why the store cannot be used, or nothing (German)."""
        try:
            self._objects.check()
        except BlobStoreUnavailable as error:
            return str(error.__cause__).partition("\n")[0]
        return ""


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")

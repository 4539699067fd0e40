"""Contents of the blob store: what is staged, and what is kept."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO, cast

from persistence.blobs.eager_file import EagerFile
from persistence.blobs.encryption import DataKey, DecryptionFailed, EncryptingWriter
from persistence.blobs.failures import BlobDamaged, BlobMissing, temporary_faults
from persistence.blobs.side_hash import SideHash
from server.domain.content import BlobRef

COPY_SIZE = 256 * 1024
_PEEKED = 1024 * 1024
# What is not larger is kept from the look into it until it is read: most letters and XML.
_KEPT = 64 * 1024
Opener = Callable[[], AbstractContextManager[BinaryIO]]


class BlobContent:
    """Content that is read where it lies, as often as one likes."""

    def __init__(self, ref: BlobRef, opener: Opener) -> None:
        self.ref = ref
        self._open = opener
        self._peeked: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return self.ref.size

    @property
    def sha256(self) -> str:
        """In hex."""
        return self.ref.sha256

    def read(self) -> bytes:
        """All bytes; raises BlobUnreadable and BlobStoreUnavailable."""
        return b"".join(self.read_chunks(COPY_SIZE))

    def read_chunks(self, size: int) -> Iterator[bytes]:
        """All bytes in pieces of `size`; raises BlobUnreadable and BlobStoreUnavailable."""
        read = 0
        peeked, self._peeked = self._peeked, None
        for chunk in self._read(size) if peeked is None else _cut(peeked, size):
            read += len(chunk)
            yield chunk
        if read != self.size:
            raise BlobDamaged(self.ref.name)

    def hash_chunks(self, size: int) -> str:
        """SHA-256 of what is there, in hex; raises like `read_chunks`."""
        digest = hashlib.sha256()
        for chunk in self.read_chunks(size):
            digest.update(chunk)
        return digest.hexdigest()

    def damaged(self) -> BlobDamaged:
        """The error for content that is not what was kept."""
        return BlobDamaged(self.ref.name)

    def peek(self) -> None:
        """Reads the first MiB only, to raise what reading it would raise."""
        if self.size <= _KEPT:
            self._peeked = b"".join(self._read(COPY_SIZE))
            return
        for _ in itertools.islice(self._read(COPY_SIZE), _PEEKED // COPY_SIZE):
            pass

    def _read(self, size: int) -> Iterator[bytes]:
        try:
            with temporary_faults(), self._open() as source:
                while chunk := source.read(size):
                    yield chunk
        except FileNotFoundError:
            raise BlobMissing(self.ref.name) from None
        except DecryptionFailed:
            raise BlobDamaged(self.ref.name) from None


class StagedBlob(BlobContent):
    """Content in a file of this machine; it may go any moment, until it is kept."""

    def __init__(self, ref: BlobRef, path: Path, key: DataKey | None) -> None:
        super().__init__(ref, lambda: _open_file(path, ref.name, key))
        self.path = path
        self.is_kept = False

    def discard(self) -> None:
        """Removes the file; one that was kept has left this place."""
        self.path.unlink(missing_ok=True)


class BlobWriter:
    """Writes a staged file, encrypts and hashes on the way: plain bytes do not reach the disk."""

    def __init__(self, path: Path, name: str, key: DataKey | None) -> None:
        self._path = path
        self._name = name
        self._key = key
        with temporary_faults():
            self._file = EagerFile(path, "xb")
        sink = cast("BinaryIO", self._file)
        self._cipher: EncryptingWriter | None = key.encrypting(sink, name) if key else None
        self._hash = SideHash()
        self._size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Appends; raises BlobStoreUnavailable. The data must not change before the next call."""
        self._hash.begin(data)
        with temporary_faults():
            if self._cipher:
                self._cipher.write(data)
            else:
                self._write_plain(memoryview(data))
        self._size += len(data)

    def finish(self) -> StagedBlob:
        """The complete content; it is not on the disk for sure before it is kept."""
        with temporary_faults():
            if self._cipher:
                self._cipher.finish()
            self._file.close()
        ref = BlobRef(self._name, self._size, self._hash.hexdigest())
        return StagedBlob(ref, self._path, self._key)

    def discard(self) -> None:
        """Closes and removes the file."""
        self._path.unlink(missing_ok=True)
        if self._cipher:
            self._cipher.abandon()
        self._file.close()

    def _write_plain(self, rest: memoryview) -> None:
        while rest:
            rest = rest[self._file.write(rest) :]


def _cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


@contextmanager
def _open_file(path: Path, name: str, key: DataKey | None) -> Iterator[BinaryIO]:
    with FileIO(path) as file:
        source = cast("BinaryIO", file)
        if key is None:
            yield source
            return
        with key.decrypting(source, name) as plain:
            yield plain

"""Blobs as objects of an S3-compatible store; the only home of obstore."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from persistence.blobs.failures import BlobStoreUnavailable, logger
from persistence.blobs.names import is_name

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

# The smallest part that S3 takes; two at a time bound the memory of an upload.
_PART = 5 * 1024 * 1024
_PARALLEL = 2
# One range read; each is repeated by itself where the connection breaks.
_RANGE = 1024 * 1024
_BATCH = 1000


@dataclass(frozen=True)
class ObjectStoreAccess:
    """How the store is reached: `ca` as PEM, `prefix` with / at its end or empty."""

    endpoint: str
    bucket: str
    region: str
    prefix: str
    access_key_id: str
    secret_access_key: str
    ca: bytes | None = None
    is_path_style: bool = True
    timeout_seconds: int = 30


class ObjectShelf:
    """An object is there complete or not at all: that is S3's own promise for each upload."""

    def __init__(self, access: ObjectStoreAccess) -> None:
        self._prefix = access.prefix
        self._store = _make_store(access)

    def place(self, path: Path, name: str) -> None:
        """Uploads a complete file and returns when the store has it durably."""
        with _unavailable():
            obstore.put(
                self._store,
                self._prefix + name,
                path,
                chunk_size=_PART,
                max_concurrency=_PARALLEL,
            )
        path.unlink(missing_ok=True)

    def measure(self, name: str) -> int | None:
        """Bytes of the object; None where it is not there."""
        with _unavailable():
            try:
                return obstore.head(self._store, self._prefix + name)["size"]
            except FileNotFoundError:
                return None

    @contextmanager
    def open(self, name: str, size: int) -> Iterator[BinaryIO]:
        """The object of `size` bytes, by range reads; raises FileNotFoundError when it is read."""

        def read_range(start: int, end: int) -> bytes:
            with _unavailable():
                path = self._prefix + name
                return bytes(obstore.get_range(self._store, path, start=start, end=end))

        with _RangeReader(read_range, size) as reader:
            yield cast("BinaryIO", reader)

    def list_names(self) -> Iterator[tuple[str, ...]]:
        """The names of all blobs, in batches."""
        with _unavailable():
            prefix = self._prefix.rstrip("/") or None
            for batch in obstore.list(self._store, prefix, chunk_size=_BATCH):
                names = (item["path"].removeprefix(self._prefix) for item in batch)
                yield tuple(sorted(name for name in names if is_name(name)))

    def delete(self, names: Iterable[str]) -> None:
        """Removes blobs; one that is not there is no error."""
        with _unavailable():
            for name in names:
                self._delete(self._prefix + name)

    def check(self) -> None:
        """Raises BlobStoreUnavailable where the bucket cannot be read."""
        with _unavailable():
            next(iter(obstore.list(self._store, self._prefix.rstrip("/") or None)), None)

    def _delete(self, path: str) -> None:
        try:
            obstore.delete(self._store, path)
        except FileNotFoundError:
            return


class _RangeReader(io.RawIOBase):
    """Reads an object from its beginning to its end, one range in memory at a time."""

    def __init__(self, read_range: Callable[[int, int], bytes], size: int) -> None:
        super().__init__()
        self._read_range = read_range
        self._size = size
        self._next = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        wanted = self._size if size < 0 else size
        pieces = []
        while wanted and (piece := self._take(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _take(self, size: int) -> memoryview:
        if not self._rest and self._next < self._size:
            end = min(self._next + _RANGE, self._size)
            self._rest = memoryview(self._read_range(self._next, end))
            self._next = end
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def _make_store(access: ObjectStoreAccess) -> S3Store:
    config: S3Config = {
        "endpoint": access.endpoint,
        "bucket": access.bucket,
        "region": access.region,
        "access_key_id": access.access_key_id,
        "secret_access_key": access.secret_access_key,
        "virtual_hosted_style_request": not access.is_path_style,
        # Many compatible stores do not know the header for tags.
        "disable_tagging": True,
        # Nor the checksum that removing many at once needs.
        "disable_bulk_delete": True,
    }
    client: ClientConfig = {
        "allow_http": access.endpoint.startswith("http://"),
        "timeout": timedelta(seconds=access.timeout_seconds),
        "connect_timeout": timedelta(seconds=min(access.timeout_seconds, 5)),
    }
    if access.ca is not None:
        client["root_certificate"] = access.ca
    return S3Store(
        config=config,
        client_options=client,
        retry_config={
            "max_retries": 3,
            "retry_timeout": timedelta(seconds=access.timeout_seconds),
        },
    )


@contextmanager
def _unavailable() -> Iterator[None]:
    """Every error of the store but a missing object is temporary: nothing was lost by it."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, PermissionError, OSError) as error:
        logger.error("the object store fails: %s", str(error).partition("\n")[0])
        raise BlobStoreUnavailable("der Objektspeicher antwortet nicht wie nötig") from error

"""The bytes of a part: where they lie is the business of whoever holds them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol


class Content(Protocol):
    """Bytes that may be too many to hold in memory; `size` in bytes, `sha256` in hex."""

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...

    def read(self) -> bytes:
        """All of them."""
        ...

    def read_chunks(self, size: int) -> Iterator[bytes]:
        """All of them in pieces of `size` bytes; only the last may be shorter."""
        ...


@dataclass(frozen=True)
class BlobRef:
    """What a row says of a blob: its name in the store, and what its content must be.

    The name tells nothing about the content; `size` in bytes, `sha256` in hex.
    """

    name: str
    size: int
    sha256: str


class StagedContent(Content, Protocol):
    """Content that came in and is not kept yet."""

    def discard(self) -> None:
        """Gives its place back; does nothing where it has been kept meanwhile."""
        ...


class ContentWriter(Protocol):
    """Takes up content while it comes in."""

    def write(self, data: bytes | memoryview) -> None: ...

    def finish(self) -> StagedContent:
        """The content, complete and hashed, but not durable yet."""
        ...

    def discard(self) -> None:
        """Forgets what has been written."""
        ...


class Staging(Protocol):
    """Where content is put that comes in."""

    def stage(self) -> ContentWriter: ...


def cut_pieces(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`; only the last may be shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(memoryview(held)[:size])
            del held[:size]
    if held:
        yield bytes(held)


class InlineContent:
    """Content that is held in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        return len(self._data)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self._data).hexdigest()

    def read(self) -> bytes:
        return self._data

    def read_chunks(self, size: int) -> Iterator[bytes]:
        for start in range(0, len(self._data), size):
            yield self._data[start : start + size]

"""Blobs at rest: Tink's streaming AEAD (AES-256-GCM in segments of 64 KiB, keys by HKDF-SHA256).

Each blob has a key of its own, derived from the data key, a random salt in its header and, as
associated data, its name; each segment is bound to its place and to being the last one or not. So
whatever is changed, cut, moved within a blob or exchanged between blobs is not read as content.
See docs/blobs.md and docs/adr/0009-encryption-at-rest.md.
"""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, cast

import tink
from tink import aead, proto_keyset_format, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, tink_pb2

# Tink's own templates have 4 KiB or 1 MiB; between them it is faster, and several are held at once.
_SEGMENT = 64 * 1024
_TAG = 16
# One byte of length, 32 of salt, 7 of the nonce's prefix.
_HEADER = 1 + 32 + 7


class DecryptionFailed(Exception):
    """What was read is not what was encrypted, or not with this key and name."""


class KeyWrapper(Protocol):
    """What encrypts data keys: a master key, wherever it lies."""

    @property
    def id(self) -> str:
        """Tells master keys apart and says nothing about them (16 hex digits)."""
        ...

    def wrap(self, data: bytes, context: bytes) -> bytes:
        """Encrypts and authenticates, bound to the context."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """What was wrapped with this context; raises DecryptionFailed."""
        ...


@dataclass(frozen=True)
class DataKey:
    """A key under which blobs are encrypted."""

    id: str
    _handle: Any
    _primitive: Any

    @classmethod
    def create(cls) -> "DataKey":
        """A new key."""
        streaming_aead.register()
        return cls._of(secrets.token_hex(8), tink.new_keyset_handle(_make_template()))

    @classmethod
    def unwrap(cls, key_id: str, wrapped: bytes, master: KeyWrapper) -> "DataKey":
        """A key that was wrapped under this id; raises DecryptionFailed."""
        streaming_aead.register()
        try:
            handle = proto_keyset_format.parse_encrypted(
                wrapped, _TinkAead(master), key_id.encode()
            )
        except tink.TinkError as error:
            raise DecryptionFailed(key_id) from error
        return cls._of(key_id, handle)

    @classmethod
    def _of(cls, key_id: str, handle: Any) -> "DataKey":
        return cls(key_id, handle, handle.primitive(streaming_aead.StreamingAead))

    def wrap(self, master: KeyWrapper) -> bytes:
        """The key, encrypted for the database."""
        return bytes(
            proto_keyset_format.serialize_encrypted(
                self._handle, _TinkAead(master), self.id.encode()
            )
        )

    def encrypting(self, sink: BinaryIO, name: str) -> "EncryptingWriter":
        """Writes what it gets encrypted into `sink`."""
        return EncryptingWriter(self._primitive, sink, name)

    @contextmanager
    def decrypting(self, source: BinaryIO, name: str) -> Iterator[BinaryIO]:
        """Reads decrypted from `source`; raises DecryptionFailed, before a wrong byte is out."""
        watched = _Watched(source)
        try:
            yield cast("BinaryIO", self._primitive.new_decrypting_stream(watched, name.encode()))
        except tink.TinkError as error:
            raise watched.error or DecryptionFailed(name) from error


class EncryptingWriter:
    """A stream that is complete only when it was finished."""

    def __init__(self, primitive: Any, sink: BinaryIO, name: str) -> None:
        self._sink = _Watched(sink)
        self._stream = primitive.new_encrypting_stream(self._sink, name.encode())

    def write(self, data: bytes | memoryview) -> None:
        """Appends; raises OSError of the sink."""
        with self._sink.own_errors():
            self._stream.write(data)

    def finish(self) -> None:
        """Writes the last segment and closes the sink; raises OSError of the sink."""
        with self._sink.own_errors():
            self._stream.close()

    def abandon(self) -> None:
        """Closes the sink; what is in it cannot be read any more as content."""
        self._sink.is_abandoned = True
        with suppress(Exception):
            self._stream.close()
        self._sink.close()


def size_encrypted(size: int) -> int:
    """How many bytes an encrypted blob has whose content has `size` bytes."""
    payload = _SEGMENT - _TAG
    segments = max(1, -(-(size + _HEADER) // payload))
    return size + _HEADER + segments * _TAG


def _make_template() -> tink_pb2.KeyTemplate:
    standard = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_4KB
    key_format = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKeyFormat()
    key_format.ParseFromString(standard.value)
    key_format.params.ciphertext_segment_size = _SEGMENT
    template = tink_pb2.KeyTemplate()
    template.CopyFrom(standard)
    template.value = key_format.SerializeToString()
    return template


class _TinkAead(aead.Aead):  # type: ignore[misc]
    """Gives Tink a master key that may lie anywhere."""

    def __init__(self, master: KeyWrapper) -> None:
        self._master = master

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        return self._master.wrap(plaintext, associated_data)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        try:
            return self._master.unwrap(ciphertext, associated_data)
        except DecryptionFailed as error:
            raise tink.TinkError(str(error)) from error


class _Watched(io.RawIOBase):
    """A file whose errors Tink does not hide: it tells them as errors of its own."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.error: Exception | None = None
        self.is_abandoned = False

    @contextmanager
    def own_errors(self) -> Iterator[None]:
        try:
            yield
        except tink.TinkError as error:
            raise self.error or error from error

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        with self._remember():
            return self._file.read(size)

    def write(self, data: Any) -> int:
        if self.is_abandoned:
            return len(data)
        with self._remember():
            return self._file.write(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    @contextmanager
    def _remember(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.error = error
            raise

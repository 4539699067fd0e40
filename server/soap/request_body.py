"""Reading a request within its limit."""

import time
from collections.abc import Mapping
from typing import Any

from server.errors import AmtshilfeError, Faults
from server.soap.wire_fault import WireFault

_CHUNK = 64 * 1024
# How much of a request that is refused is read on: times the limit, and seconds.
_DRAIN_FACTOR = 4
_DRAIN_SECONDS = 20.0


def read_body(environ: Mapping[str, Any], limit: int) -> bytes:
    """The bytes of a request, at most `limit` of them; raises WireFault 9023 beyond.

    Chunked requests are read as well. What is too large is read on for a bounded while and
    thrown away, because a client that is still sending would not see the answer.
    """
    stream = environ["wsgi.input"]
    if int(environ.get("CONTENT_LENGTH") or 0) > limit:
        _drain(stream, limit)
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            _drain(stream, limit)
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _drain(stream: Any, limit: int) -> None:
    remaining = limit * _DRAIN_FACTOR
    deadline = time.monotonic() + _DRAIN_SECONDS
    while remaining > 0 and time.monotonic() < deadline and (chunk := stream.read(_CHUNK)):
        remaining -= len(chunk)


def _too_large(limit: int) -> WireFault:
    return WireFault(
        AmtshilfeError(
            Faults.MESSAGE_TOO_LARGE, f"Die Anfrage ist größer als die erlaubten {limit} Bytes."
        )
    )

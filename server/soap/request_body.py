"""Reading a request within its limit."""

import logging
import time
from collections.abc import Iterator, MutableMapping
from typing import Any

from server.errors import AmtshilfeError, Faults
from server.soap.wire_fault import WireFault, malformed

logger = logging.getLogger(__name__)

Environ = MutableMapping[str, Any]

_CHUNK = 256 * 1024
# Set while a request is being read; what is left of it is thrown away after the answer.
_UNREAD = "damtshilfe.unread"
_DISCARD_BYTES = 256 * 1024 * 1024
_DISCARD_SECONDS = 20.0


def read_chunks(environ: Environ, limit: int) -> Iterator[bytes]:
    """The bytes of a request in pieces, at most `limit` in all; raises WireFault 9023 beyond.

    Chunked requests are read as well. A request that breaks off raises WireFault 9000.
    """
    environ[_UNREAD] = True
    if int(environ.get("CONTENT_LENGTH") or 0) > limit:
        raise too_large("Die Anfrage", limit)
    size = 0
    while chunk := _read(environ):
        size += len(chunk)
        if size > limit:
            raise too_large("Die Anfrage", limit)
        yield chunk
    environ[_UNREAD] = False


def read_body(environ: Environ, limit: int) -> bytes:
    """All bytes of a request; raises like `read_chunks`."""
    return b"".join(read_chunks(environ, limit))


def discard_rest(environ: Environ) -> None:
    """Throws away for a bounded while what comes after a refusal.

    A client that is still sending when the connection closes would not see the answer.
    """
    if not environ.get(_UNREAD):
        return
    remaining = _DISCARD_BYTES
    deadline = time.monotonic() + _DISCARD_SECONDS
    try:
        while remaining > 0 and time.monotonic() < deadline:
            chunk = environ["wsgi.input"].read(_CHUNK)
            if not chunk:
                break
            remaining -= len(chunk)
    except Exception as error:  # whatever the server finds wrong with the rest is of no use
        logger.info("rest of a refused request: %s", type(error).__name__)


def too_large(what: str, limit: int) -> WireFault:
    """Something is larger than a limit in bytes (9023)."""
    return WireFault(
        AmtshilfeError(
            Faults.MESSAGE_TOO_LARGE, f"{what} ist größer als die erlaubten {limit} Bytes."
        )
    )


def _read(environ: Environ) -> bytes:
    try:
        data: bytes = environ["wsgi.input"].read(_CHUNK)
    except Exception as error:
        # Nothing more will come that could be thrown away.
        environ[_UNREAD] = False
        # The server's own parser raises classes of its own for a broken body.
        logger.info("request broke off: %s: %s", type(error).__name__, error)
        raise malformed("Die Anfrage ist unvollständig angekommen.") from None
    return data

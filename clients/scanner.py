"""The client of a malware scanner: clamd of ClamAV, over TCP or a Unix socket."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket

_FOUND = "FOUND"


class ScannerFailed(Exception):
    """The scanner gave no usable answer; the text says why."""


@dataclass(frozen=True)
class ScannerAccess:
    """Where clamd listens: the path of a socket, or host and port where the path is empty."""

    path: str = ""
    host: str = ""
    port: int = 0
    timeout_seconds: int = 60


class ScannerClient:
    """Asks clamd; threads may share it."""

    def __init__(self, access: ScannerAccess) -> None:
        self._access = access

    def find_malware(self, chunks: Iterable[bytes]) -> str | None:
        """The name of what was found in a content that comes in pieces; raises ScannerFailed."""
        try:
            results = self._connect().instream(cast(Any, _ChunkReader(chunks)))
        except (ClamdError, OSError) as error:
            raise ScannerFailed(f"{type(error).__name__}: {error}") from error
        for status, name in results.values():
            return (name or "unbekannt") if status == _FOUND else None
        raise ScannerFailed("clamd gave an empty answer")

    def is_alive(self) -> bool:
        """True where the scanner answers at all."""
        try:
            self._connect().ping()
        except (ClamdError, OSError):
            return False
        return True

    def _connect(self) -> ClamdNetworkSocket:
        access = self._access
        if access.path:
            return ClamdUnixSocket(access.path, access.timeout_seconds)
        return ClamdNetworkSocket(access.host, access.port, access.timeout_seconds)


class _ChunkReader:
    """Pieces as the library reads them; it takes any size."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)

    def read(self, _size: int) -> bytes:
        return next(self._chunks, b"")

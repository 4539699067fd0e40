"""Fetches revocation lists over HTTPS."""

from pathlib import Path

import requests

from clients.tls_session import make_session

_MAX_BYTES = 10 * 1024 * 1024


class RevocationListUnreachable(Exception):
    """There is no list; the text says why."""


def fetch_list(url: str, certificate: Path, server_ca: Path, timeout_seconds: float) -> bytes:
    """The content of a list, at most ten megabytes; raises RevocationListUnreachable."""
    with make_session(certificate, server_ca) as session:
        try:
            # A redirection would be followed with the client certificate.
            with session.get(
                url, timeout=timeout_seconds, stream=True, allow_redirects=False
            ) as response:
                response.raise_for_status()
                return _read(response)
        except (requests.RequestException, OSError) as error:
            raise RevocationListUnreachable(f"{type(error).__name__}: {error}") from error


def _read(response: requests.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_content(64 * 1024):
        content += piece
        if len(content) > _MAX_BYTES:
            raise RevocationListUnreachable("the list is too large")
    return bytes(content)

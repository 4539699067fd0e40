"""The caller's identity: the client certificate of the TLS connection, nothing else.

Headers that a proxy might set are not read; any client can send them.
"""

from collections.abc import Mapping
from typing import Any


def read_certificate(environ: Mapping[str, Any]) -> bytes | None:
    """The client certificate in DER form; None where there is none."""
    connection = environ.get("gunicorn.socket")
    read_peer = getattr(connection, "getpeercert", None)
    return (read_peer(binary_form=True) or None) if read_peer else None

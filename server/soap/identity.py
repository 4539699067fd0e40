"""The caller's identity: the client certificate of the TLS connection, nothing else.

Headers that a proxy might set are not read; any client can send them.
"""

import hashlib
from collections.abc import Mapping
from typing import Any


def read_fingerprint(environ: Mapping[str, Any]) -> str | None:
    """SHA-256 (hex) of the client certificate in DER form; None where there is none."""
    connection = environ.get("gunicorn.socket")
    read_certificate = getattr(connection, "getpeercert", None)
    certificate = read_certificate(binary_form=True) if read_certificate else None
    return hashlib.sha256(certificate).hexdigest() if certificate else None

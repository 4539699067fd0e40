"""From the client certificate of a connection to the caller."""

import hashlib
from collections.abc import Callable
from typing import Any

from server.services.revocations import Revocations


class ClientCertificates:
    """Asks who holds a certificate, and whether it is revoked."""

    def __init__(self, identify: Callable[[str | None], Any], revocations: Revocations) -> None:
        self._identify = identify
        self._revocations = revocations

    def identify(self, der: bytes | None) -> Any:
        """The caller with this certificate (DER); raises AmtshilfeError."""
        if der:
            # First, so that its owner reads that it was revoked, not merely that it has ended.
            self._revocations.check(der)
        return self._identify(hashlib.sha256(der).hexdigest() if der else None)

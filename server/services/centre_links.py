"""Connections to other data centres: one XTA client each, made when it is needed.

A client is made anew where the endpoint of the data centre, our certificate or the CA has changed.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

from clients.xta import RetryPolicy, WireParty, XtaAccess, XtaClient
from server.domain.data_centre import DataCentre

_Version = tuple[object, ...]


@dataclass(frozen=True)
class LinkAccess:
    """How this data centre shows itself to others, and whose servers it trusts.

    `wsdl` is the contract; `certificate` holds client certificate and key (PEM).
    """

    wsdl: Path
    certificate: Path
    server_ca: Path
    timeout_seconds: float


class CentreLinks:
    """Gives clients; threads may share them."""

    def __init__(self, access: LinkAccess) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._known: dict[DataCentre, tuple[_Version, XtaClient]] = {}

    def connect(self, centre: DataCentre) -> XtaClient:
        """A client for the ports of the data centre, which repeats nothing by itself.

        Raises XtaError, and OSError where certificate or CA cannot be read.
        """
        version = self._read_version()
        with self._lock:
            known = self._known.get(centre)
            if known is None or known[0] != version:
                known = (version, self._make(centre))
                self._known[centre] = known
            return known[1]

    def _read_version(self) -> _Version:
        states = [path.stat() for path in (self._access.certificate, self._access.server_ca)]
        return tuple((state.st_mtime_ns, state.st_size) for state in states)

    def _make(self, centre: DataCentre) -> XtaClient:
        access = self._access
        return XtaClient(
            XtaAccess(
                str(access.wsdl),
                centre.management,
                centre.send,
                centre.msgbox,
                access.certificate,
                access.server_ca,
                access.timeout_seconds,
                retries=RetryPolicy(attempts=1),
            ),
            WireParty("", ""),
        )

"""A worker of gunicorn that gives up clients that do not go on.

gthread waits without end for a client that stops sending, or that does not take its answer; as
many of them as there are threads would keep everybody else out.
"""

import logging
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long a thread waits for a client, in seconds.

    `idle_seconds`: for the next byte to come or to be taken, and for handshake and headers
    together; `request_seconds`: for a whole request with its answer, however slowly it goes on.
    """

    idle_seconds: int
    request_seconds: int


def make_worker_class(patience: Patience) -> type[ThreadWorker]:
    """The class that gunicorn makes its worker processes of."""

    class PatientWorker(_PatientWorker):
        pass

    PatientWorker.patience = patience
    return PatientWorker


class _PatientWorker(ThreadWorker):  # type: ignore[misc]
    patience: Patience

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Connections that a thread works on, and until when it may.
        self._deadlines: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """In a thread: handshake, headers, request and answer."""
        self._deadlines[conn] = time.monotonic() + self.patience.idle_seconds
        try:
            return super().handle(conn)
        finally:
            self._deadlines.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """In a thread: the body and the answer."""
        self._deadlines[conn] = time.monotonic() + self.patience.request_seconds
        conn.sock.settimeout(self.patience.idle_seconds)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            logger.warning("client %s took nothing of its answer any more", conn.client[0])
            _hang_up(conn.sock)
            return False

    def notify(self) -> None:
        """In the main thread, each second."""
        super().notify()
        moment = time.monotonic()
        for conn, deadline in tuple(self._deadlines.items()):
            if deadline < moment and self._deadlines.pop(conn, 0.0):
                logger.warning("client %s took too long and is cut off", conn.client[0])
                _hang_up(conn.sock)


def _hang_up(connection: socket.socket) -> None:
    # Past the TLS layer, which another thread may be in the middle of: that one wakes up.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)

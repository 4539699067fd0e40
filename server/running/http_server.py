"""gunicorn with TLS: an application on an address, run by processes with threads."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.http.unreader import SocketUnreader

from server.running.patient_worker import Patience, make_worker_class
from server.settings import LogSettings

# gunicorn asks for 1 MiB at a time, but TLS gives a record of 16 KiB: the memory that is taken
# and given back between costs a third of the time of a large request.
SocketUnreader.max_body_chunk = 64 * 1024

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL; Python has no name for it.
_NO_CHECK_TIME = 0x200000
# Where processes show that they live: a disk that is read-only does not end them.
_MEMORY = "/dev/shm"  # noqa: S108 -- a file without a name


@dataclass(frozen=True)
class Listener:
    """Where a server listens and how many requests it works on at once."""

    host: str
    port: int
    workers: int
    threads: int
    timeout_seconds: int
    patience: Patience


@dataclass(frozen=True)
class ServerTls:
    """Certificate and key of a server, and whose client certificates it asks for (None: none)."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class HttpServer(BaseApplication):  # type: ignore[misc]
    """Runs a WSGI application, built in each worker process: no connection is shared."""

    def __init__(
        self,
        build: Callable[[], WSGIApplication],
        listener: Listener,
        tls: ServerTls,
        log: LogSettings,
    ) -> None:
        self._build = build
        self._options = {
            "bind": f"{listener.host}:{listener.port}",
            "workers": listener.workers,
            "threads": listener.threads,
            "worker_class": make_worker_class(listener.patience),
            "worker_tmp_dir": _MEMORY if Path(_MEMORY).is_dir() else None,
            "timeout": listener.timeout_seconds,
            "graceful_timeout": 20,
            "keepalive": 2,
            "certfile": str(tls.certificate),
            "keyfile": str(tls.key),
            "ssl_context": _make_context_hook(tls),
            "loglevel": "warning" if log.level in ("INFO", "WARNING") else log.level.lower(),
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for key, value in self._options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> WSGIApplication:
        """Called by gunicorn in each worker."""
        return self._build()


def _make_context_hook(tls: ServerTls) -> Callable[[Any, Any], ssl.SSLContext]:
    """With a CA it asks for a client certificate, but lets those in who have none: they may read
    contracts.

    A certificate of a foreign CA ends the handshake. An expired one does not, because its
    owner deserves the fault that says so (9010) more than a broken connection.
    """

    def make_context(_config: Any, _default: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(tls.certificate, tls.key)
        if tls.client_ca:
            context.load_verify_locations(tls.client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
        return context

    return make_context

"""The parts of an installation, each a process of its own."""

import gc
import signal
import threading
from enum import StrEnum
from types import FrameType

from server.bootstrap import build_loops, build_xta_server
from server.bootstrap_authority import build_authority_server
from server.bootstrap_web import build_web_client
from server.printing.typesetting_folder import clear_left_folders
from server.running.http_server import HttpServer, Listener, ServerTls
from server.running.logs import begin_log
from server.running.patient_worker import Patience
from server.running.worker_lock import only_worker
from server.settings import Settings
from server.worker.loop import run_worker


class Part(StrEnum):
    """A process of the installation."""

    XTA = "xta"
    AUTHORITY = "authority"
    WORKER = "worker"
    WEB = "web"


def list_parts(settings: Settings) -> tuple[Part, ...]:
    """The parts that the settings ask for."""
    return tuple(part for part in Part if part is not Part.WEB or settings.web.enabled)


def list_listeners(settings: Settings) -> tuple[tuple[str, str, int], ...]:
    """Where parts listen: the setting of the port, host and port."""
    listeners = (
        ("server.port", settings.server.host, settings.server.port),
        ("authority_server.port", settings.authority_server.host, settings.authority_server.port),
    )
    if not settings.web.enabled:
        return listeners
    return (*listeners, ("web.port", settings.web.host, settings.web.port))


def run_part(part: Part, settings: Settings) -> None:
    """Runs one part in this process until SIGTERM."""
    begin_log(part.value, settings.log)
    _RUNNERS[part](settings)


def _run_xta(settings: Settings) -> None:
    server = settings.server
    listener = Listener(
        server.host,
        server.port,
        server.workers,
        server.threads,
        server.timeout_seconds,
        _make_patience(settings),
    )
    tls = _make_tls(settings)
    HttpServer(lambda: build_xta_server(settings), listener, tls, settings.log).run()


def _run_authority(settings: Settings) -> None:
    server = settings.authority_server
    listener = Listener(
        server.host,
        server.port,
        server.workers,
        server.threads,
        settings.server.timeout_seconds,
        _make_patience(settings),
    )
    tls = _make_tls(settings)
    HttpServer(lambda: build_authority_server(settings), listener, tls, settings.log).run()


def _run_web(settings: Settings) -> None:
    web = settings.web
    listener = Listener(
        web.host,
        web.port,
        web.workers,
        web.threads,
        settings.server.timeout_seconds,
        _make_patience(settings),
    )
    tls = ServerTls(web.certificate, web.key)
    HttpServer(lambda: build_web_client(settings), listener, tls, settings.log).run()


def _make_tls(settings: Settings) -> ServerTls:
    tls = settings.tls
    return ServerTls(tls.certificate, tls.key, tls.client_ca)


def _make_patience(settings: Settings) -> Patience:
    return Patience(settings.server.idle_seconds, settings.server.request_seconds)


def _run_worker(settings: Settings) -> None:
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with only_worker(settings.database.url):
        # A worker or a process that sets letters may have been killed.
        clear_left_folders()
        loops = build_loops(settings, stop.is_set)
        # What is loaded by now stays: the garbage collector need not go through it again.
        gc.freeze()
        run_worker(loops, stop, settings.delivery.poll_seconds)


_RUNNERS = {
    Part.XTA: _run_xta,
    Part.AUTHORITY: _run_authority,
    Part.WORKER: _run_worker,
    Part.WEB: _run_web,
}

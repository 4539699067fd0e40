"""Asks the Web-Client for pages as a browser does: gunicorn, TLS, one connection that stays open.

What a page takes is the time that passes until all of its bytes are here. Beside it stands the
CPU time of the server process, and of PostgreSQL, which other work on the machine disturbs less.
"""

import http.client
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.processes import list_children
from server.pki import Authority, write_private
from server.running.ports import find_free_ports, is_listening
from server.services.clock import read_clock
from server.web.cookies import SESSION

_HOST = "localhost"
_NANOSECONDS = 1e9
_OK = 200
_START_SECONDS = 60


@dataclass(frozen=True)
class PageTime:
    """Seconds: as they pass for the client, and of the CPU in the server and in PostgreSQL."""

    passed: float
    cpu: float


class Connection:
    """A browser's connection; it is opened anew where the server has closed it."""

    def __init__(self, port: int, read_cpu: Callable[[], int], ca: Path, session: str) -> None:
        self._port = port
        self._read_cpu = read_cpu
        self._context = ssl.create_default_context(cafile=ca)
        self._headers = {"Cookie": f"{SESSION}={session}", "Accept": "text/html"}
        self._connection: http.client.HTTPSConnection | None = None

    def time(self, address: str) -> PageTime:
        """How long a page takes; the handshake of a connection that was closed is not counted."""
        while True:
            connection = self._open()
            cpu, start = self._read_cpu(), time.perf_counter()
            with suppress(http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                self._ask(connection, address)
                passed = time.perf_counter() - start
                used = self._read_cpu() - cpu
                return PageTime(passed, used / _NANOSECONDS)
            self._connection = None

    def _open(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            self._connection = http.client.HTTPSConnection(
                _HOST, self._port, context=self._context, timeout=_START_SECONDS
            )
            self._ask(self._connection, "/static/zeichen.svg")
        return self._connection

    def _ask(self, connection: http.client.HTTPSConnection, address: str) -> bytes:
        connection.request("GET", address, headers=self._headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != _OK:
            raise RuntimeError(f"{address}: {answer.status}")
        return content


@dataclass(frozen=True)
class WebServer:
    """A Web-Client that runs: its port, the process that answers, and the CA of its certificate.

    `postgresql` is the process that supervises those of the database; None for SQLite.
    """

    port: int
    process: int
    ca: Path
    postgresql: int | None

    def connect(self, session: str) -> Connection:
        """A connection of the user with this session (the token of the cookie)."""
        return Connection(self.port, self._read_cpu, self.ca, session)

    def _read_cpu(self) -> int:
        of_database = list_children(self.postgresql) if self.postgresql else []
        return sum(map(read_cpu_nanoseconds, (self.process, *of_database)))


@contextmanager
def serving_web(folder: Path, url: str, postgresql: int | None = None) -> Iterator[WebServer]:
    """The Web-Client before a database, with a certificate of its own (WebServer)."""
    folder.mkdir(parents=True, exist_ok=True)
    ca = Authority.create("bench", read_clock())
    credential = ca.issue_server([_HOST, "127.0.0.1"], read_clock())
    (folder / "ca.pem").write_bytes(ca.credential.pem_certificate())
    (folder / "server.pem").write_bytes(credential.pem_certificate())
    # One of an earlier run may be there.
    (folder / "server.key").unlink(missing_ok=True)
    write_private(folder / "server.key", credential.pem_key())
    (port,) = find_free_ports(1)
    command = [sys.executable, "-m", "bench.web_process", str(folder), url, str(port)]
    with subprocess.Popen(command) as process:  # noqa: S603 -- our own module
        try:
            worker = _await_worker(process.pid, port)
            yield WebServer(port, worker, folder / "ca.pem", postgresql)
        finally:
            process.terminate()


def read_cpu_nanoseconds(process: int) -> int:
    """The CPU time of all threads of a process (schedstat of Linux); 0 where it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        tasks = Path(f"/proc/{process}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    return 0


def _await_worker(supervisor: int, port: int) -> int:
    """The process that answers, as soon as it does."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        children = list_children(supervisor)
        if children and is_listening(_HOST, port):
            return children[0]
        time.sleep(0.1)
    raise RuntimeError("the Web-Client did not start")

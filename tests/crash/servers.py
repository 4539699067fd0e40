"""Two servers with all their parts, started again whenever a part has ended."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from server.running.ports import is_listening
from tests.crash.plan import CrashPlan, Storage
from tests.support.installation import port_of
from tests.support.on_postgres import move_to_postgres
from tests.support.postgres import Cluster, running_cluster
from tests.support.two_centres import Centre, TwoCentres, make_two_centres

_PR_SET_PDEATHSIG = 1
_READY_SECONDS = 120
# Short pauses: what a killed worker held is free again soon, and who was away is asked again.
_ENVIRONMENT = {
    "PYTHONUNBUFFERED": "1",
    "DAMTSHILFE_SERVER__WORKERS": "2",
    "DAMTSHILFE_SERVER__THREADS": "8",
    "DAMTSHILFE_DELIVERY__LEASE_SECONDS": "20",
    "DAMTSHILFE_DELIVERY__POLL_SECONDS": "0.2",
    "DAMTSHILFE_DELIVERY__FIRST_RETRY_SECONDS": "1",
    "DAMTSHILFE_DELIVERY__LONGEST_RETRY_SECONDS": "5",
    "DAMTSHILFE_DELIVERY__BREAKER_FIRST_SECONDS": "1",
    "DAMTSHILFE_DELIVERY__BREAKER_LONGEST_SECONDS": "4",
    "DAMTSHILFE_DATA_CENTRE__FIRST_FOLLOW_SECONDS": "2",
    "DAMTSHILFE_DATA_CENTRE__LONGEST_FOLLOW_SECONDS": "8",
    "DAMTSHILFE_AUTHORITY_CLIENT__CACHE_SECONDS": "600",
    "DAMTSHILFE_LOG__LEVEL": "WARNING",
}


@dataclass
class RunningPart:
    """A part of a server (`xta`, `authority`, `worker`) and its process."""

    centre: Centre
    part: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    restarts: int = 0

    @property
    def log(self) -> Path:
        """What the part writes, over all its starts."""
        return self.centre.installation.folder / f"{self.part}.log"

    def start(self) -> None:
        """Starts the process."""
        config = str(self.centre.installation.config)
        command = [sys.executable, "-m", "server.cli", "serve", "--config", config]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--part", self.part],
                stdout=output,
                stderr=output,
                env={**os.environ, **self.centre.environment, **_ENVIRONMENT},
                preexec_fn=_end_with_parent,
            )

    def start_if_ended(self) -> None:
        """Starts it again where it has ended."""
        if self.process is not None and self.process.poll() is not None:
            self.restarts += 1
            self.start()

    def stop(self) -> None:
        """Ends it in good order."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def list_children(self) -> list[int]:
        """The processes that answer requests; empty while there are none."""
        if self.process is None:
            return []
        pid = self.process.pid
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
            return [int(word) for word in text.split()]
        return []


@dataclass(frozen=True)
class Servers:
    """Both servers, and the PostgreSQL that they share, if they do."""

    centres: TwoCentres
    parts: tuple[RunningPart, ...]
    cluster: Cluster | None

    def list_parts(self, name: str) -> list[RunningPart]:
        """The parts of this name."""
        return [part for part in self.parts if part.part == name]

    def tell_restarts(self) -> str:
        """How often each part was started again."""
        return ", ".join(f"{item.centre.name}/{item.part} {item.restarts}" for item in self.parts)


@contextmanager
def running_servers(folder: Path, plan: CrashPlan) -> Iterator[Servers]:
    """Both servers until the end of the block; what ends meanwhile is started again."""
    with contextlib.ExitStack() as stack:
        cluster = None
        if plan.storage == Storage.POSTGRESQL:
            cluster = stack.enter_context(running_cluster())
        centres = make_two_centres(folder)
        for centre in (centres.mitte, centres.ost):
            if cluster:
                move_to_postgres(centre.installation, cluster.create_database(centre.name))
        servers = Servers(centres, _list_parts(centres), cluster)
        stack.enter_context(_kept_running(servers))
        yield servers


def _list_parts(centres: TwoCentres) -> tuple[RunningPart, ...]:
    wanted: Mapping[str, tuple[str, ...]] = {
        "mitte": ("authority", "xta", "worker"),
        "ost": ("xta", "worker"),
    }
    return tuple(
        RunningPart(centre, part)
        for centre in (centres.mitte, centres.ost)
        for part in wanted[centre.name]
    )


@contextmanager
def _kept_running(servers: Servers) -> Iterator[None]:
    stop = threading.Event()
    for part in servers.parts:
        part.start()
    _await_listening(servers)
    thread = threading.Thread(target=_watch, args=(servers, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for part in servers.parts:
            part.stop()


def _watch(servers: Servers, stop: threading.Event) -> None:
    while not stop.wait(0.2):
        for part in servers.parts:
            part.start_if_ended()


def _await_listening(servers: Servers) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    centres = servers.centres
    urls = [
        centres.mitte.installation.url("authority"),
        centres.mitte.installation.url("send"),
        centres.ost.installation.url("send"),
    ]
    while not all(is_listening("127.0.0.1", port_of(url)) for url in urls):
        assert time.monotonic() < deadline, "the servers do not start"
        time.sleep(0.1)


def _end_with_parent() -> None:
    """In the child: nothing outlives a run that was killed (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

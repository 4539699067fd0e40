"""The parts of the installation on their machines, and nginx in front."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from server.running.ports import is_listening
from tests.machines.network import FRONT, STREAM_MODULE, Machine, end_with_parent
from tests.support.installation import REPOSITORY, Installation, port_of

_EXAMPLE = REPOSITORY / "deploy" / "nginx" / "damtshilfe-stream.conf"
_NGINX = """load_module {module};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{}}
{stream}
"""
_READY_SECONDS = 120
# What a killed worker held is free again soon.
ENVIRONMENT = {
    "PYTHONUNBUFFERED": "1",
    "DAMTSHILFE_SERVER__WORKERS": "1",
    "DAMTSHILFE_DELIVERY__LEASE_SECONDS": "20",
}


@dataclass
class RunningPart:
    """A part of the installation (`xta`, `worker`) on a machine."""

    installation: Installation
    machine: Machine
    part: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """What the part writes, over all its starts."""
        return self.installation.folder / f"{self.machine.name}-{self.part}.log"

    def start(self) -> None:
        """Starts the process."""
        config = str(self.installation.config)
        command = [sys.executable, "-m", "server.cli", "serve", "--config", config]
        address = {"DAMTSHILFE_SERVER__HOST": self.machine.address}
        with self.log.open("ab") as output:
            self.process = self.machine.start(
                [*command, "--part", self.part],
                stdout=output,
                stderr=output,
                env={**os.environ, **ENVIRONMENT, **address},
            )

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ends it in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(40)

    def read_log(self) -> str:
        """What it wrote so far; empty before its start."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


@contextmanager
def running_parts(parts: tuple[RunningPart, ...]) -> Iterator[None]:
    """The servers among the parts until the end of the block; workers are started by the caller."""
    servers = [part for part in parts if part.part == "xta"]
    try:
        for part in servers:
            part.start()
        for part in servers:
            port = port_of(part.installation.url("send"))
            await_listening(part.machine.address, port, part.log)
        yield
    finally:
        for part in parts:
            part.stop()


@contextmanager
def running_front(installation: Installation, machines: tuple[Machine, ...]) -> Iterator[None]:
    """The Authority-Server and nginx, both at FRONT."""
    config = str(installation.config)
    command = [sys.executable, "-m", "server.cli", "serve", "--config", config]
    authority_log = installation.folder / "front-authority.log"
    authority = _start_here([*command, "--part", "authority"], authority_log)
    nginx_config = _write_nginx(installation, machines)
    nginx = _start_here(["nginx", "-c", str(nginx_config)], installation.folder / "front-nginx.log")
    try:
        await_listening(FRONT, port_of(installation.url("authority")), authority_log)
        await_listening(FRONT, port_of(installation.url("send")), installation.folder / "nginx.log")
        yield
    finally:
        for process in (nginx, authority):
            process.send_signal(signal.SIGTERM)
            process.wait(40)


def _start_here(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DAMTSHILFE_AUTHORITY_SERVER__HOST": FRONT}
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, preexec_fn=end_with_parent
        )


def _write_nginx(installation: Installation, machines: tuple[Machine, ...]) -> Path:
    """The example of deploy/nginx with the addresses of the machines."""
    stream = _EXAMPLE.read_text(encoding="utf-8")
    port = port_of(installation.url("send"))
    changes = {"listen 8443;": f"listen {FRONT}:{port};"}
    for number, machine in enumerate(machines, 1):
        changes[f"server xta-{number}.example:8443"] = f"server {machine.address}:{port}"
    for old, new in changes.items():
        assert stream.count(old) == 1, old
        stream = stream.replace(old, new)
    path = installation.folder / "nginx.conf"
    text = _NGINX.format(module=STREAM_MODULE, folder=installation.folder, stream=stream)
    path.write_text(text, encoding="utf-8")
    return path


def await_listening(host: str, port: int, log: Path) -> None:
    """Returns when something accepts connections."""
    deadline = time.monotonic() + _READY_SECONDS
    while not is_listening(host, port):
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.1)

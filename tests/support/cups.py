"""A real CUPS on a loopback port, with a queue that prints to nowhere."""

import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.running.ports import find_free_ports

_CUPSD = shutil.which("cupsd", path="/usr/sbin:/usr/bin")
QUEUE = "briefe"
_CONFIG = """
Listen 127.0.0.1:{port}
Browsing Off
WebInterface No
DefaultAuthType None
MaxJobs 0
MaxClients 20
PreserveJobHistory Yes
PreserveJobFiles Yes
LogLevel warn
<Location />
  Order allow,deny
  Allow from 127.0.0.1
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow from 127.0.0.1
  </Limit>
</Policy>
"""
_FILES = """
FileDevice Yes
User {user}
Group {group}
ServerRoot {folder}
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/temp
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
"""


def is_installed() -> bool:
    return _CUPSD is not None and shutil.which("lpadmin", path="/usr/sbin:/usr/bin") is not None


@dataclass(frozen=True)
class PrintServer:
    """Where it listens, and where it keeps what it was sent."""

    port: int
    spool: Path

    @property
    def url(self) -> str:
        """The queue."""
        return f"ipp://127.0.0.1:{self.port}/printers/{QUEUE}"

    def run(self, *command: str) -> None:
        """A command of CUPS towards this server."""
        name, *rest = command
        path = shutil.which(name, path="/usr/sbin:/usr/bin")
        assert path is not None
        subprocess.run(
            [path, "-h", f"127.0.0.1:{self.port}", *rest],
            check=True,
            capture_output=True,
            timeout=60,
        )

    def read_digest(self, job_id: int) -> str:
        """The SHA-256 of the document of a job."""
        return hashlib.sha256((self.spool / f"d{job_id:05d}-001").read_bytes()).hexdigest()


@contextmanager
def running_cups(folder: Path) -> Iterator[PrintServer]:
    """The server until the end of the block; its queue stands still until it is enabled."""
    assert _CUPSD is not None
    for name in ("spool", "cache", "state", "temp", "ssl", "ppd"):
        (folder / name).mkdir(parents=True)
    (port,) = find_free_ports(1)
    config, files = folder / "cupsd.conf", folder / "cups-files.conf"
    config.write_text(_CONFIG.format(port=port))
    files.write_text(_FILES.format(folder=folder, user="lp", group="lp"))
    server = PrintServer(port, folder / "spool")
    command = [_CUPSD, "-f", "-c", str(config), "-s", str(files)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await_queue(server, process, folder / "error_log")
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _await_queue(server: PrintServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            server.run("lpadmin", "-p", QUEUE, "-v", "file:/dev/null", "-m", "raw")
            server.run("cupsaccept", QUEUE)
            return
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode() + (log.read_text() if log.exists() else "")
            assert process.poll() is None, told
            assert time.monotonic() < deadline, told
            time.sleep(0.1)

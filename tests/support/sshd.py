"""A real OpenSSH server on loopback, for one account without a password: the one of the tests."""

import getpass
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

from server.running.ports import find_free_ports

_SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
# sshd of Debian wants it where it starts as root.
_PRIVILEGE_FOLDER = Path("/run/sshd")


def is_installed() -> bool:
    return _SSHD is not None


@dataclass(frozen=True)
class SshServer:
    """Where it listens, its host key (a line of known_hosts), and the key that opens it."""

    port: int
    host_key: str
    key_file: Path
    user: str


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """A new key; returns its public half."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)], check=True)
    return path.with_suffix(".pub").read_text().strip()


@contextmanager
def running_sshd(folder: Path) -> Iterator[SshServer]:
    """The server until the end of the block."""
    assert _SSHD is not None
    folder.mkdir(mode=0o700)
    host_key = make_key(folder / "host")
    (folder / "authorized").write_text(make_key(folder / "client"))
    (port,) = find_free_ports(1)
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized\nPasswordAuthentication no\nUsePAM no\n"
        "StrictModes no\nSubsystem sftp internal-sftp\nLogLevel VERBOSE\n"
    )
    if not _PRIVILEGE_FOLDER.exists() and getpass.getuser() == "root":
        _PRIVILEGE_FOLDER.mkdir(mode=0o755)
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([_SSHD, "-D", "-e", "-f", str(config)], stderr=log) as process,
    ):
        try:
            _await_port(process, port, folder / "log")
            yield SshServer(port, host_key, folder / "client", getpass.getuser())
        finally:
            process.terminate()
            process.wait(30)


def _await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)

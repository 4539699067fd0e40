"""A PgBouncer in front of a cluster of the tests; like PostgreSQL it does not run as root."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.running.ports import find_free_ports
from tests.support.postgres import PASSWORD, ROLE, Cluster, as_system_user

_SECONDS = 30


def find_pgbouncer() -> str | None:
    """The program; Debian keeps it where only root's PATH looks."""
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")


@contextmanager
def pooling(cluster: Cluster, mode: str, connections: int) -> Iterator[int]:
    """The port of a pooler with so many connections to the cluster, until the end of the block.

    `mode` is "session" or "transaction".
    """
    folder = cluster.folder / f"pgbouncer-{mode}"
    folder.mkdir()
    (port,) = find_free_ports(1)
    (folder / "users.txt").write_text(f'"{ROLE}" "{PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(_write_settings(cluster, folder, port, mode, connections))
    program = find_pgbouncer()
    assert program is not None
    with (folder / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen(
            [program, str(folder / "pgbouncer.ini")],
            stdout=log,
            stderr=log,
            **as_system_user(),
        )
    try:
        _await_port(port, folder / "pgbouncer.log")
        yield port
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _write_settings(cluster: Cluster, folder: Path, port: int, mode: str, connections: int) -> str:
    return f"""[databases]
* = host=127.0.0.1 port={cluster.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {connections}
ignore_startup_parameters = options
"""


def _await_port(port: int, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return

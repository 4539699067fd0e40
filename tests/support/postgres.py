"""A temporary PostgreSQL cluster: made in a folder, started, stopped, killed, removed.

PostgreSQL refuses to run as root; there it runs as the system user `postgres`.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from server.running.ports import find_free_ports

ROLE = "damtshilfe"
PASSWORD = "geheim-im-test"
_SYSTEM_USER = "postgres"
_PR_SET_PDEATHSIG = 1
_START_SECONDS = 60


@dataclass(frozen=True)
class ClusterOptions:
    """How a cluster runs.

    `is_durable` False saves the flushes to the disk: what is committed survives the end of the
    processes, but not that of the machine. Tests of crashes leave it on.
    `listen` may name further addresses, with commas between them ("*": all).
    """

    is_durable: bool = True
    listen: str = "127.0.0.1"
    max_connections: int = 200


class Cluster:
    """A PostgreSQL that runs; the role ROLE owns all that tests make."""

    def __init__(self, folder: Path, port: int, options: ClusterOptions) -> None:
        self.folder = folder
        self.port = port
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return (self.folder / "postgres.log").read_text(encoding="utf-8", errors="replace")

    @property
    def process(self) -> int:
        """The process that supervises the others."""
        assert self._process is not None
        return self._process.pid

    def url_for(self, name: str, host: str = "127.0.0.1", password: str = PASSWORD) -> str:
        """The URL of a database as it stands in the settings."""
        return f"postgresql+psycopg://{ROLE}:{password}@{host}:{self.port}/{name}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Makes a database that belongs to ROLE, and returns its URL."""
        self.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(ROLE), sql.Identifier(template)
            )
        )
        return self.url_for(name)

    def drop_database(self, name: str) -> None:
        """Removes a database with the connections that are open to it."""
        self.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def execute(self, statement: sql.SQL | sql.Composed, database: str = "postgres") -> list[Any]:
        """Runs a statement as superuser outside a transaction; its rows where it has some."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection as superuser, by the socket."""
        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user=_SYSTEM_USER,
            dbname=database,
            autocommit=True,
        )

    def start(self) -> None:
        """Starts the server on its old port, and returns when it takes connections."""
        with (self.folder / "postgres.log").open("ab") as output:
            self._process = subprocess.Popen(
                [str(_binary("postgres")), "-D", str(self.folder / "data"), *self._flags()],
                stdout=output,
                stderr=output,
                cwd=self.folder,
                preexec_fn=_end_with_parent,
                **as_system_user(),
            )
        self._await_ready()

    def stop(self) -> None:
        """Ends all connections and the server in good order ("fast")."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL for the server and all of its processes, as when the machine fails."""
        if self._process and self._process.poll() is None:
            children = _list_children(self._process.pid)
            self._process.kill()
            self._process.wait()
            for child in children:
                _kill_process(child)

    def remove(self) -> None:
        """Stops the server and removes its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _flags(self) -> list[str]:
        options = self._options
        durable = "on" if options.is_durable else "off"
        values = {
            "port": self.port,
            "listen_addresses": options.listen,
            "unix_socket_directories": self.folder,
            "max_connections": options.max_connections,
            "fsync": durable,
            "full_page_writes": durable,
            "shared_buffers": "64MB",
            "log_line_prefix": "%m [%p] %d ",
        }
        return [part for key, value in values.items() for part in ("-c", f"{key}={value}")]

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            assert self._process is not None
            assert self._process.poll() is None, self.log
            try:
                self.connect().close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, self.log
                time.sleep(0.05)
            else:
                return


def find_reason_to_skip() -> str:
    """Why no PostgreSQL can be started here; empty where it can."""
    if not _list_binary_folders():
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and not _has_system_user():
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


def start_cluster(folder: Path | None = None, options: ClusterOptions | None = None) -> Cluster:
    """Makes a cluster and starts it on a free port.

    Where no folder is named it lies in one of its own under the system's temporary folder; a
    folder that is named is empty, and the user postgres can reach it and has a short path to it
    (a socket's path has 107 characters at most). `remove` ends it.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="damtshilfe-pg-"))
    place.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(place, _SYSTEM_USER)
    _init_cluster(place)
    cluster = _make_cluster(place, options)
    try:
        cluster.start()
        cluster.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(ROLE), sql.Literal(PASSWORD)
            )
        )
    except BaseException:
        cluster.remove()
        raise
    return cluster


@contextmanager
def kept_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster until the end of the block, whose folder stays and is used again."""
    is_there = (folder / "data").exists()
    cluster = _make_cluster(folder, None) if is_there else start_cluster(folder)
    if is_there:
        cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def running_cluster(options: ClusterOptions | None = None) -> Iterator[Cluster]:
    """A cluster until the end of the block."""
    cluster = start_cluster(options=options)
    try:
        yield cluster
    finally:
        cluster.remove()


def _make_cluster(folder: Path, options: ClusterOptions | None) -> Cluster:
    (port,) = find_free_ports(1)
    return Cluster(folder, port, options or ClusterOptions())


def _init_cluster(folder: Path) -> None:
    subprocess.run(
        [
            str(_binary("initdb")),
            *("-D", str(folder / "data")),
            *("-U", _SYSTEM_USER),
            *("--encoding", "UTF8"),
            *("--locale", "C.UTF-8"),
            *("--auth-local", "trust"),
            *("--auth-host", "scram-sha-256"),
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        **as_system_user(),
    )
    # Loopback alone is let in by initdb; other addresses only where `listen` names them.
    with (folder / "data" / "pg_hba.conf").open("a") as file:
        file.write("host all all all scram-sha-256\n")


def _list_binary_folders() -> list[Path]:
    """Where PostgreSQL lies, the newest first: PATH, then the folders of Debian."""
    found = shutil.which("initdb")
    on_path = [Path(found).resolve().parent] if found else []
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0,
        reverse=True,
    )
    return [path for path in (*on_path, *debian) if (path / "postgres").exists()]


def _binary(name: str) -> Path:
    return _list_binary_folders()[0] / name


def _has_system_user() -> bool:
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        return False
    return True


def as_system_user() -> dict[str, Any]:
    """Arguments of subprocess that take root's rights away."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(_SYSTEM_USER)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    """In the child, after it has changed its user: no server outlives its tests (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _list_children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


def _kill_process(pid: int) -> None:
    """Kills a process that is not ours to wait for, and returns when it has ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 10
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")

"""On SQLite there is one worker process: a lock beside the database file says so.

The kernel gives the lock back when the process ends, however it ends. On PostgreSQL any number of
workers share the work, and nothing is locked here.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_SQLITE = "sqlite:///"
# So long the worker of a server that was killed may take to end.
_WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.1


class WorkerRunning(Exception):
    """Another worker has the database; the text is German."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"Für die Datenbank {database} läuft bereits ein Worker. Mit SQLite gibt es nur einen; "
            "mehrere teilen sich die Arbeit mit PostgreSQL (database.url)."
        )


@contextmanager
def only_worker(url: str, wait_seconds: float = _WAIT_SECONDS) -> Iterator[None]:
    """Holds the lock; raises WorkerRunning where another process does not give it up in time."""
    if not url.startswith(_SQLITE):
        yield
        return
    database = Path(url.removeprefix(_SQLITE))
    with database.with_name(f"{database.name}.worker").open("w", encoding="utf-8") as file:
        if not _lock(file, wait_seconds):
            raise WorkerRunning(database)
        yield


def _lock(file: TextIO, wait_seconds: float) -> bool:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True

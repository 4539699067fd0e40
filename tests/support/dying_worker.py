"""A worker that does what is due about batches, and kills itself at a step.

`python -m tests.support.dying_worker SETTINGS STEP`: SIGKILL before or after a commit, by its
number (0: never). Exits 0 when nothing is due any more.
"""

import os
import signal
import sys
from pathlib import Path

from persistence.engine import make_engine
from server.bootstrap_batching import build_batch_tasks
from server.running.blob_store import make_blobs
from server.settings_file import load_settings
from tests.support.fragile import FragileDatabase, Fuse


def main() -> None:
    """Runs the tasks of the real worker over a database that counts commits."""
    settings = load_settings(Path(sys.argv[1]))
    fuse = Fuse(int(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGKILL))
    database = FragileDatabase(make_engine(settings.database.url), fuse)
    tasks = build_batch_tasks(settings, database, make_blobs(settings, database), lambda: False)
    while any((tasks.close(), tasks.submit(), tasks.tell())):
        pass


if __name__ == "__main__":
    main()

"""Worker processes that are killed while they close, hand over and tell a batch."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from persistence.database import Database
from persistence.engine import make_engine
from server.domain.batch import BatchState
from server.domain.mandant import Caller
from server.running.blob_store import make_blobs
from server.services.clock import read_clock
from server.settings_file import load_settings
from tests.support.installation import Installation, make_installation
from tests.support.lettering import (
    Draft,
    add_letters,
    list_batches,
    list_printed,
    require_printed_once,
)
from tests.support.on_postgres import move_to_postgres

ENVIRONMENT = {
    "DAMTSHILFE_DELIVERY__LEASE_SECONDS": "1",
    "DAMTSHILFE_PRINTING__NEWS_DAYS": "14",
}
# Commits of each process before it is gone: 1 is before the first, 2 after it, and so on. The batch
# is closed, claimed, its ticket kept, handed over and noted, told.
DEATHS = {
    "before the batch is closed": 1,
    "after it is closed": 2,
    "before its ticket is kept": 3,
    "after its ticket is kept": 4,
    "handed over, and not noted": 3,
    "noted, and not told": 5,
    "told": 4,
}


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    made = make_installation(tmp_path / "demo")
    if request.param == "postgres":
        make_database: Callable[[], str] = request.getfixturevalue("make_postgres_database")
        move_to_postgres(made, make_database())
    return made


def run_worker(installation: Installation, step: int) -> int:
    command = [sys.executable, "-m", "tests.support.dying_worker", str(installation.config)]
    environment = {**os.environ, **ENVIRONMENT}
    return subprocess.run([*command, str(step)], env=environment, check=False).returncode


def test_worker_killed_at_each_step_of_a_batch_prints_every_letter_once(
    installation: Installation,
) -> None:
    settings = load_settings(installation.config, {})
    database = Database(make_engine(settings.database.url))
    with database.reading() as stores:
        author = Caller(stores.mandanten.list_all()[0], "", read_clock())
    blobs = make_blobs(settings, database)
    drafts = [Draft(code) for code in ("99084", "01067", "56812")]
    message_ids = add_letters(database, blobs, author, read_clock, drafts)
    folder = installation.folder / "druck"
    for moment, step in DEATHS.items():
        assert run_worker(installation, step) == -signal.SIGKILL, moment
        if moment == "handed over, and not noted":
            assert list_printed(folder).total() == 3
            assert [batch.state for batch in list_batches(database)] == [BatchState.CLOSED]
        time.sleep(1.1)
    assert run_worker(installation, 0) == 0
    require_printed_once(database, folder, message_ids)
    database.engine.dispose()

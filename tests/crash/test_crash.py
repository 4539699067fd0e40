"""A small crash run; `make crash` is the large one (docs/testing.md)."""

from pathlib import Path

import pytest

from tests.crash.plan import CrashPlan, Storage
from tests.crash.run import run_crash, tell
from tests.support.postgres import find_reason_to_skip


@pytest.mark.parametrize("storage", list(Storage))
def test_crash_of_servers_workers_and_connections_loses_and_doubles_nothing(
    tmp_path: Path, storage: Storage
) -> None:
    if storage == Storage.POSTGRESQL and (reason := find_reason_to_skip()):
        pytest.skip(reason)
    plan = CrashPlan(messages=300, kills=10, storage=storage, seed="klein", minutes=10)
    run = run_crash(plan, tmp_path)
    tell(plan, run)
    assert run.result.violations == []
    assert run.result.acknowledged >= plan.messages
    assert run.result.kills.total() == plan.kills

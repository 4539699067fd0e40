"""A small run on several machines; `make machines` is the large one (docs/testing.md)."""

import os
import subprocess
import sys

import pytest

from tests.machines import network
from tests.support import postgres
from tests.support.installation import REPOSITORY


def test_machines_three_servers_and_two_workers_deliver_each_order_once() -> None:
    if reason := network.find_reason_to_skip() or postgres.find_reason_to_skip():
        pytest.skip(reason)
    size = {"MACHINES_ORDERS": "400", "MACHINES_SENT": "200", "MACHINES_SOLO_SECONDS": "0"}
    # A process of its own: it leaves the network of the system.
    result = subprocess.run(
        [sys.executable, "-u", "-m", "tests.machines.run"],
        cwd=REPOSITORY,
        env={**os.environ, **size, "MACHINES_MINUTES": "5"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "faults: 0" in result.stdout

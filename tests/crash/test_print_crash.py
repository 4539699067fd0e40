"""A small print run; `make crash-print` is the large one (docs/testing.md)."""

from pathlib import Path

import pytest

from tests.crash.plan import Storage
from tests.crash.printing import PrintPlan, run_print_crash
from tests.support.postgres import find_reason_to_skip


@pytest.mark.parametrize("storage", list(Storage))
def test_crash_of_the_worker_while_it_prints_every_letter_goes_out_once(
    tmp_path: Path, storage: Storage
) -> None:
    if storage == Storage.POSTGRESQL and (reason := find_reason_to_skip()):
        pytest.skip(reason)
    assert run_print_crash(PrintPlan(letters=40, kills=6, storage=storage), tmp_path) == []

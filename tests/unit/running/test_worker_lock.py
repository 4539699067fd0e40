"""One worker on SQLite."""

from pathlib import Path

import pytest

from server.running.worker_lock import WorkerRunning, only_worker


def test_only_worker_second_one_on_the_same_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite"
    with (
        only_worker(url),
        pytest.raises(WorkerRunning, match="läuft bereits ein Worker"),
        only_worker(url, wait_seconds=0),
    ):
        pass


def test_only_worker_after_the_first_has_ended_may_work(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite"
    with only_worker(url):
        pass
    with only_worker(url, wait_seconds=0):
        assert (tmp_path / "x.sqlite.worker").exists()


def test_only_worker_on_postgresql_several_may_work() -> None:
    url = "postgresql+psycopg://damtshilfe@localhost/damtshilfe"
    with only_worker(url), only_worker(url, wait_seconds=0):
        assert not list(Path().glob("*.worker"))

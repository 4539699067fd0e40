"""The loop of the worker when something fails."""

import logging
import threading

import pytest

from persistence.failures import DatabaseUnavailable
from server.worker.loop import run_worker


def test_run_worker_database_away_waits_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.worker.loop._OUTAGE_SECONDS", 0)
    stop = threading.Event()
    calls: list[str] = []

    def first() -> bool:
        calls.append("first")
        if len(calls) < 3:
            raise DatabaseUnavailable
        return True

    def second() -> bool:
        calls.append("second")
        stop.set()
        return True

    with caplog.at_level(logging.ERROR):
        run_worker((first, second), stop, 0)
    assert calls == ["first", "first", "first", "second"]
    assert [record.exc_info for record in caplog.records] == [None, None]
    assert "Datenbank" in caplog.text


def test_run_worker_task_that_fails_does_not_keep_the_others_from_working(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = threading.Event()

    def first() -> bool:
        raise RuntimeError("broken")

    def second() -> bool:
        stop.set()
        return True

    with caplog.at_level(logging.ERROR):
        run_worker((first, second), stop, 0)
    assert "broken" in caplog.text

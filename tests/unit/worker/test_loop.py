"""The loop of the worker when something fails."""

import logging
import threading

import pytest

from persistence.failures import DatabaseUnavailable
from server.worker.loop import Loop, run_worker


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
        run_worker([Loop("main", (first, second))], stop, 0)
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
        run_worker([Loop("main", (first, second))], stop, 0)
    assert "broken" in caplog.text


def test_run_worker_loop_that_waits_does_not_keep_the_others_from_working() -> None:
    stop, is_waiting, may_go_on = (threading.Event() for _ in range(3))
    finished: list[str] = []

    def wait() -> bool:
        is_waiting.set()
        assert may_go_on.wait(60)
        finished.append("waited")
        return True

    def work() -> bool:
        assert is_waiting.wait(60)
        finished.append("worked")
        stop.set()
        may_go_on.set()
        return True

    run_worker([Loop("main", (work,)), Loop("slow", (wait,))], stop, 0)
    assert finished == ["worked", "waited"]


def test_run_worker_loop_that_does_not_end_is_broken_off(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.worker.loop._LAST_SECONDS", 0)
    stop, is_waiting, may_go_on = (threading.Event() for _ in range(3))

    def wait() -> bool:
        is_waiting.set()
        return may_go_on.wait(60)

    def work() -> bool:
        assert is_waiting.wait(60)
        stop.set()
        return True

    run_worker([Loop("main", (work,)), Loop("slow", (wait,))], stop, 0)
    assert "slow did not end in time" in caplog.text
    may_go_on.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_run_worker_loop_that_breaks_down_ends_the_others() -> None:
    class BrokenDown(BaseException):
        """What no loop survives."""

    def break_down() -> bool:
        raise BrokenDown

    stop = threading.Event()
    run_worker([Loop("main", (lambda: False,)), Loop("beside", (break_down,))], stop, 0.01)
    assert stop.is_set()


def test_loop_that_stops_leaves_things_in_order() -> None:
    stop, ended = threading.Event(), list[str]()

    def work() -> bool:
        stop.set()
        return True

    def break_down() -> None:
        ended.append("main")
        raise RuntimeError("kaputt")

    loops = [Loop("main", (work,), break_down), Loop("beside", (), lambda: ended.append("beside"))]
    run_worker(loops, stop, 0)
    assert sorted(ended) == ["beside", "main"]

"""The loops of the worker: each does its tasks in turn, in a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.errors import AmtshilfeError, Faults

logger = logging.getLogger(__name__)

# A piece of work; it says whether there was anything to do.
Task = Callable[[], bool]

# While the database is away nothing can be done: one line in the log for each pause.
_OUTAGE_SECONDS = 2.0
# So long the loops may take to end, less than who stops the process waits. What waits for a
# silent data centre then is broken off, as by a crash: the other side recognises the repeat.
_LAST_SECONDS = 15.0


def do_nothing() -> None:
    """For loops that leave nothing behind."""


@dataclass(frozen=True)
class Loop:
    """Tasks that may wait for each other, but for no other loop.

    `at_end` is called when the loop stops, to leave things in order.
    """

    name: str
    tasks: tuple[Task, ...]
    at_end: Callable[[], None] = do_nothing


def run_worker(loops: Sequence[Loop], stop: threading.Event, poll_seconds: float) -> None:
    """Runs the loops until `stop` is set; a piece that has begun is finished.

    An error of the machinery is logged and a loop goes on; while the database is away it waits. A
    loop that ends for another reason ends the others, too.
    """
    logger.info("worker started")
    threads = [
        threading.Thread(
            target=_run_beside, args=(loop, stop, poll_seconds), name=loop.name, daemon=True
        )
        for loop in loops[1:]
    ]
    for thread in threads:
        thread.start()
    try:
        _run_loop(loops[0], stop, poll_seconds)
    finally:
        stop.set()
        _await_end(threads)
    logger.info("worker stopped")


def _run_beside(loop: Loop, stop: threading.Event, poll_seconds: float) -> None:
    try:
        _run_loop(loop, stop, poll_seconds)
    finally:
        stop.set()


def _run_loop(loop: Loop, stop: threading.Event, poll_seconds: float) -> None:
    while not stop.is_set():
        try:
            results = [_run_safely(task) for task in loop.tasks]
        except AmtshilfeError as error:
            logger.error("the worker waits: %s", error.reason)
            stop.wait(_OUTAGE_SECONDS)
        else:
            if not any(results):
                stop.wait(poll_seconds)
    _end(loop)


def _end(loop: Loop) -> None:
    try:
        loop.at_end()
    except Exception:
        logger.exception("%s did not end in order", loop.name)


def _await_end(threads: Sequence[threading.Thread]) -> None:
    deadline = time.monotonic() + _LAST_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            logger.warning("%s did not end in time and is broken off", thread.name)


def _run_safely(task: Task) -> bool:
    """Whether there was something to do; raises AmtshilfeError where the database is away."""
    try:
        return task()
    except Exception as error:
        if isinstance(error, AmtshilfeError) and error.fault is Faults.STORAGE_UNAVAILABLE:
            raise
        logger.exception("the worker could not work")
        return False

"""The loop of the worker."""

import logging
import threading
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

# A piece of work; it says whether there was anything to do.
Task = Callable[[], bool]


def run_worker(tasks: Sequence[Task], stop: threading.Event, poll_seconds: float) -> None:
    """Does what is due until `stop` is set; a piece that has begun is finished.

    An error of the machinery (a database that is away) is logged and the loop goes on.
    """
    logger.info("worker started")
    while not stop.is_set():
        results = [_run_safely(task) for task in tasks]
        if not any(results):
            stop.wait(poll_seconds)
    logger.info("worker stopped")


def _run_safely(task: Task) -> bool:
    try:
        return task()
    except Exception:
        logger.exception("the worker could not work")
        return False

"""The loop of the worker."""

import logging
import threading
from collections.abc import Callable, Sequence

from server.errors import AmtshilfeError, Faults

logger = logging.getLogger(__name__)

# A piece of work; it says whether there was anything to do.
Task = Callable[[], bool]

# While the database is away nothing can be done: one line in the log for each pause.
_OUTAGE_SECONDS = 2.0


def run_worker(tasks: Sequence[Task], stop: threading.Event, poll_seconds: float) -> None:
    """Does what is due until `stop` is set; a piece that has begun is finished.

    An error of the machinery is logged and the loop goes on; while the database is away it waits.
    """
    logger.info("worker started")
    while not stop.is_set():
        try:
            results = [_run_safely(task) for task in tasks]
        except AmtshilfeError as error:
            logger.error("the worker waits: %s", error.reason)
            stop.wait(_OUTAGE_SECONDS)
        else:
            if not any(results):
                stop.wait(poll_seconds)
    logger.info("worker stopped")


def _run_safely(task: Task) -> bool:
    """Whether there was something to do; raises AmtshilfeError where the database is away."""
    try:
        return task()
    except Exception as error:
        if isinstance(error, AmtshilfeError) and error.fault is Faults.STORAGE_UNAVAILABLE:
            raise
        logger.exception("the worker could not work")
        return False

"""The loop of the worker."""

import logging
import threading

from server.services.delivery import Delivery

logger = logging.getLogger(__name__)


def run_worker(delivery: Delivery, stop: threading.Event, poll_seconds: float) -> None:
    """Delivers what is due until `stop` is set; an order that has begun is finished.

    An error of the machinery (a database that is away) is logged and the loop goes on.
    """
    logger.info("worker started")
    while not stop.is_set():
        if not _deliver_safely(delivery):
            stop.wait(poll_seconds)
    logger.info("worker stopped")


def _deliver_safely(delivery: Delivery) -> bool:
    try:
        return delivery.deliver_next()
    except Exception:
        logger.exception("the worker could not work")
        return False

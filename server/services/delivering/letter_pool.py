"""Letters are set ahead of their turn, by processes beside the worker.

To set a letter takes most of the work of its delivery, and one process uses one core. What is set
ahead is an outcome and no more: it is written when its order has its turn, by the worker, as if the
letter had been set then. What is not asked for is forgotten; the PDF that nothing names is swept.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context

from persistence.stores.orders import DeliveryOrder
from server.domain.destination import Destination, DestinationKind
from server.domain.stored_message import StoredMessage
from server.services.delivering.channel import Channel, Outcome
from server.services.delivering.claims import Claim
from server.services.delivering.letter_process import Answer, begin, set_letter

logger = logging.getLogger(__name__)

# For each process one letter in work and some that wait: what it sets while the worker claims the
# next orders and does its other tasks.
_AHEAD = 4


class ProcessDied(Exception):
    """A process ended while it set a letter."""

    def __init__(self) -> None:
        super().__init__("Der Prozess, der den Brief setzt, ist abgestürzt")


@dataclass(frozen=True)
class LetterProcesses:
    """How many processes set letters (one: only the worker itself), and how one begins.

    `make_channel` is called in each of them, once; `environment` are variables that they have
    beside those of the worker.
    """

    number: int
    make_channel: Callable[[], Channel]
    environment: Mapping[str, str] = field(default_factory=dict)


class LetterPool:
    """A channel that delivers through processes where several letters are to be set."""

    def __init__(self, here: Channel, processes: LetterProcesses) -> None:
        """A single letter is set by the channel `here`: it would wait for a process to begin."""
        self._here = here
        self._processes = processes
        self._ahead: dict[str, Future[Answer]] = {}
        self._pool: ProcessPoolExecutor | None = None

    def look_ahead(self, claims: Iterable[Claim]) -> int:
        """Sets letters of claims that wait for their turn, the next ones first; how many so far."""
        letters = [claim for claim in claims if _is_letter(*claim)]
        wanted = {_name(order) for order, _ in letters}
        self._forget(self._ahead.keys() - wanted)
        if self._processes.number > 1 and (len(letters) > 1 or self._ahead):
            self._set_ahead(letters[: self._processes.number * _AHEAD])
        return len(self._ahead)

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """What became of the letter; raises what the channel has raised."""
        future = self._ahead.pop(_name(order), None)
        if future is None:
            return self._here.deliver(order, message, destination)
        try:
            answer = future.result()
        except BrokenProcessPool:
            answer = self._try_alone(order, message, destination)
        return answer.open()

    def close(self) -> None:
        """Ends the processes; they begin anew where they are needed."""
        self._forget(tuple(self._ahead))
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def _set_ahead(self, letters: Iterable[Claim]) -> None:
        try:
            for order, message in letters:
                if _name(order) not in self._ahead:
                    future = self._submit(order, message, order.destination)
                    self._ahead[_name(order)] = future
        except BrokenProcessPool:
            # Whoever waits for a letter learns it too, and begins anew.
            logger.warning("a process that sets letters has died")

    def _try_alone(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Answer:
        """Of the letters that were in work, this one may be what a process died of, or not."""
        self.close()
        try:
            return self._submit(order, message, destination).result()
        except BrokenProcessPool:
            self.close()
            raise ProcessDied from None

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._ahead.pop(name).cancel()

    def _submit(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Future[Answer]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes.number,
                # A copy of this process would share its connections.
                mp_context=get_context("spawn"),
                initializer=begin,
                initargs=(self._processes.make_channel,),
            )
        # What comes first begins the processes.
        with _having(self._processes.environment):
            return self._pool.submit(set_letter, order, message, destination)


@contextmanager
def _having(environment: Mapping[str, str]) -> Iterator[None]:
    """Processes that begin within the block have these variables; those set before stay."""
    added = [name for name in environment if name not in os.environ]
    os.environ.update({name: environment[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _name(order: DeliveryOrder) -> str:
    """A claim of an order; another claim sets the letter anew."""
    return f"{order.key}:{order.lease.token}"


def _is_letter(order: DeliveryOrder, message: StoredMessage) -> bool:
    return order.destination.kind is DestinationKind.LETTER and not message.is_unscanned

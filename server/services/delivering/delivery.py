"""Delivery after the commit: claim orders, deliver, report, commit.

What fails for now is tried again with growing distance; what fails for good is parked with its
cause and never deleted; what waits for something that is away is held. A repeat after a crash does
nothing twice: a mailbox entry is a state, and a letter bears the same order id at every attempt.
"""

import logging
from collections import deque
from collections.abc import Sequence

from persistence.blobs import BlobStoreUnavailable
from persistence.database import Database
from persistence.stores.orders import DeliveryOrder
from server.domain.destination import SCANNER, Destination, DestinationKind
from server.domain.stored_message import StoredMessage
from server.services.clock import Clock
from server.services.delivering.breakers import Breakers
from server.services.delivering.channel import (
    DependencyDown,
    DestinationGone,
    Outcome,
    RecipientUnreachable,
    Undeliverable,
    Ways,
)
from server.services.delivering.claims import Claim, Claims
from server.services.delivering.plan import DeliveryPlan, Worker
from server.services.delivering.results import Results
from server.services.directory import Directory, DirectoryUnavailable

logger = logging.getLogger(__name__)


class _Readdressed(Exception):
    """The message goes elsewhere than its order says."""

    def __init__(self, destination: Destination) -> None:
        super().__init__(str(destination))
        self.destination = destination


class Delivery:
    """Works through the delivery orders."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        clock: Clock,
        *,
        ways: Ways,
        plan: DeliveryPlan,
        worker: Worker,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._ways = ways
        self._plan = plan
        self._worker = worker
        self._claims = Claims(database, clock, plan.lease, plan.queues)
        self._results = Results(database, clock, worker.name)
        self._breakers = Breakers(database, clock, plan.breaker)
        # Claimed and not yet tried; it outlives an error of the database in between.
        self._backlog: deque[Claim] = deque()

    def deliver_due(self) -> bool:
        """Delivers a batch of due orders; False where nothing is due.

        Where more is due, what is being done ahead is left for the next call: so the processes that
        do it have work while the worker does something else. `end` gives it back.
        """
        claimed = self._claim_more()
        has_worked = bool(self._backlog)
        while self._backlog and not self._worker.is_stopping():
            self._backlog = deque(self._claims.keep(self._backlog))
            ahead = self._ways.look_ahead(self._backlog)
            if claimed == self._plan.batch and len(self._backlog) <= ahead:
                return True
            if self._backlog:
                self._deliver(*self._backlog.popleft())
        self.end()
        return has_worked

    def end(self) -> None:
        """Gives back what was claimed and not tried."""
        self._give_back(tuple(self._backlog))

    def _claim_more(self) -> int:
        """How many orders were claimed; none where many are left of the last call."""
        if len(self._backlog) > self._ways.look_ahead(self._backlog):
            return 0
        claims = self._claims.claim(self._plan.batch)
        self._backlog.extend(claims)
        return len(claims)

    def _deliver(self, order: DeliveryOrder, message: StoredMessage) -> None:
        try:
            outcome = self._attempt(order, message)
        except _Readdressed as error:
            self._results.readdress(order, message, error.destination)
            self._end_probe(order)
        except Undeliverable as error:
            self._park(order, message, error)
        except DependencyDown as error:
            self._wait_for(order, message, error)
        except (BlobStoreUnavailable, OSError) as error:
            self._wait_for(order, message, DependencyDown("Ablage der Inhalte", str(error)))
        except Exception as error:
            # Whatever it was, the order stays: a later attempt or an operator will see to it.
            logger.exception("delivery of %s failed", message.head.message_id)
            self._postpone(order, message, f"{type(error).__name__}: {error}")
        else:
            self._results.complete(order, message, outcome)
            if order.is_probe or order.destination in self._claims.failing:
                self._breakers.report_success(order.destination)

    def _attempt(self, order: DeliveryOrder, message: StoredMessage) -> Outcome:
        if message.is_unscanned and order.destination != SCANNER:
            raise _Readdressed(SCANNER)
        try:
            return self._bring(order, message)
        except Undeliverable as error:
            return self._fall_back(order, message, error)

    def _fall_back(
        self, order: DeliveryOrder, message: StoredMessage, error: Undeliverable
    ) -> Outcome:
        """What the author's rules make of it; raises the error where they make nothing of it."""
        is_letter = order.destination.kind is DestinationKind.LETTER
        if error.fallback_reason is None or is_letter:
            raise error
        found = self._ways.fall_back(message, error.fallback_reason, str(error))
        if found.outcome:
            return found.outcome
        raise type(error)(f"{error} {found.problem}") if found.problem else error

    def _bring(self, order: DeliveryOrder, message: StoredMessage) -> Outcome:
        destination = order.destination
        # Whether a mailbox is still there, its channel sees by itself.
        is_certain = order.is_redirected or destination.kind is DestinationKind.MAILBOX
        if not is_certain:
            self._require_same(order, message)
        channel = self._ways.channels.get(destination.kind)
        if channel is None:
            raise Undeliverable(f"Zu {destination} führt von diesem Server kein Weg.")
        try:
            return channel.deliver(order, message, destination)
        except DestinationGone as error:
            self._require_same(order, message)
            raise RecipientUnreachable(f"Das Ziel {error} gibt es nicht mehr.") from error

    def _require_same(self, order: DeliveryOrder, message: StoredMessage) -> None:
        """Raises _Readdressed where the message goes elsewhere by now."""
        destination = self._ways.resolver(message)
        if destination != order.destination:
            self._ways.check_way(message, destination)
            raise _Readdressed(destination)

    def _park(self, order: DeliveryOrder, message: StoredMessage, error: Undeliverable) -> None:
        is_parked = self._results.park(order, message, str(error))
        self._end_probe(order)
        if is_parked and isinstance(error, RecipientUnreachable):
            self._report_doubt(message, str(error))

    def _wait_for(
        self, order: DeliveryOrder, message: StoredMessage, error: DependencyDown
    ) -> None:
        """Held, never parked: what is away says nothing about the message."""
        logger.warning("message %s waits: %s", message.head.message_id, error)
        retry = self._plan.find_retry(order.destination.kind)
        wait = retry.wait_after(order.attempts, self._worker.jitter())
        self._results.wait_for(order, message, wait, error)
        is_open = self._breakers.report_failure(
            order.destination, str(error), is_probe=order.is_probe
        )
        self._claims.failing |= {order.destination}
        if is_open:
            self._give_back([claim for claim in self._backlog if _goes_to(claim, order)])

    def _postpone(self, order: DeliveryOrder, message: StoredMessage, cause: str) -> None:
        retry = self._plan.find_retry(order.destination.kind)
        if self._clock() - order.tried_since > retry.max_age:
            self._results.park(order, message, cause)
        else:
            wait = retry.wait_after(order.attempts, self._worker.jitter())
            self._results.postpone(order, message, wait, cause)
        self._end_probe(order)

    def _end_probe(self, order: DeliveryOrder) -> None:
        if order.is_probe:
            self._breakers.end_probe(order.destination)

    def _give_back(self, claims: Sequence[Claim]) -> None:
        if not claims:
            return
        self._claims.give_back(claims)
        self._backlog = deque(claim for claim in self._backlog if claim not in claims)

    def _report_doubt(self, message: StoredMessage, cause: str) -> None:
        """After the commit, once: whether the directory hears of it changes nothing here."""
        try:
            self._directory.report_doubt(message.head.reader, cause)
        except DirectoryUnavailable:
            logger.warning("no doubt could be reported about %s", message.head.reader)


def _goes_to(claim: Claim, order: DeliveryOrder) -> bool:
    return claim[0].destination == order.destination

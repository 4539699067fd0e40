"""What a delivery led to, written in one transaction with the end of the order's lease.

Who lost its lease meanwhile changes nothing: another worker has the order, and the other side
recognises the repeat.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from persistence.database import Database, Stores
from persistence.stores.orders import Attempt, AttemptEvent, DeliveryOrder, LeaseLost
from server.domain.destination import Destination
from server.domain.message import ImpossibleTransition, MessageEvent
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode, make_entry
from server.services.clock import Clock
from server.services.delivering.channel import DependencyDown, Outcome
from server.services.delivering.claims import CAUSE_FOR_AUTHOR
from server.services.message_events import record_event

logger = logging.getLogger(__name__)

_Change = Callable[[Stores], None]


class Results:
    """Writes results; every method does nothing where the lease is lost."""

    def __init__(self, database: Database, clock: Clock, worker: str) -> None:
        self._database = database
        self._clock = clock
        self._worker = worker

    def complete(self, order: DeliveryOrder, message: StoredMessage, outcome: Outcome) -> bool:
        """The delivery succeeded; False where the lease was lost."""
        again_at = outcome.again_at

        def change(stores: Stores) -> None:
            if again_at:
                stores.orders.continue_at(order, again_at)
            else:
                stores.orders.complete(order)
            if outcome.letter:
                stores.letters.add(message.key, order.key, outcome.letter, self._clock())
            for further in outcome.further:
                stores.orders.add(
                    message.key,
                    further.destination,
                    self._clock(),
                    further.due,
                    is_redirected=further.is_settled,
                )

        event = AttemptEvent.CONTINUED if again_at else AttemptEvent.DELIVERED
        return self._write(order, message, self._attempt(event, outcome.detail), change, outcome)

    def park(self, order: DeliveryOrder, message: StoredMessage, cause: str) -> bool:
        """The delivery failed for good; False where the lease was lost."""
        is_ours = self._write(
            order,
            message,
            self._attempt(AttemptEvent.PARKED, cause),
            lambda stores: stores.orders.park(order, cause),
            Outcome(MessageEvent.PARKED, cause),
        )
        if is_ours:
            logger.error("message %s is parked: %s", message.head.message_id, cause)
        return is_ours

    def postpone(
        self, order: DeliveryOrder, message: StoredMessage, wait: timedelta, cause: str
    ) -> bool:
        """This message failed for now."""
        due = self._clock() + wait
        return self._write(
            order,
            message,
            self._attempt(AttemptEvent.FAILED, cause),
            lambda stores: stores.orders.postpone(order, due, cause),
        )

    def wait_for(
        self, order: DeliveryOrder, message: StoredMessage, wait: timedelta, down: DependencyDown
    ) -> bool:
        """Something else is away."""
        due = self._clock() + wait
        return self._write(
            order,
            message,
            self._attempt(AttemptEvent.HELD, str(down)),
            lambda stores: stores.orders.wait_for(order, due, down.name, down.cause),
        )

    def readdress(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> bool:
        """The message goes elsewhere than it seemed."""
        moment = self._clock()
        return self._write(
            order,
            message,
            self._attempt(AttemptEvent.READDRESSED, f"{order.destination} → {destination}"),
            lambda stores: stores.orders.readdress(order, destination, moment),
        )

    def _attempt(self, event: AttemptEvent, detail: str) -> Attempt:
        return Attempt(self._clock(), event, self._worker, detail)

    def _write(
        self,
        order: DeliveryOrder,
        message: StoredMessage,
        attempt: Attempt,
        change: _Change,
        outcome: Outcome | None = None,
    ) -> bool:
        def write(stores: Stores) -> None:
            # The message first, then its orders: as everybody does who changes both.
            current = replace(message, state=stores.messages.lock_state(message.key))
            change(stores)
            stores.orders.add_attempt(order.key, attempt)
            self._tell_author(stores, order, current, attempt, outcome)

        try:
            self._database.write(write)
        except LeaseLost:
            logger.warning(
                "message %s: result %s dropped, the order is another worker's",
                message.head.message_id,
                attempt.event,
            )
            return False
        except ImpossibleTransition as error:
            self._withdraw(order, message, error)
        return True

    def _tell_author(
        self,
        stores: Stores,
        order: DeliveryOrder,
        message: StoredMessage,
        attempt: Attempt,
        outcome: Outcome | None,
    ) -> None:
        if outcome and outcome.event:
            record_event(stores, message, outcome.event, attempt.moment, detail=outcome.detail)
        if outcome and outcome.forwarded_to:
            stores.forwarded.add(message.key, outcome.forwarded_to, attempt.moment)
        is_delay = attempt.event in (AttemptEvent.FAILED, AttemptEvent.HELD)
        if is_delay and not order.is_delay_told:
            entry = make_entry(ReportCode.DELIVERY_DELAYED, attempt.moment, CAUSE_FOR_AUTHOR)
            stores.messages.add_entries(message.key, [entry])

    def _withdraw(
        self, order: DeliveryOrder, message: StoredMessage, error: ImpossibleTransition
    ) -> None:
        """The message came to an end some other way while it was delivered."""
        cause = f"Die Nachricht ist inzwischen im Zustand „{error.state}“."
        logger.warning("message %s: order dropped, %s", message.head.message_id, error)
        attempt = self._attempt(AttemptEvent.CANCELLED, cause)
        try:
            with self._database.writing() as stores:
                stores.orders.withdraw(order, cause)
                stores.orders.add_attempt(order.key, attempt)
        except LeaseLost:
            logger.warning("message %s: its order has ended", message.head.message_id)

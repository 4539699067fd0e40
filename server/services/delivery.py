"""Delivery after the commit: claim an order, deliver, report, commit.

What fails for now is tried again with growing distance; what fails for good is parked with its
cause and never deleted. A repeat after a crash does nothing twice: a mailbox entry is a state,
and a letter bears the same order id at every attempt.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from persistence.blobs import Blobs
from persistence.database import Database, Stores
from persistence.stores.orders import DeliveryOrder
from server.domain.behoerde import Behoerde, Kanal
from server.domain.mandant_access import explain_inactive
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode, make_entry
from server.printing.letter import LetterOrder
from server.services.clock import Clock
from server.services.directory import Directory, DirectoryUnavailable
from server.services.letters import Letters, make_order_id
from server.services.message_events import record_event

logger = logging.getLogger(__name__)


class Undeliverable(Exception):
    """The message cannot be delivered however often it is tried; the text is German."""


class RecipientUnreachable(Undeliverable):
    """Undeliverable because of what the directory says of the recipient, or does not say."""


@dataclass(frozen=True)
class RetryPlan:
    """When to try again, and when to stop trying."""

    first: timedelta
    longest: timedelta
    max_age: timedelta

    def wait_after(self, attempts: int) -> timedelta:
        """The distance to the next attempt: it doubles each time up to the longest."""
        doublings = min(attempts - 1, 32)
        return min(self.first * (1 << doublings), self.longest)


@dataclass(frozen=True)
class DeliveryPlan:
    """How long a claimed order belongs to a worker, and how often it is tried."""

    lease: timedelta
    retry: RetryPlan


@dataclass(frozen=True)
class Outcome:
    """What a delivery led to; `detail` goes into the report."""

    event: MessageEvent
    detail: str


class Delivery:
    """Works through the delivery orders, one at a time."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        directory: Directory,
        letters: Letters,
        clock: Clock,
        *,
        plan: DeliveryPlan,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._directory = directory
        self._letters = letters
        self._clock = clock
        self._plan = plan

    def deliver_next(self) -> bool:
        """Delivers the order that is due longest; False where nothing is due."""
        claimed = self._claim()
        if claimed is None:
            return False
        order, message = claimed
        try:
            outcome = self._deliver(order, message)
        except RecipientUnreachable as error:
            self._park(order, message, str(error))
            self._report_doubt(message, str(error))
        except Undeliverable as error:
            self._park(order, message, str(error))
        except Exception as error:
            # Whatever it was, the order stays: a later attempt or an operator will see to it.
            logger.exception("delivery of %s failed", message.head.message_id)
            self._postpone(order, message, f"{type(error).__name__}: {error}")
        else:
            self._complete(order, message, outcome)
        return True

    def _claim(self) -> tuple[DeliveryOrder, StoredMessage] | None:
        with self._database.writing() as stores:
            order = stores.orders.claim_due(self._clock(), self._plan.lease)
            if order is None:
                return None
            message = stores.messages.find_for_change(order.message_key)
        if message is None:
            raise RuntimeError(f"order {order.key} has no message")
        return order, message

    def _deliver(self, order: DeliveryOrder, message: StoredMessage) -> Outcome:
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(message.head.reader)
        today = self._clock().date()
        if mandant and mandant.had_mailbox(today):
            return Outcome(MessageEvent.RETURNED, explain_inactive(mandant.name, mandant.access))
        if mandant and mandant.has_mailbox(today):
            return Outcome(MessageEvent.PUT_IN_MAILBOX, mandant.name)
        behoerde = self._find_recipient(message)
        if message.head.is_test:
            return Outcome(MessageEvent.TEST_ENDED, "")
        return self._print(order, message, behoerde)

    def _find_recipient(self, message: StoredMessage) -> Behoerde:
        behoerde = self._directory.find_behoerde(message.head.reader)
        if behoerde is None:
            raise RecipientUnreachable(f"Der Leser {message.head.reader} ist nicht bekannt.")
        if behoerde.kanal != Kanal.BRIEF:
            raise RecipientUnreachable(f"{behoerde.name} hat auf diesem Server kein Postfach.")
        return behoerde

    def _print(self, order: DeliveryOrder, message: StoredMessage, recipient: Behoerde) -> Outcome:
        parts = [
            (part.kind, part.attributes, self._blobs.find(part.blob)) for part in message.parts
        ]
        problem = self._letters.find_problem(parts)
        if problem:
            raise Undeliverable(problem)
        letter_order = LetterOrder(
            make_order_id(order.created, order.key, message.digest),
            message.head.message_id,
            order.created,
        )
        detail = self._letters.hand_over(parts, recipient, letter_order)
        return Outcome(MessageEvent.LETTER_HANDED_OVER, detail)

    def _complete(self, order: DeliveryOrder, message: StoredMessage, outcome: Outcome) -> None:
        def change(stores: Stores) -> None:
            stores.orders.complete(order.key)

        self._record(message, outcome, change)

    def _park(self, order: DeliveryOrder, message: StoredMessage, cause: str) -> None:
        def change(stores: Stores) -> None:
            stores.orders.park(order.key, cause)

        self._record(message, Outcome(MessageEvent.PARKED, cause), change)
        logger.error("message %s is parked: %s", message.head.message_id, cause)

    def _report_doubt(self, message: StoredMessage, cause: str) -> None:
        """After the commit, once: whether the directory hears of it changes nothing here."""
        try:
            self._directory.report_doubt(message.head.reader, cause)
        except DirectoryUnavailable:
            logger.warning("no doubt could be reported about %s", message.head.reader)

    def _record(
        self, message: StoredMessage, outcome: Outcome, change: Callable[[Stores], None]
    ) -> None:
        """State, times, report entries and the order in one transaction."""
        moment = self._clock()
        with self._database.writing() as stores:
            current = stores.messages.find_for_change(message.key) or message
            record_event(stores, current, outcome.event, moment, detail=outcome.detail)
            change(stores)

    def _postpone(self, order: DeliveryOrder, message: StoredMessage, cause: str) -> None:
        moment = self._clock()
        if moment - order.created > self._plan.retry.max_age:
            self._park(order, message, cause)
            return
        with self._database.writing() as stores:
            if order.attempts == 1:
                entry = make_entry(ReportCode.DELIVERY_DELAYED, moment, _CAUSE_FOR_AUTHOR)
                stores.messages.add_entries(message.key, [entry])
            due = moment + self._plan.retry.wait_after(order.attempts)
            stores.orders.postpone(order.key, due, cause)


# The author learns that it takes longer; the technical cause is for the operator.
_CAUSE_FOR_AUTHOR = "Ein beteiligtes System ist zurzeit nicht erreichbar."

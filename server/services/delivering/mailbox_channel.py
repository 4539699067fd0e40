"""Delivery into a mailbox of this server."""

from persistence.database import Database
from persistence.stores.orders import DeliveryOrder
from server.domain.destination import Destination
from server.domain.mandant_access import explain_inactive
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import (
    DestinationGone,
    FallBack,
    Outcome,
    find_no_fallback,
)
from server.services.fallback import find_outcome_after_end


class MailboxChannel:
    """A mailbox entry is a state of the message: a repeat changes nothing."""

    def __init__(
        self, database: Database, clock: Clock, fall_back: FallBack = find_no_fallback
    ) -> None:
        self._database = database
        self._clock = clock
        self._fall_back = fall_back

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Into the mailbox; where its owner takes part no more, back or by the author's rules."""
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(message.head.reader)
        today = self._clock().date()
        if mandant and mandant.has_mailbox(today):
            return Outcome(MessageEvent.PUT_IN_MAILBOX, mandant.name)
        if mandant and mandant.had_mailbox(today):
            cause = explain_inactive(mandant.name, mandant.access)
            return find_outcome_after_end(self._fall_back, message, cause)
        raise DestinationGone(str(destination))

"""Delivery into a mailbox of this server."""

from persistence.database import Database
from persistence.stores.orders import DeliveryOrder
from server.domain.destination import Destination
from server.domain.mandant_access import explain_inactive
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import Outcome, RecipientUnreachable


class MailboxChannel:
    """A mailbox entry is a state of the message: a repeat changes nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Into the mailbox, or back where its owner takes part no more."""
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(message.head.reader)
        today = self._clock().date()
        if mandant and mandant.has_mailbox(today):
            return Outcome(MessageEvent.PUT_IN_MAILBOX, mandant.name)
        if mandant and mandant.had_mailbox(today):
            return Outcome(MessageEvent.RETURNED, explain_inactive(mandant.name, mandant.access))
        raise RecipientUnreachable(f"{message.head.reader} hat auf diesem Server kein Postfach.")

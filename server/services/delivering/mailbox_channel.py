"""Delivery into a mailbox of this server."""

from persistence.database import Database
from persistence.stores.orders import DeliveryOrder
from server.domain.destination import Destination
from server.domain.mandant import Mandant
from server.domain.mandant_access import explain_inactive
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import (
    DependencyDown,
    DestinationGone,
    FallBack,
    Outcome,
    find_no_fallback,
)
from server.services.directory import DirectoryUnavailable
from server.services.fallback import find_outcome_after_end
from server.services.serving_centres import ServingCentres


class MailboxChannel:
    """A mailbox entry is a state of the message: a repeat changes nothing.

    With `centres`, who has moved to another data centre gets no message here any more.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        centres: ServingCentres | None = None,
        fall_back: FallBack = find_no_fallback,
    ) -> None:
        self._database = database
        self._clock = clock
        self._centres = centres
        self._fall_back = fall_back

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Into the mailbox; where its owner takes part no more, back or by the author's rules."""
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(message.head.reader)
        today = self._clock().date()
        if mandant and self._has_moved(mandant, message):
            raise DestinationGone(str(destination))
        if mandant and mandant.has_mailbox(today):
            return Outcome(MessageEvent.PUT_IN_MAILBOX, mandant.name)
        if mandant and mandant.had_mailbox(today):
            cause = explain_inactive(mandant.name, mandant.access)
            return find_outcome_after_end(self._fall_back, message, cause)
        raise DestinationGone(str(destination))

    def _has_moved(self, mandant: Mandant, message: StoredMessage) -> bool:
        """True where another data centre serves the reader now; what it forwarded stays here."""
        if self._centres is None or message.author_centre:
            return False
        reader = message.head.reader
        if mandant.has_mailbox(self._clock().date()):
            return self._centres.find_other_of_mandant(reader) is not None
        try:
            return self._centres.find_other(reader) is not None
        except DirectoryUnavailable as error:
            raise DependencyDown("Verzeichnis", error.reason) from error

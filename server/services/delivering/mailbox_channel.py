"""Delivery into a mailbox of this server."""

from persistence.stores.orders import DeliveryOrder
from server.domain.destination import Destination
from server.domain.mandant_access import explain_inactive
from server.domain.message import MessageEvent
from server.domain.reader_place import ReaderPlace
from server.domain.stored_message import StoredMessage
from server.services.delivering.channel import (
    DestinationGone,
    FallBack,
    Outcome,
    find_no_fallback,
)
from server.services.delivering.resolver import find_reader
from server.services.fallback import find_outcome_after_end
from server.services.reader_places import ReaderPlaces


class MailboxChannel:
    """A mailbox entry is a state of the message: a repeat changes nothing.

    Who has moved to another data centre gets no message here any more.
    """

    def __init__(self, places: ReaderPlaces, fall_back: FallBack = find_no_fallback) -> None:
        self._places = places
        self._fall_back = fall_back

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Into the mailbox; where its owner takes part no more, back or by the author's rules."""
        found = find_reader(self._places, message)
        if found.mandant and found.place is ReaderPlace.MAILBOX:
            return Outcome(MessageEvent.PUT_IN_MAILBOX, found.mandant.name)
        if found.mandant and found.place is ReaderPlace.CLOSED_MAILBOX:
            cause = explain_inactive(found.mandant.name, found.mandant.access)
            return find_outcome_after_end(self._fall_back, message, cause)
        raise DestinationGone(str(destination))

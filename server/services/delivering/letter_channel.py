"""Delivery as a letter."""

from collections.abc import Sequence

from persistence.blobs import Blobs
from persistence.stores.orders import DeliveryOrder
from server.domain.behoerde import Behoerde
from server.domain.destination import Destination
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.printing.letter import LetterOrder
from server.printing.output import BatchRefused, OutputUnavailable
from server.printing.unprintable import UnprintableLetter
from server.services.delivering.channel import (
    DependencyDown,
    Outcome,
    RecipientUnreachable,
    Undeliverable,
)
from server.services.directory import Directory, DirectoryUnavailable
from server.services.letters import Letters, PrintPart, find_print_parts, make_order_id


class LetterChannel:
    """Hands letters to the print output; a letter bears the same order id at every attempt."""

    def __init__(self, blobs: Blobs, directory: Directory, letters: Letters) -> None:
        self._blobs = blobs
        self._directory = directory
        self._letters = letters

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Sets the letter and hands it over; a test message ends without one.

        A letter that cannot be set or does not pass its proof is parked with the cause.
        """
        behoerde = self._find_recipient(message)
        if message.head.is_test:
            return Outcome(MessageEvent.TEST_ENDED)
        try:
            parts = find_print_parts(self._blobs, message)
            self._require_printable(parts)
            detail = self._letters.hand_over(parts, behoerde, make_letter_order(order, message))
        except UnprintableLetter as error:
            raise Undeliverable(str(error)) from error
        except OutputUnavailable as error:
            raise DependencyDown(f"Druckausgabe „{destination.name}“", str(error)) from error
        except BatchRefused as error:
            raise Undeliverable(str(error)) from error
        return Outcome(MessageEvent.LETTER_HANDED_OVER, detail)

    def _find_recipient(self, message: StoredMessage) -> Behoerde:
        try:
            behoerde = self._directory.find_behoerde(message.head.reader)
        except DirectoryUnavailable as error:
            raise DependencyDown("Verzeichnis", error.reason) from error
        if behoerde is None:
            raise RecipientUnreachable(f"Der Leser {message.head.reader} ist nicht bekannt.")
        return behoerde

    def _require_printable(self, parts: Sequence[PrintPart]) -> None:
        problem = self._letters.find_problem(parts)
        if problem:
            raise Undeliverable(problem)


def make_letter_order(order: DeliveryOrder, message: StoredMessage) -> LetterOrder:
    """The letter's order: the same at every attempt."""
    order_id = make_order_id(order.created, order.key, message.digest)
    return LetterOrder(order_id, message.head.message_id, order.created)

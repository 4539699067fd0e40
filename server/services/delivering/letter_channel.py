"""Delivery as a letter."""

from collections.abc import Callable, Sequence
from datetime import datetime

from persistence.blobs import Blobs
from persistence.database import Database
from persistence.stores.orders import DeliveryOrder
from server.domain.behoerde import Behoerde
from server.domain.content import InlineContent
from server.domain.destination import Destination
from server.domain.german import format_german_moment
from server.domain.letter import NewLetter, name_letter
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.printing.letter import LetterOrder
from server.printing.unprintable import UnprintableLetter
from server.services.delivering.channel import (
    DependencyDown,
    Outcome,
    RecipientUnreachable,
    Undeliverable,
)
from server.services.directory import Directory, DirectoryUnavailable
from server.services.letters import Letters, PrintPart, SetLetter, find_print_parts, make_order_id

# When the batch closes with which a letter of an output goes; None where nothing is waited for.
FindCutOff = Callable[[str], datetime | None]


class LetterChannel:
    """Sets letters; each waits for its batch as soon as its order has ended (docs/batches.md)."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        directory: Directory,
        letters: Letters,
        find_cut_off: FindCutOff,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._directory = directory
        self._letters = letters
        self._find_cut_off = find_cut_off

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Sets the letter and keeps it; a test message ends without one.

        A letter that cannot be set or does not pass its proof is parked with the cause.
        """
        behoerde = self._find_recipient(message)
        if message.head.is_test:
            return Outcome(MessageEvent.TEST_ENDED)
        try:
            parts = find_print_parts(self._blobs, message)
            self._require_printable(parts)
            with self._database.reading_once():
                letter_order = self._make_order(order, message)
                plan = self._letters.plan_letter(parts, behoerde, message)
            found = self._letters.set_letter(plan, parts, letter_order)
        except UnprintableLetter as error:
            raise Undeliverable(str(error)) from error
        letter = self._keep(letter_order.order_id, found)
        return Outcome(MessageEvent.LETTER_SET, _describe(letter), letter=letter)

    def _make_order(self, order: DeliveryOrder, message: StoredMessage) -> LetterOrder:
        """A repeat after a failure of the output gets a new name: it is another letter."""
        with self._database.reading() as stores:
            earlier = stores.letters.count_of_order(order.key)
        order_id = make_order_id(order.created, order.key, message.digest)
        return LetterOrder(name_letter(order_id, earlier), order.created)

    def _keep(self, letter_id: str, found: SetLetter) -> NewLetter:
        settings = found.settings
        return NewLetter(
            letter_id,
            settings.output,
            settings.handling,
            settings.cost_centre,
            self._find_cut_off(settings.output),
            found.postal_code,
            found.pages,
            found.sheets,
            self._blobs.keep(InlineContent(found.pdf)),
            found.details,
        )

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


def _describe(letter: NewLetter) -> str:
    pages = "1 Seite" if letter.pages == 1 else f"{letter.pages} Seiten"
    if letter.cut_off is None:
        return f"Brief {letter.letter_id}, {pages}; er geht mit dem nächsten Stapel"
    cut_off = format_german_moment(letter.cut_off)
    return f"Brief {letter.letter_id}, {pages}; Annahmeschluss {cut_off}"

"""Letters and batches in the database, as if they had been set, gathered and handed over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from persistence.blobs import FolderBlobs
from persistence.database import Database, Stores
from persistence.stores.orders import Lease
from server.domain.batch import BatchGroup, BatchSums, StoredBatch
from server.domain.content import InlineContent
from server.domain.destination import LETTER
from server.domain.letter import LetterDetails, LetterState, NewLetter, StoredLetter
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.print_settings import Handling
from server.services.message_events import record_event
from tests.support.delivering import add_order
from tests.unit.conftest import FixedClock

HANDLING = Handling(duplex=True, colour=False, stock="", envelope="", product="")
NEWS_TIME = timedelta(days=14)


def _complete(stores: Stores, message_key: int, moment: datetime) -> None:
    """The order of a message has been carried out."""
    due = stores.orders.lock_due(moment, 1000)
    (order,) = [order for order in due if order.message_key == message_key]
    lease = Lease("token", moment + timedelta(minutes=1))
    stores.orders.take([order.key], lease)
    stores.orders.complete(replace(order, lease=lease))


@dataclass
class LetterRows:
    """Writes what the worker would have written; `output` prints all letters."""

    database: Database
    blobs: FolderBlobs
    clock: FixedClock
    author: Caller
    output: str = "folder"

    def add_ready(self, name: str, pages: int = 2) -> str:
        """A message with a letter that waits for its batch; returns its MessageID."""
        message_id = f"urn:x:{name}"
        key = add_order(self.database, self.author, self.clock, message_id, LETTER)
        pdf = self.blobs.keep(InlineContent(f"%PDF-1.7 {name}".encode()))
        with self.database.writing() as stores:
            order = stores.order_desk.list_of_message(message_id)[0]
            details = LetterDetails("VS-1", "Potsdam", (), ("Cochem",))
            new = NewLetter(
                name, self.output, HANDLING, "", None, "56812", pages, pages // 2, pdf, details
            )
            stores.letters.add(key, order.key, new, self.clock())
            self._record(stores, key, MessageEvent.LETTER_SET)
            _complete(stores, key, self.clock())
        return message_id

    def hand_over(self) -> StoredBatch:
        """A batch of all letters that are ready, which the output has."""
        moment = self.clock()
        group = BatchGroup(self.output, HANDLING, None)
        with self.database.writing() as stores:
            ready = stores.letters.lock_ready(group, 1000)
            sums = BatchSums(
                len(ready), sum(item.pages for item in ready), sum(item.sheets for item in ready)
            )
            batch = stores.batches.add(group, sums, moment, "00000000")
            stores.letters.put_in_batch(batch.key, [item.key for item in ready])
            letters = stores.letters.list_of_batch(batch.key, 1000)
            stores.letters.set_state([item.key for item in letters], LetterState.HANDED_OVER)
            for letter in letters:
                self._record(stores, letter.message_key, MessageEvent.LETTER_HANDED_OVER)
            return batch

    def find(self, letter_id: str) -> StoredLetter:
        """The letter with this name."""
        with self.database.reading() as stores:
            letter = stores.letters.find(letter_id)
        assert letter is not None
        return letter

    def list_codes(self, message_id: str) -> Sequence[str]:
        """The codes of the report entries of a message."""
        with self.database.reading() as stores:
            message = stores.messages.find(message_id)
            assert message is not None
            return [entry.code.value for entry in stores.messages.list_entries(message.key)]

    def _record(self, stores: Stores, key: int, event: MessageEvent) -> None:
        message = stores.messages.find_for_change(key)
        assert message is not None
        record_event(stores, message, event, self.clock())

"""What is handed over: the letters of a batch with their marks, and the job ticket.

Both are durable before the batch is handed over for the first time, so that a repeat brings the
same. Nothing here holds more than one PDF in memory.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from persistence.blobs import Blobs
from persistence.database import Database
from persistence.stores.batches import BatchTicket
from server.domain.batch import StoredBatch
from server.domain.content import BlobRef, InlineContent
from server.domain.letter import StoredLetter
from server.domain.local_time import LOCAL_ZONE
from server.printing.job_ticket import (
    JobTicket,
    TicketLetter,
    render_ticket_csv,
    render_ticket_xml,
)
from server.printing.marks import MarkStyle, SheetMarks, mark_sheets
from server.printing.output import BatchLetter, PrintBatch

logger = logging.getLogger(__name__)

_PAGE = 100
_LOGGED_EACH = 1000

# Called between two pieces of work: says to whoever waits that it goes on.
KeepAlive = Callable[[], None]


class BatchContents:
    """Prepares batches and puts them together."""

    def __init__(self, database: Database, blobs: Blobs, marks: MarkStyle) -> None:
        self._database = database
        self._blobs = blobs
        self._marks = marks

    def prepare(
        self, batch: StoredBatch, keep_alive: KeepAlive, *, is_looked_through: bool
    ) -> None:
        """Draws the marks and writes the job ticket; does nothing where that has been done.

        With `is_looked_through` it is seen that every letter can still be read. Raises what
        `keep_alive` raises, LeaseLost, BlobUnreadable, BlobStoreUnavailable and MarkUnusable. What
        was done stays.
        """
        with self._database.reading() as stores:
            if stores.batches.find_ticket(batch.key):
                return
        if self._marks.is_marked:
            self._mark_letters(batch, keep_alive)
        elif is_looked_through:
            self._look_through(batch, keep_alive)
        keep_alive()
        ticket = self._render_ticket(batch)
        with self._database.writing() as stores:
            stores.batches.save_ticket(batch, ticket)

    def put_together(self, batch: StoredBatch, keep_alive: KeepAlive) -> PrintBatch:
        """A prepared batch as plugins take it; `keep_alive` is called before a letter is read."""
        with self._database.reading() as stores:
            ticket = stores.batches.find_ticket(batch.key)
        if ticket is None:
            raise ValueError(f"batch {batch.batch_id} is not prepared")
        letters = [
            BatchLetter(
                stored.letter.letter_id,
                number,
                stored.letter.pages,
                stored.letter.sheets,
                _LetterContent(self._blobs, stored.letter.pdf, keep_alive),
            )
            for number, stored in enumerate(self._list_letters(batch), 1)
        ]
        return PrintBatch(batch.batch_id, batch.group.handling, letters, ticket.xml, ticket.csv)

    def _list_letters(self, batch: StoredBatch) -> Iterator[StoredLetter]:
        """The letters in their order."""
        return chain.from_iterable(self._list_pages(batch))

    def _list_pages(self, batch: StoredBatch) -> Iterator[Sequence[StoredLetter]]:
        """The letters in their order, as they are read."""
        after = 0
        while True:
            with self._database.reading() as stores:
                page = stores.letters.list_of_batch(batch.key, _PAGE, after)
            yield page
            if len(page) < _PAGE:
                return
            after += _PAGE

    def _mark_letters(self, batch: StoredBatch, keep_alive: KeepAlive) -> None:
        for number, stored in enumerate(self._list_letters(batch), 1):
            keep_alive()
            if not stored.is_marked:
                self._mark(batch, stored, number)
            if number % _LOGGED_EACH == 0:
                logger.info("batch %s: %d letters are marked", batch.batch_id, number)

    def _look_through(self, batch: StoredBatch, keep_alive: KeepAlive) -> None:
        for stored in self._list_letters(batch):
            keep_alive()
            self._blobs.find(stored.letter.pdf)

    def _mark(self, batch: StoredBatch, stored: StoredLetter, number: int) -> None:
        """The unmarked PDF is named by no row any more, and swept up later."""
        duplex = batch.group.handling.duplex
        marks = SheetMarks(batch.batch_id, number, duplex, self._marks)
        marked = mark_sheets(self._blobs.find(stored.letter.pdf).read(), marks)
        pdf = self._blobs.keep(InlineContent(marked))
        with self._database.writing() as stores:
            stores.letters.mark(stored.key, pdf)

    def _render_ticket(self, batch: StoredBatch) -> BatchTicket:
        ticket = JobTicket(
            batch.batch_id,
            batch.group.output,
            batch.group.handling,
            batch.cut_off.astimezone(LOCAL_ZONE),
            batch.closed.astimezone(LOCAL_ZONE),
            tuple(self._describe_letters(batch)),
        )
        return BatchTicket(render_ticket_xml(ticket), render_ticket_csv(ticket))

    def _describe_letters(self, batch: StoredBatch) -> Iterator[TicketLetter]:
        for first, page in enumerate(self._list_pages(batch)):
            with self._database.reading() as stores:
                names = stores.messages.find_ids([stored.message_key for stored in page])
            for number, stored in enumerate(page, first * _PAGE + 1):
                yield _describe(stored, number, names[stored.message_key])


class _LetterContent:
    """A letter in the blob store, looked up when it is read."""

    def __init__(self, blobs: Blobs, ref: BlobRef, keep_alive: KeepAlive) -> None:
        self._blobs = blobs
        self._ref = ref
        self._keep_alive = keep_alive

    @property
    def size(self) -> int:
        return self._ref.size

    @property
    def sha256(self) -> str:
        return self._ref.sha256

    def read(self) -> bytes:
        self._keep_alive()
        return self._blobs.find(self._ref).read()

    def read_chunks(self, size: int) -> Iterator[bytes]:
        self._keep_alive()
        yield from self._blobs.find(self._ref).read_chunks(size)


def _describe(stored: StoredLetter, number: int, message_id: str) -> TicketLetter:
    letter, details = stored.letter, stored.letter.details
    content = InlineContent(b"")
    return TicketLetter(
        letter_id=letter.letter_id,
        number=number,
        filename=BatchLetter(letter.letter_id, number, 0, 0, content).filename,
        pages=letter.pages,
        sheets=letter.sheets,
        sha256=letter.pdf.sha256,
        postal_code=letter.postal_code,
        aktenzeichen=details.aktenzeichen,
        sender=details.sender,
        sender_lines=details.sender_lines,
        recipient_lines=details.recipient_lines,
        cost_centre=letter.cost_centre,
        message_id=message_id,
    )

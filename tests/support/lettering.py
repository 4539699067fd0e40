"""Letters that are ready for their batch without the work of setting them, and what was printed."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pikepdf

from persistence.blobs import Blobs
from persistence.database import Database
from persistence.stores.orders import DeliveryOrder, OrderState
from server.domain.batch import StoredBatch
from server.domain.content import InlineContent
from server.domain.destination import LETTER
from server.domain.letter import LetterDetails, LetterState, NewLetter, StoredLetter
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState
from server.domain.print_settings import Handling
from server.domain.transport_report import ReportCode
from server.printing.output import BatchReceipt, News, OutputSetup, PrintBatch
from server.printing.outputs.folder import FolderOutput
from server.services.clock import Clock
from server.services.delivering.channel import Outcome
from tests.support.delivering import OUTPUT, ScriptedChannel, add_order, make_scripted_delivery

HANDLING = Handling(duplex=True, colour=False, stock="", envelope="", product="")


class HookedOutput:
    """The output `folder`, with something that a test does before and after handing over."""

    name = OUTPUT
    # Of the folder itself it is true.
    is_all_or_nothing = False

    def __init__(self, folder: Path) -> None:
        self._output = FolderOutput(OutputSetup(OUTPUT, {"folder": str(folder)}))
        self.before: Callable[[PrintBatch], None] = lambda batch: None
        self.after: Callable[[PrintBatch], None] = lambda batch: None
        self.submitted: list[str] = []

    def poll(self, receipt: BatchReceipt) -> Iterable[News]:
        """As the folder does."""
        return self._output.poll(receipt)

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        """As the folder does."""
        return self._output.cancel(receipt, letter_ids)

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        """As the folder does, between the two."""
        self.submitted.append(batch.batch_id)
        self.before(batch)
        receipt = self._output.submit(batch)
        self.after(batch)
        return receipt


@dataclass(frozen=True)
class Draft:
    """A letter about to be added; a duplex letter of `pages` pages, named or not."""

    postal_code: str = "56812"
    output: str = OUTPUT
    handling: Handling = HANDLING
    cut_off: datetime | None = None
    pages: int = 2
    name: str = ""


def add_letters(
    database: Database, blobs: Blobs, author: Caller, clock: Clock, drafts: Sequence[Draft]
) -> list[str]:
    """Messages whose letters are ready, by their MessageIDs; written as delivery writes them."""
    message_ids = []
    for number, draft in enumerate(drafts, _count_messages(database) + 1):
        message_ids.append(f"urn:x:{number}")
        add_order(database, author, clock, message_ids[-1], LETTER)
        channel = ScriptedChannel()
        channel.work = lambda order, draft=draft: _set(blobs, order, draft)  # type: ignore[misc]
        assert make_scripted_delivery(database, clock, channel).deliver_due()
    return message_ids


def _count_messages(database: Database) -> int:
    with database.reading() as stores:
        return sum(stores.messages.count_by_state().values())


def _set(blobs: Blobs, order: DeliveryOrder, draft: Draft) -> Outcome:
    letter_id = draft.name or f"brief-{order.key:04d}"
    sheets = (draft.pages + 1) // 2
    letter = NewLetter(
        letter_id,
        draft.output,
        draft.handling,
        "4711",
        draft.cut_off,
        draft.postal_code,
        draft.pages,
        sheets,
        blobs.keep(InlineContent(make_pages(draft.pages))),
        LetterDetails(f"Az {order.key}", "Potsdam", ("Am Markt 1", "14469 Potsdam"), ("Cochem",)),
    )
    return Outcome(MessageEvent.LETTER_SET, letter_id, letter=letter)


def make_pages(count: int) -> bytes:
    """A PDF of empty pages in A4."""
    with pikepdf.new() as pdf:
        for _ in range(count):
            pdf.add_blank_page(page_size=(595, 842))
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return output.getvalue()


def list_printed(folder: Path) -> Counter[str]:
    """How often each letter lies in the folder of the print shop, in whatever batch."""
    return Counter(path.stem.partition("-")[2] for path in folder.glob("*/*.pdf"))


def find_letter(database: Database, message_id: str) -> StoredLetter:
    """The newest letter of a message."""
    with database.reading() as stores:
        message = stores.messages.find(message_id)
        letter = stores.letters.find_of_message(message.key) if message else None
    assert letter is not None
    return letter


def find_state(database: Database, message_id: str) -> MessageState:
    """Where a message is."""
    with database.reading() as stores:
        message = stores.messages.find(message_id)
    assert message is not None
    return message.state


def list_reasons(database: Database, message_id: str, code: ReportCode) -> list[str]:
    """What the report of a message says under a code."""
    with database.reading() as stores:
        message = stores.messages.find(message_id)
        assert message is not None
        entries = stores.messages.list_entries(message.key)
    return [entry.reason for entry in entries if entry.code is code]


def list_batches(database: Database) -> list[StoredBatch]:
    """All batches, oldest first."""
    with database.reading() as stores:
        return list(reversed(stores.batches.list_all()))


def list_numbers(database: Database, batch: StoredBatch) -> list[tuple[int | None, str]]:
    """Number and postal code of each letter of a batch."""
    with database.reading() as stores:
        letters = stores.letters.list_of_batch(batch.key, 10_000)
    return [(letter.number, letter.letter.postal_code) for letter in letters]


def require_printed_once(database: Database, folder: Path, message_ids: Sequence[str]) -> None:
    """Each letter went out once, in the one batch whose number it bears, and its author knows."""
    printed = list_printed(folder)
    for message_id in message_ids:
        letter = find_letter(database, message_id)
        assert letter.state is LetterState.HANDED_OVER
        assert printed.pop(letter.letter.letter_id) == 1
        assert find_state(database, message_id) is MessageState.LETTER_HANDED_OVER
        (reason,) = list_reasons(database, message_id, ReportCode.LETTER_HANDED_OVER)
        with database.reading() as stores:
            assert letter.batch_key is not None
            batch = stores.batches.get(letter.batch_key)
            assert stores.orders.count_by_state() == {OrderState.DONE: len(message_ids)}
        assert f"Stapel {batch.batch_id}, Brief {letter.number} von {batch.sums.letters}" in reason
        (path,) = folder.glob(f"*/*-{letter.letter.letter_id}.pdf")
        assert path.parent.name == batch.batch_id
        assert path.name.startswith(f"{letter.number:06d}-")
    assert not printed
    for batch in list_batches(database):
        assert [number for number, _ in list_numbers(database, batch)] == list(
            range(1, batch.sums.letters + 1)
        )

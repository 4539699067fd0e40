"""What a person does about letters and batches: look, take back, try again, close now.

Every change is refused with its reason where it cannot be, and has its entry in the audit, written
in the transaction of the change. Repeating it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from persistence.blobs import BlobContent, Blobs
from persistence.database import Database, Stores
from persistence.stores.letter_news import BatchNews
from server.domain.batch import BatchState, StoredBatch
from server.domain.circuit_breaker import start_probe
from server.domain.destination import Destination, DestinationKind
from server.domain.letter import LetterState, StoredLetter
from server.domain.reconciliation import Acknowledgement
from server.domain.stored_message import StoredMessage
from server.domain.web_user import AuditEntry
from server.printing.dispatcher import Outputs
from server.printing.output import BatchReceipt, OutputUnavailable
from server.services.batching.acknowledging import (
    AcknowledgementNote,
    LetterRefused,
    acknowledge,
    find_open,
    find_valid,
)
from server.services.batching.closing import Closing
from server.services.batching.news_problems import NewsProblems, find_news_problems
from server.services.batching.telling import describe_place
from server.services.batching.withdrawing import withdraw
from server.services.clock import Clock

_PAGE = 100
_ENDS = {
    LetterState.POSTED: "ist schon versandt",
    LetterState.FAILED: "wurde von der Druckausgabe nicht ausgegeben",
    LetterState.RETURNED: "ist zurückgekommen",
}


@dataclass(frozen=True)
class BatchView:
    """A batch, how many of its letters are in which state, and how it stands with their news.

    Open differences and acknowledged ones together are those of the news.
    """

    batch: StoredBatch
    states: dict[LetterState, int]
    news: BatchNews
    open_differences: tuple[str, ...]
    acknowledged: tuple[Acknowledgement, ...]


class LetterDesk:
    """Acts for `actor`, who stands in the reports and in the audit."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        outputs: Outputs,
        closing: Closing,
        *,
        clock: Clock,
        actor: str,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._outputs = outputs
        self._closing = closing
        self._clock = clock
        self._actor = actor

    def list_batches(self, states: Sequence[BatchState] = ()) -> tuple[StoredBatch, ...]:
        """Batches of these states (of all, if none are named), newest first."""
        with self._database.reading() as stores:
            return stores.batches.list_all(states)

    def count_ready(self) -> int:
        """How many letters wait for their batch."""
        with self._database.reading() as stores:
            return stores.letters.count_ready()

    def show(self, batch_id: str) -> BatchView:
        """A batch; raises LetterRefused."""
        with self._database.reading() as stores:
            batch = _require_batch(stores, batch_id)
            states = stores.letters.count_of_batch(batch.key)
            news = stores.letter_news.find_batch_news(batch.key)
            known = stores.acknowledgements.list_of_batch(batch.key)
        open_lines = find_open(news.differences, known)
        return BatchView(batch, states, news, open_lines, find_valid(news.differences, known))

    def find_news_problems(self) -> NewsProblems:
        """What does not agree, and who says nothing."""
        with self._database.reading() as stores:
            return find_news_problems(stores)

    def acknowledge(self, batch_id: str, reason: str, lines: Sequence[str] | None = None) -> int:
        """Somebody has looked into differences (None: all that are open); says how many.

        Raises LetterRefused where the reason is empty or too long, or one of them is none.
        """
        with self._database.writing() as stores:
            batch = _require_batch(stores, batch_id)
            return acknowledge(stores, batch, self._make_note(reason), lines)

    def _make_note(self, reason: str) -> AcknowledgementNote:
        return AcknowledgementNote(reason, self._actor, self._clock())

    def list_letters(self, batch: StoredBatch, after: int = 0) -> tuple[StoredLetter, ...]:
        """At most a hundred letters of a batch with numbers above `after`."""
        with self._database.reading() as stores:
            return stores.letters.list_of_batch(batch.key, _PAGE, after)

    def find_letter(self, name: str) -> tuple[StoredLetter, BlobContent]:
        """A letter by its name or MessageID, and its PDF as it goes out; raises LetterRefused."""
        with self._database.reading() as stores:
            letter = _require_letter(stores, name)
        return letter, self._blobs.find(letter.letter.pdf)

    def close(self) -> tuple[StoredBatch, ...]:
        """Batches of all letters that are ready, before their cut-off."""

        def audit(stores: Stores, batch: StoredBatch) -> None:
            text = _count_letters(batch.sums.letters)
            self._audit(stores, "stapel-geschlossen", batch.batch_id, text)

        return self._closing.close_now(audit)

    def retry(self, batch_id: str) -> tuple[str, ...] | None:
        """A batch is handed over at once; of one that was refused, the messages to deliver anew.

        None where there are none. Raises LetterRefused where it has been handed over.
        """
        with self._database.writing() as stores:
            batch = _require_batch(stores, batch_id)
            if batch.state is BatchState.REFUSED:
                failed = _list_failed(stores, batch)
                self._audit(stores, "stapel-neu-gesetzt", batch_id, _count_letters(len(failed)))
                return failed
            if batch.state is not BatchState.CLOSED:
                raise LetterRefused(f"Der Stapel {batch_id} ist schon übergeben.")
            destination = Destination(DestinationKind.OUTPUT, batch.group.output)
            state = stores.destinations.lock(destination)
            if state and state.open_until:
                stores.destinations.save(start_probe(state, self._clock()))
            stores.batches.release(batch.group.output, self._clock())
            self._audit(stores, "stapel-sofort-uebergeben", batch_id)
        return None

    def give_up(self, batch_id: str) -> str:
        """A batch that waits is not handed over any more; says (German) what is to be done.

        Raises LetterRefused where it has been handed over, or is about to be.
        """
        with self._database.writing() as stores:
            batch = _require_batch(stores, batch_id)
            cause = f"{self._actor} hat den Stapel aufgegeben. {batch.cause}".rstrip()
            if not stores.batches.give_up(batch.key, self._clock(), cause):
                raise LetterRefused(
                    f"Der Stapel {batch_id} ist schon übergeben, abgelehnt oder wird gerade "
                    "übergeben."
                )
            self._audit(stores, "stapel-aufgegeben", batch_id)
        return (
            f"Der Stapel {batch_id} ist aufgegeben, seine Nachrichten werden angehalten. Neue "
            f"Briefe: damtshilfe print retry {batch_id}"
        )

    def ask_at_once(self, batch_id: str) -> None:
        """The output is asked what became of the letters; raises LetterRefused."""
        with self._database.writing() as stores:
            batch = _require_batch(stores, batch_id)
            if batch.next_poll is None:
                raise LetterRefused(f"Zum Stapel {batch_id} wird die Druckausgabe nicht gefragt.")
            stores.letter_news.ask_at_once(batch.key, self._clock())
            self._audit(stores, "druckausgabe-gefragt", batch_id)

    def recall(self, name: str) -> str:
        """Takes a letter back, by its name or MessageID; says (German) what came of it.

        Before its batch closes that is done here, afterwards the output is asked. Raises
        LetterRefused where it is too late.
        """
        with self._database.reading() as stores:
            letter = _require_letter(stores, name)
        letter_id = letter.letter.letter_id
        if letter.state is LetterState.WITHDRAWN:
            return f"{letter_id}: ist schon zurückgezogen."
        if letter.state is LetterState.READY and self._withdraw_here(letter):
            return f"{letter_id}: ist zurückgezogen und wird nicht gedruckt."
        return self._ask_output(letter_id)

    def _withdraw_here(self, letter: StoredLetter) -> bool:
        """False where the letter has gone into a batch meanwhile."""

        def change(stores: Stores) -> bool:
            message, current = _lock(stores, letter)
            if current.state is not LetterState.READY:
                return current.state is LetterState.WITHDRAWN
            detail = f"{self._actor}, vor dem Annahmeschluss"
            withdraw(stores, message, current, self._clock(), detail)
            self._audit_recall(stores, message, current)
            return True

        return self._database.write(change)

    def _ask_output(self, letter_id: str) -> str:
        with self._database.reading() as stores:
            letter = _require_letter(stores, letter_id)
            batch = stores.batches.get(letter.batch_key) if letter.batch_key else None
        if letter.state in _ENDS:
            raise LetterRefused(f"{letter_id}: Der Brief {_ENDS[letter.state]}.")
        if batch is None or not letter.state.is_with_output:
            raise LetterRefused(
                f"{letter_id}: Der Stapel ist geschlossen und wird gerade übergeben. Bitte "
                "nach der Übergabe noch einmal: Dann wird die Druckausgabe gefragt."
            )
        receipt = BatchReceipt(batch.group.output, batch.batch_id, batch.reference)
        try:
            gone = self._outputs.find(batch.group.output).cancel(receipt, [letter_id])
        except OutputUnavailable as error:
            raise LetterRefused(f"{letter_id}: nicht zurückgezogen. {error}") from error
        if letter_id not in gone:
            raise LetterRefused(
                f"{letter_id}: Die Druckausgabe „{batch.group.output}“ hat den Brief schon in "
                "Arbeit. Er lässt sich nicht mehr zurückziehen."
            )
        self._record_recall(letter, describe_place(batch, letter))
        return f"{letter_id}: Die Druckausgabe hat den Brief zurückgezogen, er wird nicht versandt."

    def _record_recall(self, letter: StoredLetter, place: str) -> None:
        def change(stores: Stores) -> None:
            message, current = _lock(stores, letter)
            if current.state.is_with_output:
                detail = f"{self._actor}; {place}"
                withdraw(stores, message, current, self._clock(), detail)
                self._audit_recall(stores, message, current)

        self._database.write(change)

    def _audit_recall(self, stores: Stores, message: StoredMessage, letter: StoredLetter) -> None:
        message_id, letter_id = message.head.message_id, letter.letter.letter_id
        self._audit(stores, "brief-zurueckgezogen", message_id, letter_id)

    def _audit(self, stores: Stores, action: str, subject: str, text: str = "") -> None:
        """Of no Mandant: what the operator does is for the operator to read."""
        entry = AuditEntry(self._clock(), self._actor, None, action, subject, text)
        stores.audit.add(entry)


def _lock(stores: Stores, letter: StoredLetter) -> tuple[StoredMessage, StoredLetter]:
    """The message, then its newest letter; raises LetterRefused where that is another one."""
    message = stores.messages.find_for_change(letter.message_key)
    current = stores.letters.lock_of_message(letter.message_key)
    if message is None or current is None or current.key != letter.key:
        raise LetterRefused(f"{letter.letter.letter_id}: An seine Stelle trat ein neuer Brief.")
    return message, current


def _count_letters(number: int) -> str:
    return "1 Brief" if number == 1 else f"{number} Briefe"


def _require_batch(stores: Stores, batch_id: str) -> StoredBatch:
    batch = stores.batches.find(batch_id)
    if batch is None:
        raise LetterRefused(f"Einen Stapel {batch_id} gibt es nicht.")
    return batch


def _require_letter(stores: Stores, name: str) -> StoredLetter:
    letter = stores.letters.find(name)
    if letter is None and (message := stores.messages.find(name)):
        letter = stores.letters.find_of_message(message.key)
    if letter is None:
        raise LetterRefused(f"Einen Brief oder eine Nachricht mit Brief {name} gibt es nicht.")
    return letter


def _list_failed(stores: Stores, batch: StoredBatch) -> tuple[str, ...]:
    """The messages whose letters have failed with their batch."""
    failed: list[str] = []
    after = 0
    while page := stores.letters.list_of_batch(batch.key, _PAGE, after):
        keys = [letter.message_key for letter in page if letter.state is LetterState.FAILED]
        failed += stores.messages.find_ids(keys).values()
        after += len(page)
    return tuple(failed)

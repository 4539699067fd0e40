"""Letters and their messages follow their batch: handed over, or failed with it.

A hundred letters in each transaction, so that none takes long; after a crash it goes on with those
that do not follow yet.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from persistence.database import Database, Stores
from persistence.stores.orders import Attempt, AttemptEvent
from server.domain.batch import BatchState, StoredBatch
from server.domain.letter import LetterState, StoredLetter
from server.domain.message import MessageEvent
from server.services.batching.plan import BatchPlan
from server.services.clock import Clock
from server.services.message_events import Told, lock_messages, record_event_of_letters

logger = logging.getLogger(__name__)

_PAGE = 100


class Telling:
    """Tells messages what became of the batch in which their letters are."""

    def __init__(self, database: Database, clock: Clock, plan: BatchPlan, worker: str) -> None:
        self._database = database
        self._clock = clock
        self._plan = plan
        self._worker = worker

    def tell_some(self) -> bool:
        """A page of letters of each batch that is not told yet; False where there is none."""
        with self._database.reading() as stores:
            keys = stores.batches.list_untold()
        told = [self._tell_page(key) for key in keys]
        return any(told)

    def _tell_page(self, key: int) -> bool:
        return self._database.write(lambda stores: self._tell(stores, key))

    def _tell(self, stores: Stores, key: int) -> bool:
        """False where another worker is at it, or has done it."""
        batch = stores.batches.lock(key)
        if batch is None or batch.is_told:
            return False
        letters = stores.letters.list_of_batch(key, _PAGE, states=[LetterState.BATCHED])
        self._tell_letters(stores, batch, letters)
        if len(letters) < _PAGE:
            self._finish(stores, batch)
        return True

    def _tell_letters(
        self, stores: Stores, batch: StoredBatch, letters: Sequence[StoredLetter]
    ) -> None:
        keys = [letter.message_key for letter in letters]
        lock_messages(stores, keys)
        messages = stores.messages.find_many(keys)
        told = [(messages[letter.message_key], self._describe(batch, letter)) for letter in letters]
        is_refused = batch.state is BatchState.REFUSED
        if is_refused:
            self._fail_orders(stores, letters, told)
        moment = self._clock() if is_refused else batch.submitted or self._clock()
        event = MessageEvent.LETTER_FAILED if is_refused else self._choose_event(batch)
        for message in record_event_of_letters(stores, told, event, moment):
            # The letter is where it is, whatever its message says.
            logger.error("letter of message %s: %s", message.head.message_id, message.state)
            stores.figures.note(message.key)
        state = LetterState.FAILED if is_refused else LetterState.HANDED_OVER
        stores.letters.set_state([letter.key for letter in letters], state)

    def _describe(self, batch: StoredBatch, letter: StoredLetter) -> str:
        if batch.state is BatchState.REFUSED:
            return f"Stapel {batch.batch_id}: {batch.cause}"
        return describe_place(batch, letter)

    def _fail_orders(
        self, stores: Stores, letters: Sequence[StoredLetter], told: Sequence[Told]
    ) -> None:
        for letter, (_, detail) in zip(letters, told, strict=True):
            attempt = Attempt(self._clock(), AttemptEvent.PARKED, self._worker, detail)
            fail_order(stores, letter, attempt)

    def _choose_event(self, batch: StoredBatch) -> MessageEvent:
        if self._plan.find_news(batch.group.output):
            return MessageEvent.LETTER_HANDED_OVER
        return MessageEvent.LETTER_HANDED_OVER_FOR_GOOD

    def _finish(self, stores: Stores, batch: StoredBatch) -> None:
        news = self._plan.find_news(batch.group.output)
        if batch.state is not BatchState.SUBMITTED:
            stores.batches.mark_told(batch.key)
        elif news:
            start: datetime = batch.submitted or self._clock()
            next_poll = self._clock() + self._plan.poll
            stores.batches.mark_told(batch.key, next_poll=next_poll, news_until=start + news)
        else:
            stores.batches.mark_told(batch.key, state=BatchState.SETTLED)
        logger.info("batch %s: its letters know", batch.batch_id)


def describe_place(batch: StoredBatch, letter: StoredLetter) -> str:
    """Where a letter is, for the report of its message (German)."""
    return (
        f"Druckausgabe „{batch.group.output}“, Stapel {batch.batch_id}, "
        f"Brief {letter.number} von {batch.sums.letters}"
    )


def fail_order(stores: Stores, letter: StoredLetter, attempt: Attempt) -> None:
    """The order of a letter that does not go out waits for an operator; the message is locked."""
    stores.orders.park_again(letter.order_key, attempt.detail)
    stores.orders.add_attempt(letter.order_key, attempt)

"""Asks outputs what became of letters, until there is nothing more to expect.

A batch is settled when all its letters have ended, or when its news have ended without that.
Letters may come back for a while after; for that the output is still asked, though less often.
"""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from persistence.database import Database
from persistence.stores.letter_news import BatchNews
from persistence.stores.orders import Lease, LeaseLost
from server.domain.batch import BatchState, StoredBatch
from server.domain.reconciliation import Counts, count_open, find_differences
from server.printing.dispatcher import Outputs
from server.printing.output import (
    BatchCount,
    BatchReceipt,
    News,
    OutputUnavailable,
    UnreadNews,
    list_letter_news,
)
from server.services.batching.news import KeepAlive, NewsBook
from server.services.clock import Clock

logger = logging.getLogger(__name__)

# More lines than a person reads.
# Those of the largest batches; only what an output makes up could be more.
_KEPT_DIFFERENCES = 20_000


@dataclass(frozen=True)
class PollPlan:
    """How often an output is asked, and for how long after the hand-over letters come back.

    `lease` is renewed while news are entered; it must be longer than an output takes to answer.
    """

    interval: timedelta
    lease: timedelta
    returns: timedelta
    return_interval: timedelta = timedelta(hours=6)


class Polling:
    """Asks for one batch after the other; any number of workers may share the work."""

    def __init__(
        self,
        database: Database,
        outputs: Outputs,
        book: NewsBook,
        clock: Clock,
        *,
        plan: PollPlan,
    ) -> None:
        self._database = database
        self._outputs = outputs
        self._book = book
        self._clock = clock
        self._plan = plan

    def poll_next(self) -> bool:
        """Asks for the batch that is due longest; False where none is due."""
        lease = self._make_lease(uuid.uuid4().hex)
        with self._database.writing() as stores:
            batch = stores.letter_news.claim_due(self._clock(), lease)
        if batch is None:
            return False
        try:
            self._poll(batch, lease)
        except LeaseLost:
            logger.warning("batch %s is asked for by another worker", batch.batch_id)
        return True

    def _poll(self, batch: StoredBatch, lease: Lease) -> None:
        told = self._ask(batch)

        def keep_alive() -> None:
            with self._database.writing() as stores:
                stores.letter_news.renew(batch.key, self._make_lease(lease.token))

        unknown: frozenset[str] = frozenset()
        if told is not None:
            unknown = self._book.enter(batch, list_letter_news(told), keep_alive).unknown
        state = self._settle(batch, keep_alive)
        if told is not None:
            self._reconcile(batch, told, unknown, is_over=state is BatchState.SETTLED)
        with self._database.writing() as stores:
            stores.letter_news.release(batch.key, lease, self._find_next(batch, state), state)

    def _ask(self, batch: StoredBatch) -> tuple[News, ...] | None:
        """What the output says; None where it says nothing now."""
        receipt = BatchReceipt(batch.group.output, batch.batch_id, batch.reference)
        try:
            return tuple(self._outputs.find(batch.group.output).poll(receipt))
        except OutputUnavailable as error:
            logger.warning("no news of batch %s: %s", batch.batch_id, error)
            self._note_silence(batch, str(error))
        except Exception as error:
            # A plugin of somebody else may fail in any way: that is no reason to stop others.
            logger.exception("no news of batch %s", batch.batch_id)
            self._note_silence(batch, f"{type(error).__name__}: {error}")
        return None

    def _note_silence(self, batch: StoredBatch, cause: str) -> None:
        """Who is away for one batch is not asked for the next ones at once."""
        moment = self._clock()
        output = batch.group.output
        with self._database.writing() as stores:
            known = stores.letter_news.find_batch_news(batch.key)
            stores.letter_news.save_batch_news(batch.key, replace(known, cause=cause))
            stores.letter_news.postpone_output(output, moment, moment + self._plan.interval)

    def _settle(self, batch: StoredBatch, keep_alive: KeepAlive) -> BatchState:
        """The state of the batch after the news that there were."""
        if batch.state is not BatchState.SUBMITTED:
            return batch.state
        is_over = batch.news_until is not None and batch.news_until <= self._clock()
        if is_over:
            self._book.end(batch, keep_alive)
        with self._database.reading() as stores:
            is_open = bool(stores.letter_news.list_open(batch.key, 0, 1))
        if is_open and not is_over:
            return BatchState.SUBMITTED
        logger.info("batch %s is settled", batch.batch_id)
        return BatchState.SETTLED

    def _reconcile(
        self, batch: StoredBatch, told: Iterable[News], unknown: Iterable[str], *, is_over: bool
    ) -> None:
        with self._database.writing() as stores:
            before = stores.letter_news.lock_batch_news(batch.key)
            counted = _find_counts(told) or before.counted
            letters = stores.letter_news.list_told(batch.key)
            lines = (
                *find_differences(letters, counted, is_over=is_over),
                *(item.text for item in told if isinstance(item, UnreadNews)),
                *(f"Gemeldet wurde auch ein Brief {name}, den es nicht gibt." for name in unknown),
            )
            kept = lines[:_KEPT_DIFFERENCES]
            is_open = count_open(lines, stores.acknowledgements.list_of_batch(batch.key))
            news = BatchNews(self._clock(), "", counted, kept, len(lines), is_open)
            stores.letter_news.save_batch_news(batch.key, news)
        known = set(before.differences)
        for line in kept:
            if line not in known:
                logger.error("batch %s: %s", batch.batch_id, line)

    def _find_next(self, batch: StoredBatch, state: BatchState) -> datetime | None:
        moment = self._clock()
        if state is BatchState.SUBMITTED:
            return moment + self._plan.interval
        is_over = moment >= (batch.submitted or batch.closed) + self._plan.returns
        return None if is_over else moment + self._plan.return_interval

    def _make_lease(self, token: str) -> Lease:
        return Lease(token, self._clock() + self._plan.lease)


def _find_counts(told: Iterable[News]) -> Counts | None:
    """The last one holds."""
    counts = [item for item in told if isinstance(item, BatchCount)]
    return Counts(counts[-1].letters, counts[-1].pages, counts[-1].sheets) if counts else None

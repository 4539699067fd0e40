"""Gathers letters into batches: each letter into one, each batch numbered without gaps.

One transaction writes a batch with its letters. Whoever withdraws a letter at the same moment locks
the same row: one of both comes first, and the other finds another state.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime

from persistence.database import Database, Stores
from persistence.stores.letters import ReadyLetter
from server.domain.batch import BatchGroup, BatchSums, StoredBatch
from server.services.clock import Clock

logger = logging.getLogger(__name__)

_TOKEN_BYTES = 3
BatchBesides = Callable[[Stores, StoredBatch], None]


def _nothing_besides(_stores: Stores, _batch: StoredBatch) -> None:
    """At the cut-off nobody has to answer for it."""


def make_token() -> str:
    """A random token for the name of a batch."""
    return secrets.token_hex(_TOKEN_BYTES)


class Closing:
    """Closes batches of at most `max_letters`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        max_letters: int,
        new_token: Callable[[], str] = make_token,
    ) -> None:
        self._database = database
        self._clock = clock
        self._max_letters = max_letters
        self._new_token = new_token

    def close_due(self) -> bool:
        """A batch of each group of letters whose cut-off has come; False where there is none."""
        return bool(self._close_some(self._clock()))

    def close_now(self, besides: BatchBesides = _nothing_besides) -> tuple[StoredBatch, ...]:
        """Batches of all letters that are ready, whatever their cut-off.

        `besides` writes along with each of them, in its transaction.
        """
        closed: list[StoredBatch] = []
        while batches := self._close_some(None, besides):
            closed += batches
        return tuple(closed)

    def _close_some(
        self, moment: datetime | None, besides: BatchBesides = _nothing_besides
    ) -> list[StoredBatch]:
        with self._database.reading() as stores:
            groups = stores.letters.list_ready_groups(moment)
        batches = [self._close(group, besides) for group in groups]
        return [batch for batch in batches if batch]

    def _close(self, group: BatchGroup, besides: BatchBesides) -> StoredBatch | None:
        """None where another worker has gathered the letters."""

        def change(stores: Stores) -> StoredBatch | None:
            letters = _sort(stores.letters.lock_ready(group, self._max_letters))
            if not letters:
                return None
            batch = stores.batches.add(group, _sum(letters), self._clock(), self._new_token())
            stores.letters.put_in_batch(batch.key, [letter.key for letter in letters])
            besides(stores, batch)
            return batch

        batch = self._database.write(change)
        if batch:
            logger.info("batch %s is closed: %d letters", batch.batch_id, batch.sums.letters)
        return batch


def _sort(letters: tuple[ReadyLetter, ...]) -> list[ReadyLetter]:
    """By postal code, as reduced postage asks; the database may sort by rules of a language."""
    return sorted(letters, key=lambda letter: (letter.postal_code, letter.letter_id))


def _sum(letters: list[ReadyLetter]) -> BatchSums:
    return BatchSums(
        len(letters),
        sum(letter.pages for letter in letters),
        sum(letter.sheets for letter in letters),
    )

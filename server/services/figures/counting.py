"""Counting in the worker: what changed is taken out of the sums and put in anew.

One worker counts at a time. A message and the sums change in one transaction, so that each counts
once whatever happens in between.
"""

import logging
from datetime import datetime, timedelta

from persistence.database import Database, Stores
from server.domain.figure_counting import count
from server.domain.figures import Counted, find_changes
from server.services.clock import Clock, read_clock

logger = logging.getLogger(__name__)

# Notes that are worked off in one transaction.
_BATCH = 500
_NOTHING = Counted()


class FigureCounting:
    """Works off the notes of messages that changed."""

    def __init__(
        self, database: Database, clock: Clock = read_clock, rest: timedelta = timedelta()
    ) -> None:
        """Rests so long after each batch that was not full: many changes count in one go."""
        self._database = database
        self._clock = clock
        self._rest = rest
        self._looked: datetime | None = None

    def count_due(self) -> bool:
        """Counts a batch; False where nothing is to be counted, or another worker does it."""
        if self._is_resting():
            return False
        with self._database.reading() as stores:
            waiting = stores.figures.count_due(_BATCH)
        self._looked = self._clock() if waiting < _BATCH else None
        return waiting > 0 and self._database.write(_count)

    def _is_resting(self) -> bool:
        """A clock that was put back ends the rest."""
        if self._looked is None:
            return False
        return timedelta() <= self._clock() - self._looked < self._rest


def _count(stores: Stores) -> bool:
    if not stores.figures.lock_counting():
        return False
    due = stores.figures.list_due(_BATCH)
    keys = set(due.values())
    before = stores.figures.read_counted(keys)
    after = {facts.key: count(facts) for facts in stores.figures.read_facts(keys)}
    changed = {key: item for key, item in after.items() if item != before.get(key, _NOTHING)}
    cells, letters = find_changes(
        (before.get(key, _NOTHING), item) for key, item in changed.items()
    )
    stores.figures.add_to_cells(cells)
    stores.figures.add_to_letters(letters)
    stores.figures.save_counted(changed)
    stores.figures.forget_due(due.keys())
    return bool(due)

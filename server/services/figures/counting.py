"""Counting in the worker: what changed is taken out of the sums and put in anew.

One worker counts at a time. A message and the sums change in one transaction, so that each counts
once whatever happens in between.
"""

import logging

from persistence.database import Database, Stores
from server.domain.figure_counting import count
from server.domain.figures import Counted, find_changes

logger = logging.getLogger(__name__)

# Notes that are worked off in one transaction.
_BATCH = 500
_NOTHING = Counted()


class FigureCounting:
    """Works off the notes of messages that changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_due(self) -> bool:
        """Counts a batch; False where nothing is to be counted, or another worker does it."""
        with self._database.reading() as stores:
            if not stores.figures.count_due(1):
                return False
        return self._database.write(_count)


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

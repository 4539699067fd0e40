"""Removes blobs that no row names, a day after that was seen.

Why nothing that is needed can go, however many machines sweep and send at the same time: a blob is
named when its content begins to come in, by chance and never again. The one row that can come to
name it is written by the request that made it, or by a rewriting that copied it; both write it
within minutes. A row that copies the name of another row does so while that other row still names
it. So a blob that has had no row for a day gets none any more, and what is found without a row for
the first time is only noted. Ages of files and clocks of other machines do not count.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from persistence.blobs import Blobs
from persistence.database import Database
from server.services.clock import Clock

logger = logging.getLogger(__name__)

_GRACE = timedelta(days=1)
_DISTANCE = timedelta(hours=1)
# After a pass no blob is left that was noted so long ago.
_FORGOTTEN = timedelta(days=2)
_BATCH = 500


@dataclass(frozen=True)
class Swept:
    """What a pass saw: all blobs, those noted without a row for the first time, those removed."""

    seen: int = 0
    noted: int = 0
    removed: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.seen + other.seen, self.noted + other.noted, self.removed + other.removed)


class BlobSweep:
    """A task of the worker."""

    def __init__(self, database: Database, blobs: Blobs, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._next: datetime | None = None

    def sweep_when_due(self) -> bool:
        """A pass every hour; True where one was made."""
        if self._next is not None and self._clock() < self._next:
            return False
        # Also after a failure: a store that is away is not asked all the time.
        self._next = self._clock() + _DISTANCE
        self.sweep()
        return True

    def sweep(self) -> Swept:
        """Looks at every blob once; raises BlobStoreUnavailable, and goes on the next time."""
        total = Swept()
        for names in self._blobs.list_names():
            for start in range(0, len(names), _BATCH):
                total += self._sweep_batch(names[start : start + _BATCH])
        self._forget()
        if total.noted or total.removed:
            logger.info(
                "blobs: %d seen, %d without a row noted, %d removed",
                total.seen,
                total.noted,
                total.removed,
            )
        return total

    def _sweep_batch(self, names: tuple[str, ...]) -> Swept:
        moment = self._clock()
        with self._database.reading() as stores:
            named = stores.blobs.find_named(names)
            known = stores.blobs.find_orphans(names)
        fresh = [name for name in names if name not in named and name not in known]
        due = [
            name for name, seen in known.items() if name not in named and seen + _GRACE <= moment
        ]
        if due:
            logger.info("blobs: removing %d that no row has named for a day", len(due))
            self._blobs.delete(due)
        self._note(fresh, [*due, *(named & known.keys())], moment)
        return Swept(len(names), len(fresh), len(due))

    def _forget(self) -> None:
        with self._database.writing() as stores:
            stores.blobs.forget_orphans_before(self._clock() - _FORGOTTEN)

    def _note(self, fresh: list[str], settled: list[str], moment: datetime) -> None:
        if fresh or settled:
            with self._database.writing() as stores:
                stores.blobs.note_orphans(fresh, moment)
                stores.blobs.forget_orphans(settled)

"""What each look-up needs of the directory, in memory: Gemeinden and entries, but no rules.

Imports are made by another process; every few seconds the cache asks whether there was a change.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from persistence.authority_database import AuthorityDatabase
from server.domain.eintrag import Eintrag
from server.domain.gemeinde import Ortsteil
from server.services.address_resolution import AddressResolver
from server.services.gemeinde_index import GemeindeIndex

_REFRESH_SECONDS = 2.0


@dataclass(frozen=True)
class DirectorySnapshot:
    """One state of the directory; `eintraege` by value and type of their identifiers."""

    revision: int
    resolver: AddressResolver
    eintraege: Mapping[tuple[str, str], Eintrag]


class DirectoryCache:
    """Gives the newest snapshot that is at most seconds old; threads may share it."""

    def __init__(
        self,
        database: AuthorityDatabase,
        threshold: int,
        shipped: Iterable[Ortsteil],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._threshold = threshold
        self._shipped = tuple(shipped)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._checked = 0.0
        self._snapshot: DirectorySnapshot | None = None

    def read(self) -> DirectorySnapshot:
        """The snapshot; while one thread makes a new one, the others go on with the old."""
        snapshot = self._snapshot
        if snapshot and self._monotonic() - self._checked < _REFRESH_SECONDS:
            return snapshot
        if not self._lock.acquire(blocking=snapshot is None):
            return self._snapshot or self.read()
        try:
            return self._refresh()
        finally:
            self._lock.release()

    def _refresh(self) -> DirectorySnapshot:
        self._checked = self._monotonic()
        with self._database.reading() as directory:
            revision = directory.versions.read_revision()
            if self._snapshot and self._snapshot.revision == revision:
                return self._snapshot
            ortsteile = (*directory.gemeinden.list_ortsteile(), *self._shipped)
            index = GemeindeIndex(directory.gemeinden.list_all(), ortsteile)
            eintraege = {
                (item.behoerde.identifier.value, item.behoerde.identifier.type): item
                for item in directory.behoerden.list_all()
            }
        self._snapshot = DirectorySnapshot(
            revision, AddressResolver(index, self._threshold), eintraege
        )
        return self._snapshot

"""With which stationery an authority writes: that of the installation, and what it set itself.

Any server and worker asks the database for each letter, so that a change counts from the next one.
"""

from collections import OrderedDict
from threading import Lock

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.printing.stationery import Stationery, StationeryFolders

# Each keeps a compiler with its fonts.
_MOST_KEPT = 32


class Letterheads:
    """A source of stationery; what was read stays in memory until it is changed."""

    def __init__(self, database: Database, folders: StationeryFolders) -> None:
        self._database = database
        self._folders = folders
        self._kept: OrderedDict[tuple[int, str], Stationery] = OrderedDict()
        self._lock = Lock()

    def find_for(self, identifier: PartyIdentifier | None) -> Stationery:
        """The stationery of an authority; that of the installation where it has none."""
        general = self.find_general(identifier)
        if identifier is None:
            return general
        with self._database.reading() as stores:
            found = stores.letterheads.find_revision(identifier)
        if found is None:
            return general
        with self._lock:
            if found in self._kept:
                self._kept.move_to_end(found)
                return self._kept[found]
        return self._read(found[0], general)

    def find_general(self, identifier: PartyIdentifier | None) -> Stationery:
        """What the operator laid down for an authority, or for all."""
        return self._folders.find_for(identifier)

    def _read(self, mandant_key: int, general: Stationery) -> Stationery:
        with self._database.reading() as stores:
            own = stores.letterheads.find(mandant_key)
        if own is None:
            return general
        stationery = general.change(own.letterhead, own.logo)
        with self._lock:
            for key in [key for key in self._kept if key[0] == mandant_key]:
                del self._kept[key]
            self._kept[mandant_key, own.revision] = stationery
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return stationery

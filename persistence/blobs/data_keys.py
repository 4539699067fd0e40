"""Data keys: made, wrapped by a master key, kept in the database, held in memory."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from persistence.blobs.encryption import DataKey, DecryptionFailed, KeyWrapper
from persistence.blobs.failures import BlobStoreUnavailable, logger
from persistence.blobs.master_key import BadMasterKey, MasterKeyRing, MasterKeys
from persistence.database import Database
from persistence.stores.data_keys import WrappedKey

# A key that another process made is used by this one after that many seconds at the latest.
_CURRENT_SECONDS = 30.0


class DataKeys:
    """The data keys of an installation; one object for each process, safe for threads."""

    def __init__(
        self,
        database: Database,
        masters: MasterKeys,
        clock: Callable[[], datetime],
        lifetime: timedelta,
    ) -> None:
        self._database = database
        self._masters = masters
        self._clock = clock
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._known: dict[str, DataKey] = {}
        self._current: tuple[float, DataKey] | None = None

    def current(self) -> DataKey:
        """The key for new blobs, made where there is none young enough.

        Raises BlobStoreUnavailable where the master key is of no use.
        """
        with self._lock:
            if self._current is None or self._current[0] < time.monotonic():
                key = self._read_current() or self._create()
                self._current = (time.monotonic() + _CURRENT_SECONDS, key)
            return self._current[1]

    def find(self, key_id: str) -> DataKey | None:
        """The key with this id; None where the database does not have it."""
        with self._lock:
            if key_id not in self._known:
                with self._database.reading() as stores:
                    wrapped = stores.data_keys.find(key_id)
                if wrapped is None:
                    return None
                self._remember(wrapped)
            return self._known[key_id]

    def renew(self) -> DataKey:
        """Makes a new key for new blobs; the old ones stay for what lies under them."""
        with self._lock:
            self._current = None
            return self._create()

    def rewrap(self) -> int:
        """Wraps by the master key in force what another one wrapped; returns how many keys."""
        ring = self._read_ring()
        with self._database.writing() as stores:
            old = [key for key in stores.data_keys.list_all() if key.master_id != ring.primary.id]
            for wrapped in old:
                key = _unwrap(wrapped, ring)
                stores.data_keys.rewrap(wrapped.id, key.wrap(ring.primary), ring.primary.id)
        return len(old)

    def list_all(self) -> tuple[WrappedKey, ...]:
        """Every data key, the oldest first."""
        with self._database.reading() as stores:
            return stores.data_keys.list_all()

    def _read_current(self) -> DataKey | None:
        with self._database.reading() as stores:
            wrapped = stores.data_keys.find_newest()
        if wrapped is None or wrapped.created + self._lifetime < self._clock():
            return None
        return self._known.get(wrapped.id) or self._remember(wrapped)

    def _create(self) -> DataKey:
        key, master = DataKey.create(), self._read_ring().primary
        with self._database.writing() as stores:
            moment = self._clock()
            stores.data_keys.add(WrappedKey(key.id, key.wrap(master), master.id, moment))
        logger.info("data key %s made under master key %s", key.id, master.id)
        self._known[key.id] = key
        return key

    def _remember(self, wrapped: WrappedKey) -> DataKey:
        key = _unwrap(wrapped, self._read_ring())
        self._known[wrapped.id] = key
        return key

    def _read_ring(self) -> MasterKeyRing:
        try:
            return self._masters.read()
        except BadMasterKey as error:
            logger.error("master key: %s", error)
            raise BlobStoreUnavailable("der Hauptschlüssel ist nicht verwendbar") from error


def _unwrap(wrapped: WrappedKey, ring: MasterKeyRing) -> DataKey:
    master: KeyWrapper | None = ring.find(wrapped.master_id)
    try:
        if master is not None:
            return DataKey.unwrap(wrapped.id, wrapped.wrapped, master)
    except DecryptionFailed:
        logger.error("data key %s was damaged in the database", wrapped.id)
        raise BlobStoreUnavailable("ein Datenschlüssel ist beschädigt") from None
    logger.error("data key %s needs master key %s", wrapped.id, wrapped.master_id)
    raise BlobStoreUnavailable("der Hauptschlüssel passt nicht zu den Datenschlüsseln")

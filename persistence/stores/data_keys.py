"""Data keys of the blob store, wrapped by a master key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from persistence.tables import data_key


@dataclass(frozen=True)
class WrappedKey:
    """A data key as it is stored; `retired` since a newer one took its place for new blobs."""

    id: str
    wrapped: bytes
    master_id: str
    created: datetime
    retired: datetime | None = None


class DataKeyStore:
    """Writes and reads data keys; none is ever deleted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: WrappedKey) -> None:
        """A new key; those before it are retired."""
        self._connection.execute(
            update(data_key).where(data_key.c.retired.is_(None)).values(retired=key.created)
        )
        self._connection.execute(
            insert(data_key).values(
                id=key.id, wrapped=key.wrapped, master_id=key.master_id, created=key.created
            )
        )

    def find(self, key_id: str) -> WrappedKey | None:
        """The key with this id."""
        row = self._connection.execute(
            select(data_key).where(data_key.c.id == key_id)
        ).one_or_none()
        return _to_key(row) if row else None

    def find_newest(self) -> WrappedKey | None:
        """A key that is not retired."""
        row = self._connection.execute(
            select(data_key)
            .where(data_key.c.retired.is_(None))
            .order_by(data_key.c.created.desc(), data_key.c.id)
            .limit(1)
        ).one_or_none()
        return _to_key(row) if row else None

    def list_all(self) -> tuple[WrappedKey, ...]:
        """Every key, the oldest first."""
        rows = self._connection.execute(select(data_key).order_by(data_key.c.created))
        return tuple(map(_to_key, rows))

    def rewrap(self, key_id: str, wrapped: bytes, master_id: str) -> None:
        """The same key under another master key."""
        self._connection.execute(
            update(data_key)
            .where(data_key.c.id == key_id)
            .values(wrapped=wrapped, master_id=master_id)
        )


def _to_key(row: Row[Any]) -> WrappedKey:
    return WrappedKey(row.id, row.wrapped, row.master_id, row.created, row.retired)

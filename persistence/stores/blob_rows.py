"""Which blobs rows name, and which were seen without a row."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from persistence.letter_tables import letter
from persistence.tables import blob_orphan, encrypted_copy, message_part
from server.domain.content import BlobRef

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

# Whatever table comes to name blobs must stand here: what it alone names would be swept up.
# Their columns: blob, size, sha256.
_NAMING = (message_part, encrypted_copy, letter)


class BlobRowStore:
    """Names of blobs in rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_named(self, names: Collection[str]) -> set[str]:
        """Those of the names that a row names."""
        queries = [select(table.c.blob).where(table.c.blob.in_(names)) for table in _NAMING]
        return {name for query in queries for name in self._connection.scalars(query)}

    def list_refs(self, after: str, maximum: int) -> tuple[BlobRef, ...]:
        """Blobs that rows name, each once, in the order of their names."""
        found = {ref.name: ref for table in _NAMING for ref in self._list_of(table, after, maximum)}
        return tuple(found[name] for name in sorted(found)[:maximum])

    def count(self, prefix: str = "") -> tuple[int, int]:
        """How many blobs with such names rows name, and their bytes (a shared one counts again)."""
        counts = [self._count_of(table, prefix) for table in _NAMING]
        return sum(number for number, _ in counts), sum(size for _, size in counts)

    def rename(self, old: str, new: str) -> None:
        """Every row that named the one names the other."""
        for table in _NAMING:
            self._connection.execute(update(table).where(table.c.blob == old).values(blob=new))

    def find_orphans(self, names: Collection[str]) -> dict[str, datetime]:
        """Those of the names that were seen without a row, and since when."""
        query = select(blob_orphan).where(blob_orphan.c.name.in_(names))
        return {row.name: row.seen for row in self._connection.execute(query)}

    def note_orphans(self, names: Iterable[str], moment: datetime) -> None:
        """Seen without a row; what another machine noted before stays as it is."""
        rows = [{"name": name, "seen": moment} for name in sorted(names)]
        if rows:
            insert = _INSERTS[self._connection.dialect.name]
            self._connection.execute(insert(blob_orphan).on_conflict_do_nothing(), rows)

    def forget_orphans(self, names: Collection[str]) -> None:
        """They are named now, or gone."""
        self._connection.execute(delete(blob_orphan).where(blob_orphan.c.name.in_(names)))

    def forget_orphans_before(self, moment: datetime) -> None:
        """What was seen that long ago is gone, by another machine or by hand."""
        self._connection.execute(delete(blob_orphan).where(blob_orphan.c.seen < moment))

    def count_orphans(self) -> int:
        """How many blobs wait for their end."""
        return int(self._connection.scalar(select(func.count()).select_from(blob_orphan)) or 0)

    def _list_of(self, table: Table, after: str, maximum: int) -> Iterator[BlobRef]:
        rows = self._connection.execute(
            select(
                table.c.blob,
                func.max(table.c.size).label("size"),
                func.max(table.c.sha256).label("sha256"),
            )
            .where(table.c.blob > after)
            .group_by(table.c.blob)
            .order_by(table.c.blob)
            .limit(maximum)
        )
        return (BlobRef(row.blob, row.size, row.sha256) for row in rows)

    def _count_of(self, table: Table, prefix: str) -> tuple[int, int]:
        row = self._connection.execute(
            select(
                func.count(func.distinct(table.c.blob)),
                func.coalesce(func.sum(table.c.size), 0),
            ).where(table.c.blob.startswith(prefix))
        ).one()
        return int(row[0]), int(row[1])

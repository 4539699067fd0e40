"""Rows of the directory as they lie there, for imports and exports of whole kinds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from persistence.authority_tables import behoerde, gemeinde, ortsteil, participant, regel
from persistence.stores.directory_versions import VersionStore
from server.domain.directory_kind import DirectoryKind

_TABLES: Mapping[DirectoryKind, Table] = {
    DirectoryKind.GEMEINDEN: gemeinde,
    DirectoryKind.ORTSTEILE: ortsteil,
    DirectoryKind.BEHOERDEN: behoerde,
    DirectoryKind.REGELN: regel,
    DirectoryKind.TEILNEHMER: participant,
}
_HIDDEN = frozenset({"key", "version_from", "version_to"})
_ROWS_AT_ONCE = 10_000


class DirectoryRowStore:
    """Current rows of one kind; a row is a mapping of all columns beside key and versions."""

    def __init__(self, connection: Connection, versions: VersionStore) -> None:
        self._connection = connection
        self._versions = versions

    def iterate_current(self, kind: DirectoryKind) -> Iterator[tuple[int, dict[str, Any]]]:
        """Keys and rows, in the order in which they came."""
        table = _TABLES[kind]
        names = [column.name for column in table.columns if column.name not in _HIDDEN]
        query = (
            select(table.c.key, *(table.c[name] for name in names))
            .where(table.c.version_to.is_(None))
            .order_by(table.c.key)
            .execution_options(yield_per=_ROWS_AT_ONCE)
        )
        for key, *values in self._connection.execute(query):
            yield key, dict(zip(names, values, strict=True))

    def insert(self, kind: DirectoryKind, rows: Iterable[Mapping[str, Any]], version: int) -> None:
        """Adds rows, in bulk."""
        self._versions.insert_rows(_TABLES[kind], rows, version)

    def close(self, kind: DirectoryKind, keys: Sequence[int], version: int) -> None:
        """Ends rows."""
        self._versions.close_rows(_TABLES[kind], keys, version)

"""Versions of the directory: rows are opened and closed, a version can be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from persistence.authority_tables import (
    behoerde,
    directory_revision,
    directory_version,
    gemeinde,
    ortsteil,
    participant,
    regel,
)
from persistence.types import read_new_key

VERSIONED_TABLES = (behoerde, gemeinde, ortsteil, regel, participant)
_ROWS_AT_ONCE = 10_000


class VersionState(StrEnum):
    """Whether what a version brought still stands."""

    ACTIVE = "active"
    ROLLED_BACK = "rolled-back"


@dataclass(frozen=True)
class DirectoryVersion:
    """One change of the directory as a whole; `summary` tells in numbers what it did."""

    key: int
    created: datetime
    source: str
    state: VersionState
    summary: Mapping[str, Any]


class VersionStore:
    """Opens versions, and writes rows that belong to one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, source: str, created: datetime, summary: Mapping[str, Any] | None = None) -> int:
        """A new version; returns its key. `source` tells an administrator where it came from."""
        result = self._connection.execute(
            insert(directory_version).values(
                source=source,
                created=created,
                state=VersionState.ACTIVE.value,
                summary=dict(summary or {}),
            )
        )
        return read_new_key(result)

    def list_all(self) -> tuple[DirectoryVersion, ...]:
        """All versions, the newest first."""
        rows = self._connection.execute(
            select(directory_version).order_by(directory_version.c.key.desc())
        )
        return tuple(
            DirectoryVersion(row.key, row.created, row.source, VersionState(row.state), row.summary)
            for row in rows
        )

    def insert_rows(self, table: Table, rows: Iterable[Mapping[str, Any]], version: int) -> int:
        """Adds rows of a versioned table as current ones, in bulk; returns how many.

        A row has every column of the table beside `key`, `version_from` and `version_to`.
        """
        number = 0
        chunk: list[dict[str, Any]] = []
        for row in rows:
            chunk.append({**row, "version_from": version})
            if len(chunk) == _ROWS_AT_ONCE:
                number += self._insert(table, chunk)
                chunk = []
        return number + self._insert(table, chunk)

    def close_rows(self, table: Table, keys: Sequence[int], version: int) -> None:
        """Ends rows: they are no longer current from this version on."""
        statement = update(table).where(table.c.key == bindparam("row")).values(version_to=version)
        if keys:
            self._connection.execute(statement, [{"row": key} for key in keys])

    def roll_back(self, version: int) -> None:
        """Removes what the version opened and opens what it closed.

        Only the newest active version can be taken back, as later ones rest on it: otherwise
        ValueError.
        """
        if version != self.find_newest_active():
            raise ValueError(f"version {version} is not the newest one")
        for table in VERSIONED_TABLES:
            self._connection.execute(delete(table).where(table.c.version_from == version))
            self._connection.execute(
                update(table).where(table.c.version_to == version).values(version_to=None)
            )
        self._connection.execute(
            update(directory_version)
            .where(directory_version.c.key == version)
            .values(state=VersionState.ROLLED_BACK.value)
        )

    def find_newest_active(self) -> int | None:
        """The key of the newest version that still stands."""
        key = self._connection.scalar(
            select(directory_version.c.key)
            .where(directory_version.c.state == VersionState.ACTIVE.value)
            .order_by(directory_version.c.key.desc())
            .limit(1)
        )
        return None if key is None else int(key)

    def read_revision(self) -> int:
        """A number that grows with every change of the database."""
        return int(self._connection.scalar(select(directory_revision.c.revision)) or 0)

    def count_up(self) -> None:
        """Tells other processes that something changed."""
        self._connection.execute(
            update(directory_revision).values(revision=directory_revision.c.revision + 1)
        )

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> int:
        if rows:
            self._connection.execute(insert(table), rows)
        return len(rows)

"""Imported code lists with their entries."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from persistence.engine import is_postgresql
from persistence.tables import codeliste, codeliste_entry
from persistence.types import read_new_key
from server.domain.codeliste import Codeliste


class CodelisteStore:
    """Writes and reads versions of code lists; each is known by its URI and version."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Codeliste, moment: datetime) -> None:
        """Stores a version that is not there yet."""
        result = self._connection.execute(
            insert(codeliste).values(
                uri=item.uri, version=item.version, **self._to_values(item, moment)
            )
        )
        self._add_entries(read_new_key(result), item)

    def replace(self, item: Codeliste, moment: datetime) -> None:
        """Puts a version into the place of the stored one with the same URI and version."""
        key = self._connection.execute(
            select(codeliste.c.key).where(
                codeliste.c.uri == item.uri, codeliste.c.version == item.version
            )
        ).scalar_one()
        self._connection.execute(
            delete(codeliste_entry).where(codeliste_entry.c.codeliste_key == key)
        )
        self._connection.execute(
            update(codeliste).where(codeliste.c.key == key).values(**self._to_values(item, moment))
        )
        self._add_entries(key, item)

    def read_revision(self) -> int:
        """A number that grows with every change; 0 where nothing was imported."""
        return int(self._connection.scalar(select(func.max(codeliste.c.revision))) or 0)

    def list_all(self) -> tuple[Codeliste, ...]:
        """Every stored version with its entries."""
        entries: dict[int, dict[str, str]] = {}
        for row in self._connection.execute(
            select(codeliste_entry).order_by(
                codeliste_entry.c.codeliste_key, codeliste_entry.c.position
            )
        ):
            entries.setdefault(row.codeliste_key, {})[row.code] = row.name
        rows = self._connection.execute(select(codeliste).order_by(codeliste.c.key))
        return tuple(_to_codeliste(row, entries.get(row.key, {})) for row in rows)

    def list_of(self, uri: str) -> tuple[Codeliste, ...]:
        """Every stored version of a list."""
        versions = self._connection.scalars(
            select(codeliste.c.version).where(codeliste.c.uri == uri)
        ).all()
        found = (self.find(uri, version) for version in versions)
        return tuple(item for item in found if item)

    def find(self, uri: str, version: str) -> Codeliste | None:
        """The stored version with its entries."""
        row = self._connection.execute(
            select(codeliste).where(codeliste.c.uri == uri, codeliste.c.version == version)
        ).one_or_none()
        if row is None:
            return None
        entries = self._connection.execute(
            select(codeliste_entry.c.code, codeliste_entry.c.name)
            .where(codeliste_entry.c.codeliste_key == row.key)
            .order_by(codeliste_entry.c.position)
        )
        return _to_codeliste(row, {entry.code: entry.name for entry in entries})

    def _to_values(self, item: Codeliste, moment: datetime) -> dict[str, object]:
        return {
            "name": item.name,
            "valid_from": item.valid_from,
            "valid_to": item.valid_to,
            "imported": moment,
            "revision": self._count_revision(),
        }

    def _count_revision(self) -> int:
        # Two imports at once would count the same number: the second one waits here.
        if is_postgresql(self._connection):
            self._connection.execute(text("LOCK TABLE codeliste IN SHARE ROW EXCLUSIVE MODE"))
        return self.read_revision() + 1

    def _add_entries(self, key: int, item: Codeliste) -> None:
        rows = [
            {"codeliste_key": key, "code": code, "position": position, "name": name}
            for position, (code, name) in enumerate(item.entries.items())
        ]
        if rows:
            self._connection.execute(insert(codeliste_entry), rows)


def _to_codeliste(row: Row[Any], entries: dict[str, str]) -> Codeliste:
    return Codeliste(row.uri, row.version, row.name, entries, row.valid_from, row.valid_to)

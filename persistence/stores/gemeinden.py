"""Gemeinden with their postal codes, and names of their parts; current rows only."""

from typing import Any

from sqlalchemy import Connection, select

from persistence.authority_tables import gemeinde, ortsteil
from server.domain.gemeinde import Gemeinde, Ortsteil


class GemeindeStore:
    """Reads places. Writing is done in bulk, by versions (`VersionStore.insert_rows`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_all(self) -> tuple[Gemeinde, ...]:
        """Every pair of Gemeinde and postal code."""
        columns = gemeinde.c
        rows = self._connection.execute(
            select(columns.ags, columns.plz, columns.ort, columns.kreis, columns.is_deprecated)
            .where(columns.version_to.is_(None))
            .order_by(columns.key)
        )
        return tuple(Gemeinde(*row) for row in rows)

    def list_ortsteile(self) -> tuple[Ortsteil, ...]:
        """Every name of a part."""
        rows = self._connection.execute(
            select(ortsteil.c.name, ortsteil.c.ags, ortsteil.c.plz)
            .where(ortsteil.c.version_to.is_(None))
            .order_by(ortsteil.c.key)
        )
        return tuple(Ortsteil(*row) for row in rows)


def to_gemeinde_row(item: Gemeinde) -> dict[str, Any]:
    """The columns of a Gemeinde, without key and versions."""
    return {
        "ags": item.ags,
        "plz": item.plz,
        "ort": item.ort,
        "kreis": item.kreis,
        "is_deprecated": item.is_deprecated,
    }

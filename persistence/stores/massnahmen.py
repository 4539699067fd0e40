"""What Mandanten say of the catalogue of measures, and their own measures."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from persistence.tables import massnahme_setting, own_massnahme
from server.domain.land import Land
from server.domain.massnahme import Angabe, Massnahme, MassnahmeSetting

# Built once: they run for each letter.
_LIST_SETTINGS = select(massnahme_setting).where(
    massnahme_setting.c.mandant_key == bindparam("mandant_key")
)
_LIST_OWN = (
    select(own_massnahme)
    .where(own_massnahme.c.mandant_key == bindparam("mandant_key"))
    .order_by(own_massnahme.c.massnahme)
)


class MassnahmeStore:
    """Settings and own measures of a Mandant, by the keys of measures."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, mandant_key: int, massnahme: str, setting: MassnahmeSetting) -> None:
        """Keeps a setting; one that says nothing is forgotten."""
        self._connection.execute(
            delete(massnahme_setting).where(
                massnahme_setting.c.mandant_key == mandant_key,
                massnahme_setting.c.massnahme == massnahme,
            )
        )
        if setting != MassnahmeSetting():
            self._connection.execute(
                insert(massnahme_setting).values(
                    mandant_key=mandant_key,
                    massnahme=massnahme,
                    is_disabled=setting.is_disabled,
                    note=setting.note,
                )
            )

    def list_settings(self, mandant_key: int) -> Mapping[str, MassnahmeSetting]:
        """The settings of a Mandant."""
        rows = self._connection.execute(_LIST_SETTINGS, {"mandant_key": mandant_key})
        return {row.massnahme: MassnahmeSetting(row.is_disabled, row.note) for row in rows}

    def add_own(self, mandant_key: int, massnahme: Massnahme) -> None:
        """Stores a measure of a Mandant's own."""
        self._connection.execute(
            insert(own_massnahme).values(
                mandant_key=mandant_key, massnahme=massnahme.key, **_to_values(massnahme)
            )
        )

    def change_own(self, mandant_key: int, massnahme: Massnahme) -> bool:
        """Puts a measure into the place of that with its key; False where there is none."""
        result = self._connection.execute(
            update(own_massnahme)
            .where(
                own_massnahme.c.mandant_key == mandant_key,
                own_massnahme.c.massnahme == massnahme.key,
            )
            .values(**_to_values(massnahme))
        )
        return result.rowcount > 0

    def remove_own(self, mandant_key: int, massnahme: str) -> bool:
        """Deletes a measure of a Mandant's own; False where there is none with this key."""
        result = self._connection.execute(
            delete(own_massnahme).where(
                own_massnahme.c.mandant_key == mandant_key,
                own_massnahme.c.massnahme == massnahme,
            )
        )
        return result.rowcount > 0

    def list_own(self, mandant_key: int) -> tuple[Massnahme, ...]:
        """The measures of a Mandant's own, by their keys."""
        rows = self._connection.execute(_LIST_OWN, {"mandant_key": mandant_key})
        return tuple(_to_massnahme(row) for row in rows)


def _to_values(massnahme: Massnahme) -> dict[str, object]:
    return {
        "name": massnahme.name,
        "explanation": massnahme.explanation,
        "legal_bases": list(massnahme.legal_bases),
        "angaben": [angabe.value for angabe in massnahme.angaben],
        "laender": sorted(land.value for land in massnahme.laender),
    }


def _to_massnahme(row: Row[Any]) -> Massnahme:
    return Massnahme(
        key=row.massnahme,
        name=row.name,
        explanation=row.explanation,
        legal_bases=tuple(row.legal_bases),
        angaben=tuple(Angabe(value) for value in row.angaben),
        laender=frozenset(Land(value) for value in row.laender),
    )

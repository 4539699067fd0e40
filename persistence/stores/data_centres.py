"""Data centres and whom they serve."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from persistence.authority_tables import data_centre, data_centre_endpoint, mandant_service
from persistence.types import read_new_key
from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import DataCentre, MandantService


class DataCentreStore:
    """Reads and changes data centres within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: DataCentre) -> None:
        """Registers a data centre; its name must be free."""
        result = self._connection.execute(
            insert(data_centre).values(name=new.name, title=new.title)
        )
        self._write_endpoints(read_new_key(result), new)

    def change(self, changed: DataCentre) -> None:
        """Gives a data centre another title and other endpoints."""
        key = self._require_key(changed.name)
        self._connection.execute(
            update(data_centre).where(data_centre.c.key == key).values(title=changed.title)
        )
        self._connection.execute(
            delete(data_centre_endpoint).where(data_centre_endpoint.c.data_centre_key == key)
        )
        self._write_endpoints(key, changed)

    def find(self, name: str) -> DataCentre | None:
        """The data centre with this name."""
        return next((centre for centre in self.list_all() if centre.name == name), None)

    def list_all(self) -> tuple[DataCentre, ...]:
        """Every data centre, by name."""
        urls: dict[int, dict[str, str]] = {}
        for row in self._connection.execute(select(data_centre_endpoint)):
            urls.setdefault(row.data_centre_key, {})[row.port] = row.url
        rows = self._connection.execute(select(data_centre).order_by(data_centre.c.name))
        return tuple(_to_centre(row, urls.get(row.key, {})) for row in rows)

    def add_service(self, new: MandantService) -> None:
        """Registers that a data centre serves a Mandant."""
        self._connection.execute(
            insert(mandant_service).values(
                mandant_value=new.mandant.value,
                mandant_type=new.mandant.type,
                data_centre_key=self._require_key(new.centre),
                valid_from=new.valid_from,
                valid_to=new.valid_to,
            )
        )

    def end_service(self, service: MandantService, last_day: date) -> None:
        """Lets a service end with that day."""
        self._connection.execute(
            update(mandant_service)
            .where(
                mandant_service.c.mandant_value == service.mandant.value,
                mandant_service.c.mandant_type == service.mandant.type,
                mandant_service.c.valid_from == service.valid_from,
            )
            .values(valid_to=last_day)
        )

    def list_services(self, mandant: PartyIdentifier | None = None) -> tuple[MandantService, ...]:
        """The services of a Mandant, or of all, by Mandant and first day."""
        query = (
            select(mandant_service, data_centre.c.name)
            .join(data_centre)
            .order_by(
                mandant_service.c.mandant_type,
                mandant_service.c.mandant_value,
                mandant_service.c.valid_from,
            )
        )
        if mandant is not None:
            query = query.where(
                mandant_service.c.mandant_value == mandant.value,
                mandant_service.c.mandant_type == mandant.type,
            )
        return tuple(_to_service(row) for row in self._connection.execute(query))

    def _write_endpoints(self, key: int, centre: DataCentre) -> None:
        urls = {"management": centre.management, "send": centre.send, "msgbox": centre.msgbox}
        self._connection.execute(
            insert(data_centre_endpoint),
            [{"data_centre_key": key, "port": port, "url": url} for port, url in urls.items()],
        )

    def _require_key(self, name: str) -> int:
        key = self._connection.scalar(select(data_centre.c.key).where(data_centre.c.name == name))
        if key is None:
            raise LookupError(f"there is no data centre {name}")
        return int(key)


def _to_centre(row: Row[Any], urls: Mapping[str, str]) -> DataCentre:
    return DataCentre(row.name, row.title, urls["management"], urls["send"], urls["msgbox"])


def _to_service(row: Row[Any]) -> MandantService:
    mandant = PartyIdentifier(row.mandant_value, row.mandant_type)
    return MandantService(mandant, row.name, row.valid_from, row.valid_to)

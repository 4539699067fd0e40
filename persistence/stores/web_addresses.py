"""Failed sign-ins by client address; rows are few and are forgotten within hours."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from persistence.web_tables import web_address
from server.domain.sign_in_limit import AddressRecord

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class WebAddressStore:
    """Reads and changes records of addresses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, address: str, moment: datetime) -> AddressRecord:
        """The record of an address, an empty one where there was none; locked until the end."""
        insert = _INSERTS[self._connection.dialect.name]
        new = {"address": address, "failures": 0.0, "counted": moment}
        self._connection.execute(insert(web_address).on_conflict_do_nothing(), new)
        query = select(web_address).where(web_address.c.address == address).with_for_update()
        return AddressRecord(**self._connection.execute(query).one()._mapping)

    def save(self, record: AddressRecord) -> None:
        """Writes what was locked."""
        self._connection.execute(
            update(web_address)
            .where(web_address.c.address == record.address)
            .values(
                failures=record.failures,
                counted=record.counted,
                blocked_until=record.blocked_until,
            )
        )

    def forget(self, before: datetime, maximum: int) -> None:
        """Removes what was counted before, and the oldest beyond so many."""
        self._connection.execute(delete(web_address).where(web_address.c.counted < before))
        newest = select(web_address.c.counted).order_by(web_address.c.counted.desc())
        bound = self._connection.scalar(newest.offset(maximum).limit(1))
        if bound is not None:
            self._connection.execute(delete(web_address).where(web_address.c.counted <= bound))

    def count(self) -> int:
        """How many addresses have failed lately."""
        return self._connection.scalar(select(func.count()).select_from(web_address)) or 0

    def count_held(self, moment: datetime) -> int:
        """How many addresses are kept out now."""
        is_held = web_address.c.blocked_until > moment
        query = select(func.count()).select_from(web_address).where(is_held)
        return self._connection.scalar(query) or 0

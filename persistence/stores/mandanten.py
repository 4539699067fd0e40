"""Mandanten and the certificates that are bound to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from persistence.tables import mandant, mandant_certificate
from persistence.types import read_new_key
from server.domain.behoerde import PartyIdentifier
from server.domain.mandant import Caller, Mandant


class MandantStore:
    """Reads and registers Mandanten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, identifier: PartyIdentifier, name: str, is_electronic: bool) -> int:
        """Registers a Mandant and returns its key."""
        result = self._connection.execute(
            insert(mandant).values(
                identifier_value=identifier.value,
                identifier_type=identifier.type,
                identifier_category=identifier.category,
                name=name,
                is_electronic=is_electronic,
                is_locked=False,
            )
        )
        return read_new_key(result)

    def bind_certificate(
        self, mandant_key: int, fingerprint: str, subject: str, not_after: datetime
    ) -> None:
        """Binds a client certificate (SHA-256 of its DER form, hex) to exactly one Mandant."""
        self._connection.execute(
            insert(mandant_certificate).values(
                fingerprint=fingerprint,
                mandant_key=mandant_key,
                subject=subject,
                not_after=not_after,
            )
        )

    def set_locked(self, mandant_key: int, is_locked: bool) -> None:
        """Locks or unlocks the account."""
        self._connection.execute(
            mandant.update().where(mandant.c.key == mandant_key).values(is_locked=is_locked)
        )

    def set_carries_unknown(self, mandant_key: int, carries_unknown: bool) -> None:
        """Says whether the Mandant exchanges messages of unknown schemas."""
        self._connection.execute(
            mandant.update()
            .where(mandant.c.key == mandant_key)
            .values(carries_unknown=carries_unknown)
        )

    def find_caller(self, fingerprint: str) -> Caller | None:
        """The Mandant to whom the certificate is bound."""
        row = self._connection.execute(
            select(mandant, mandant_certificate.c.not_after)
            .join(mandant_certificate)
            .where(mandant_certificate.c.fingerprint == fingerprint)
        ).one_or_none()
        return Caller(_to_mandant(row), fingerprint, row.not_after) if row else None

    def find(self, identifier: PartyIdentifier) -> Mandant | None:
        """The Mandant with this identifier (value and type)."""
        row = self._connection.execute(
            select(mandant).where(
                mandant.c.identifier_value == identifier.value,
                mandant.c.identifier_type == identifier.type,
            )
        ).one_or_none()
        return _to_mandant(row) if row else None

    def list_all(self) -> tuple[Mandant, ...]:
        """Every Mandant, in the order of their names."""
        rows = self._connection.execute(select(mandant).order_by(mandant.c.name, mandant.c.key))
        return tuple(map(_to_mandant, rows))

    def count(self) -> int:
        """How many Mandanten there are."""
        return int(self._connection.scalar(select(func.count()).select_from(mandant)) or 0)


def _to_mandant(row: Row[Any]) -> Mandant:
    return Mandant(
        key=row.key,
        identifier=PartyIdentifier(
            row.identifier_value, row.identifier_type, row.name, row.identifier_category
        ),
        name=row.name,
        is_electronic=row.is_electronic,
        is_locked=row.is_locked,
        carries_unknown=row.carries_unknown,
    )

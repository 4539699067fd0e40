"""Mandanten, their access and its history, and the certificates that are bound to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from persistence.tables import mandant, mandant_access_entry, mandant_certificate
from persistence.types import read_new_key
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import ClientCertificate, Holder
from server.domain.mandant import AccessEntry, Caller, Mandant
from server.domain.mandant_access import ORDERED_ACCESS, AccessState, MandantAccess

# Built once: it runs for each message.
_FIND = select(mandant).where(
    mandant.c.identifier_value == bindparam("value"),
    mandant.c.identifier_type == bindparam("type"),
)


class MandantStore:
    """Reads and registers Mandanten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        identifier: PartyIdentifier,
        name: str,
        is_electronic: bool,
        access: MandantAccess = ORDERED_ACCESS,
    ) -> int:
        """Adds a Mandant and returns its key."""
        result = self._connection.execute(
            insert(mandant).values(
                identifier_value=identifier.value,
                identifier_type=identifier.type,
                identifier_category=identifier.category,
                name=name,
                is_electronic=is_electronic,
                **_to_columns(access),
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

    def list_certificates(self) -> tuple[ClientCertificate, ...]:
        """The certificates of all Mandanten, those first that end first."""
        rows = self._connection.execute(
            select(mandant_certificate, mandant.c.identifier_value, mandant.c.identifier_type)
            .join(mandant)
            .order_by(mandant_certificate.c.not_after, mandant_certificate.c.fingerprint)
        )
        return tuple(
            ClientCertificate(
                holder=Holder(PartyIdentifier(row.identifier_value, row.identifier_type)),
                fingerprint=row.fingerprint,
                subject=row.subject,
                accepted_until=row.not_after,
            )
            for row in rows
        )

    def limit_certificate(self, fingerprint: str, not_after: datetime) -> None:
        """Lets a bound certificate count until then only."""
        self._connection.execute(
            mandant_certificate.update()
            .where(mandant_certificate.c.fingerprint == fingerprint)
            .values(not_after=not_after)
        )

    def set_access(self, mandant_key: int, access: MandantAccess) -> None:
        """Writes the access as it now is."""
        self._connection.execute(
            mandant.update().where(mandant.c.key == mandant_key).values(**_to_columns(access))
        )

    def rename(self, mandant_key: int, name: str, is_electronic: bool) -> None:
        """Writes name and way of a Mandant that registers anew."""
        self._connection.execute(
            mandant.update()
            .where(mandant.c.key == mandant_key)
            .values(name=name, is_electronic=is_electronic)
        )

    def add_access_entry(self, mandant_key: int, entry: AccessEntry) -> None:
        """Adds a line to the history of an access."""
        self._connection.execute(
            insert(mandant_access_entry).values(
                mandant_key=mandant_key,
                moment=entry.moment,
                actor=entry.actor,
                text=entry.text,
                state=entry.state.value,
                last_day=entry.last_day,
            )
        )

    def list_access_entries(self, mandant_key: int) -> tuple[AccessEntry, ...]:
        """The history of an access, oldest first."""
        rows = self._connection.execute(
            select(mandant_access_entry)
            .where(mandant_access_entry.c.mandant_key == mandant_key)
            .order_by(mandant_access_entry.c.key)
        )
        return tuple(
            AccessEntry(row.moment, row.actor, row.text, AccessState(row.state), row.last_day)
            for row in rows
        )

    def set_carries_unknown(self, mandant_key: int, carries_unknown: bool) -> None:
        """Says whether the Mandant exchanges messages of unknown schemas."""
        self._connection.execute(
            mandant.update()
            .where(mandant.c.key == mandant_key)
            .values(carries_unknown=carries_unknown)
        )

    def set_mailbox_led_by_web(self, mandant_key: int, is_led: bool) -> None:
        """Says who fetches and confirms: users of the Web-Client, or a Fachverfahren."""
        self._connection.execute(
            mandant.update()
            .where(mandant.c.key == mandant_key)
            .values(is_mailbox_led_by_web=is_led)
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
        values = {"value": identifier.value, "type": identifier.type}
        row = self._connection.execute(_FIND, values).one_or_none()
        return _to_mandant(row) if row else None

    def find_by_key(self, key: int) -> Mandant:
        """The Mandant with this key."""
        return _to_mandant(
            self._connection.execute(select(mandant).where(mandant.c.key == key)).one()
        )

    def find_for_change(self, key: int) -> Mandant:
        """The Mandant with this key, locked until the transaction ends."""
        row = self._connection.execute(
            select(mandant).where(mandant.c.key == key).with_for_update(key_share=True)
        ).one()
        return _to_mandant(row)

    def list_all(self) -> tuple[Mandant, ...]:
        """Every Mandant, in the order of their names."""
        rows = self._connection.execute(select(mandant).order_by(mandant.c.name, mandant.c.key))
        return tuple(map(_to_mandant, rows))


def _to_mandant(row: Row[Any]) -> Mandant:
    return Mandant(
        key=row.key,
        identifier=PartyIdentifier(
            row.identifier_value, row.identifier_type, row.name, row.identifier_category
        ),
        name=row.name,
        is_electronic=row.is_electronic,
        carries_unknown=row.carries_unknown,
        access=MandantAccess(
            AccessState(row.access_state),
            row.access_last_day,
            row.contact,
            row.access_reminded_days,
        ),
        is_mailbox_led_by_web=row.is_mailbox_led_by_web,
    )


def _to_columns(access: MandantAccess) -> dict[str, Any]:
    return {
        "access_state": access.state.value,
        "access_last_day": access.last_day,
        "access_reminded_days": access.reminded_days,
        "contact": access.contact,
    }

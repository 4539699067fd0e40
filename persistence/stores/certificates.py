"""Client certificates and their holders."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from persistence.authority_tables import bound_certificate, data_centre
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import BoundCertificate, Holder

_COLUMNS = (bound_certificate, data_centre.c.name)
_ACCEPTED_UNTIL = func.coalesce(bound_certificate.c.accepted_until, bound_certificate.c.not_after)


class CertificateStore:
    """Reads and changes bound certificates within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: BoundCertificate, moment: datetime) -> None:
        """Binds a certificate; its fingerprint must be free, its data centre known."""
        mandant = new.holder.mandant
        self._connection.execute(
            insert(bound_certificate).values(
                fingerprint=new.fingerprint,
                der=new.der,
                subject=new.subject,
                issuer=new.issuer,
                serial=new.serial,
                not_before=new.not_before,
                not_after=new.not_after,
                accepted_until=None,
                mandant_value=mandant.value if mandant else "",
                mandant_type=mandant.type if mandant else "",
                data_centre_key=select(data_centre.c.key)
                .where(data_centre.c.name == new.holder.centre)
                .scalar_subquery(),
                registered=moment,
                revoked=None,
                revocation_reason="",
            )
        )

    def limit(self, fingerprint: str, accepted_until: datetime) -> None:
        """Lets a certificate count until then only."""
        self._update(fingerprint, accepted_until=accepted_until)

    def revoke(self, fingerprint: str, moment: datetime, reason: str) -> None:
        """Lets a certificate count no more."""
        self._update(fingerprint, revoked=moment, revocation_reason=reason)

    def find(self, fingerprint: str) -> BoundCertificate | None:
        """The certificate with this fingerprint (SHA-256, hex)."""
        row = self._connection.execute(
            select(*_COLUMNS)
            .outerjoin_from(bound_certificate, data_centre)
            .where(bound_certificate.c.fingerprint == fingerprint)
        ).one_or_none()
        return _to_certificate(row) if row else None

    def list_all(self) -> tuple[BoundCertificate, ...]:
        """Every certificate, the one that ends first at the front."""
        rows = self._connection.execute(
            select(*_COLUMNS)
            .outerjoin_from(bound_certificate, data_centre)
            .order_by(_ACCEPTED_UNTIL, bound_certificate.c.fingerprint)
        )
        return tuple(map(_to_certificate, rows))

    def list_of_centre(self, name: str) -> tuple[BoundCertificate, ...]:
        """The certificates of a data centre, the one that ends first at the front."""
        rows = self._connection.execute(
            select(*_COLUMNS)
            .join_from(bound_certificate, data_centre)
            .where(data_centre.c.name == name)
            .order_by(_ACCEPTED_UNTIL, bound_certificate.c.fingerprint)
        )
        return tuple(map(_to_certificate, rows))

    def _update(self, fingerprint: str, **values: object) -> None:
        self._connection.execute(
            update(bound_certificate)
            .where(bound_certificate.c.fingerprint == fingerprint)
            .values(**values)
        )


def _to_certificate(row: Row[Any]) -> BoundCertificate:
    mandant = PartyIdentifier(row.mandant_value, row.mandant_type) if row.mandant_value else None
    return BoundCertificate(
        holder=Holder(mandant, row.name or ""),
        fingerprint=row.fingerprint,
        subject=row.subject,
        accepted_until=row.accepted_until or row.not_after,
        revoked=row.revoked,
        reason=row.revocation_reason,
        der=row.der,
        issuer=row.issuer,
        serial=row.serial,
        not_before=row.not_before,
        not_after=row.not_after,
    )

"""Certificates that were asked for in the Web-Client."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update

from persistence.certificate_tables import IS_OPEN, certificate_request
from persistence.tables import mandant
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import Holder
from server.domain.certificate_request import (
    CertificateRequest,
    NewCertificateRequest,
    WaitingRequests,
)

_SELECT = select(
    certificate_request,
    mandant.c.identifier_value,
    mandant.c.identifier_type,
).join_from(certificate_request, mandant)


class CertificateRequestStore:
    """Keeps requests until they are signed or refused, and what became of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewCertificateRequest) -> None:
        """A request that waits."""
        self._connection.execute(
            insert(certificate_request).values(**vars(new), fingerprint="", refusal="")
        )

    def count_open(self, mandant_key: int) -> int:
        """How many of a Mandant wait."""
        query = select(func.count()).where(
            certificate_request.c.mandant_key == mandant_key, text(IS_OPEN)
        )
        return int(self._connection.scalar(query) or 0)

    def is_any_open(self) -> bool:
        """True where any request waits."""
        query = select(certificate_request.c.key).where(text(IS_OPEN)).limit(1)
        return self._connection.scalar(query) is not None

    def find_waiting(self) -> WaitingRequests:
        """How many of all Mandanten wait, and since when."""
        query = select(func.count(), func.min(certificate_request.c.created)).where(text(IS_OPEN))
        return WaitingRequests(*self._connection.execute(query).one())

    def list_newest(self, mandant_key: int, limit: int) -> tuple[CertificateRequest, ...]:
        """Requests of a Mandant, newest first."""
        rows = self._connection.execute(
            _SELECT.where(certificate_request.c.mandant_key == mandant_key)
            .order_by(certificate_request.c.key.desc())
            .limit(limit)
        )
        return tuple(map(_to_request, rows))

    def claim_oldest(self) -> CertificateRequest | None:
        """The one that waits longest and that nobody else works at; locked until the end."""
        row = self._connection.execute(
            _SELECT.where(text(IS_OPEN))
            .order_by(certificate_request.c.key)
            .limit(1)
            .with_for_update(of=certificate_request, skip_locked=True)
        ).one_or_none()
        return _to_request(row) if row else None

    def keep_signed(self, key: int, der: bytes) -> None:
        """Keeps the certificate before it counts."""
        self._change(key, der=der)

    def finish(
        self, key: int, moment: datetime, *, fingerprint: str = "", refusal: str = ""
    ) -> bool:
        """Ends a request; False where it has ended before."""
        values = {"finished": moment, "fingerprint": fingerprint, "refusal": refusal}
        return self._change(key, **values)

    def _change(self, key: int, **values: object) -> bool:
        result = self._connection.execute(
            update(certificate_request)
            .where(certificate_request.c.key == key, text(IS_OPEN))
            .values(**values)
        )
        return result.rowcount > 0


def _to_request(row: Row[Any]) -> CertificateRequest:
    return CertificateRequest(
        key=row.key,
        mandant_key=row.mandant_key,
        holder=Holder(PartyIdentifier(row.identifier_value, row.identifier_type)),
        actor=row.actor,
        csr=row.csr,
        key_name=row.key_name,
        overlap_days=row.overlap_days,
        created=row.created,
        der=row.der,
        finished=row.finished,
        fingerprint=row.fingerprint,
        refusal=row.refusal,
    )

"""Mailbox requests: the iterators that a reader names by MsgBoxRequestID."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from persistence.tables import mailbox_request


class MailboxRequest(NamedTuple):
    """An iterator of one account."""

    request_id: str
    is_closed: bool


class MailboxRequestStore:
    """Opens, finds and closes iterators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request_id: str, mandant_key: int, created: datetime, expires: datetime) -> None:
        """Opens an iterator for an account."""
        self._connection.execute(
            insert(mailbox_request).values(
                request_id=request_id,
                mandant_key=mandant_key,
                created=created,
                expires=expires,
                is_closed=False,
            )
        )

    def find(self, request_id: str, mandant_key: int, moment: datetime) -> MailboxRequest | None:
        """The account's own iterator, as long as it has not expired."""
        row = self._connection.execute(
            select(mailbox_request).where(
                mailbox_request.c.request_id == request_id,
                mailbox_request.c.mandant_key == mandant_key,
                mailbox_request.c.expires > moment,
            )
        ).one_or_none()
        return MailboxRequest(row.request_id, row.is_closed) if row else None

    def close(self, request_id: str) -> None:
        """Marks the iterator as closed; it stays known until it expires."""
        self._connection.execute(
            update(mailbox_request)
            .where(mailbox_request.c.request_id == request_id)
            .values(is_closed=True)
        )

    def delete_expired(self, moment: datetime) -> int:
        """Removes iterators past their lifetime and returns how many there were."""
        return self._connection.execute(
            mailbox_request.delete().where(mailbox_request.c.expires <= moment)
        ).rowcount

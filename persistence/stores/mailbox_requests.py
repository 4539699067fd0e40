"""Mailbox requests: the iterators that a reader names by MsgBoxRequestID."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from persistence.tables import mailbox_request
from server.domain.mailbox import ListForm, MailboxIterator, MailboxPosition, MailboxSelector


class MailboxRequestStore:
    """Opens, finds, moves and closes iterators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, iterator: MailboxIterator, mandant_key: int, created: datetime, expires: datetime
    ) -> None:
        """Opens an iterator for an account."""
        self._connection.execute(
            insert(mailbox_request).values(
                request_id=iterator.request_id,
                mandant_key=mandant_key,
                created=created,
                expires=expires,
                is_closed=False,
                selector=_to_json(iterator.selector),
                list_form=iterator.list_form.value,
                max_items=iterator.max_items,
                **_to_position_columns(iterator.position),
            )
        )

    def find(self, request_id: str, mandant_key: int, moment: datetime) -> MailboxIterator | None:
        """The account's own iterator, open or closed, as long as it has not expired.

        It is locked until the transaction ends, so that two calls do not go on from one position.
        """
        row = self._connection.execute(
            select(mailbox_request)
            .where(
                mailbox_request.c.request_id == request_id,
                mailbox_request.c.mandant_key == mandant_key,
                mailbox_request.c.expires > moment,
            )
            .with_for_update()
        ).one_or_none()
        return _from_row(row) if row else None

    def is_closed(self, request_id: str) -> bool:
        """True where the iterator has been ended by its reader."""
        query = select(mailbox_request.c.is_closed)
        return bool(self._connection.scalar(query.where(_is(request_id))))

    def advance(self, request_id: str, position: MailboxPosition) -> None:
        """The iterator has handed out everything up to this position."""
        self._update(request_id, **_to_position_columns(position))

    def close(self, request_id: str) -> None:
        """Marks the iterator as closed; it stays known until it expires."""
        self._update(request_id, is_closed=True)

    def delete_expired(self, moment: datetime) -> int:
        """Removes iterators past their lifetime and returns how many there were."""
        return self._connection.execute(
            mailbox_request.delete().where(mailbox_request.c.expires <= moment)
        ).rowcount

    def _update(self, request_id: str, **values: object) -> None:
        self._connection.execute(update(mailbox_request).where(_is(request_id)).values(**values))


def _is(request_id: str) -> Any:
    return mailbox_request.c.request_id == request_id


def _to_position_columns(position: MailboxPosition | None) -> dict[str, Any]:
    return {
        "position_delivery": position.delivery if position else None,
        "position_key": position.message_key if position else None,
    }


def _to_json(selector: MailboxSelector) -> dict[str, Any]:
    return {
        "message_id_list": list(selector.message_id_list),
        "relates_to_list": list(selector.relates_to_list),
        "delivered_from": _to_text(selector.delivered_from),
        "delivered_to": _to_text(selector.delivered_to),
        "is_only_new": selector.is_only_new,
    }


def _to_text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _from_json(value: dict[str, Any]) -> MailboxSelector:
    return MailboxSelector(
        tuple(value["message_id_list"]),
        tuple(value["relates_to_list"]),
        _to_moment(value["delivered_from"]),
        _to_moment(value["delivered_to"]),
        value["is_only_new"],
    )


def _to_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _from_row(row: Row[Any]) -> MailboxIterator:
    position = (
        MailboxPosition(row.position_delivery, row.position_key)
        if row.position_key is not None
        else None
    )
    return MailboxIterator(
        row.request_id, _from_json(row.selector), ListForm(row.list_form), row.max_items, position
    )

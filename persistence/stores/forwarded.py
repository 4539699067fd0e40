"""Messages that another data centre has taken over: when it is asked what became of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from persistence.tables import forwarded_message
from server.domain.data_centre import DataCentre


@dataclass(frozen=True)
class ForwardedMessage:
    """A forwarded message, claimed by a worker.

    `polls` counts the answers in a row that brought nothing new; `heard` is the time of the last
    answer; `is_silence_told` where the author knows that there is none. `recall_cause` says in
    German why it is asked back, and is empty where it is not.
    """

    message_key: int
    centre: DataCentre
    polls: int
    heard: datetime
    is_silence_told: bool
    recall_cause: str = ""


class ForwardedStore:
    """Writes, claims and ends what is to be followed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, message_key: int, centre: DataCentre, moment: datetime) -> None:
        """The data centre has taken the message over; it is asked at once."""
        table = forwarded_message
        self._connection.execute(delete(table).where(table.c.message_key == message_key))
        self._connection.execute(
            insert(table).values(
                message_key=message_key,
                centre=centre.name,
                title=centre.title,
                management=centre.management,
                next_poll=moment,
                polls=0,
                heard=moment,
                is_silence_told=False,
            )
        )

    def claim_due(
        self, moment: datetime, lease: timedelta, limit: int
    ) -> tuple[ForwardedMessage, ...]:
        """Messages of one data centre that are due, longest first; ours until the lease ends."""
        table = forwarded_message
        leased_until = table.c.leased_until
        is_due = (table.c.next_poll <= moment) & or_(leased_until.is_(None), leased_until < moment)
        ordered = select(table).where(is_due).order_by(table.c.next_poll, table.c.message_key)
        first = self._connection.execute(
            ordered.limit(1).with_for_update(skip_locked=True)
        ).one_or_none()
        if first is None:
            return ()
        rows = self._connection.execute(
            ordered.where(table.c.centre == first.centre)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        keys = [row.message_key for row in rows]
        self._connection.execute(
            update(table).where(table.c.message_key.in_(keys)).values(leased_until=moment + lease)
        )
        return tuple(map(_from_row, rows))

    def record_answer(
        self, message_key: int, next_poll: datetime, polls: int, heard: datetime
    ) -> None:
        """There was an answer; the next question is due then."""
        self._update(
            message_key, next_poll=next_poll, polls=polls, heard=heard, is_silence_told=False
        )

    def record_silence(
        self, message_key: int, next_poll: datetime, polls: int, *, is_told: bool
    ) -> None:
        """There was no answer; the next question is due then."""
        self._update(message_key, next_poll=next_poll, polls=polls, is_silence_told=is_told)

    def ask_back(self, message_key: int, cause: str, moment: datetime) -> None:
        """The message is asked back at once; who has it in hand now does so the next time."""
        self._connection.execute(
            update(forwarded_message)
            .where(forwarded_message.c.message_key == message_key)
            .values(recall_cause=cause, next_poll=moment)
        )

    def find_recall(self, message_key: int) -> str:
        """Why the message is asked back; empty where it is not."""
        query = select(forwarded_message.c.recall_cause)
        return (
            self._connection.scalar(query.where(forwarded_message.c.message_key == message_key))
            or ""
        )

    def end_recall(self, message_key: int) -> None:
        """The message stays where it is."""
        self._connection.execute(
            update(forwarded_message)
            .where(forwarded_message.c.message_key == message_key)
            .values(recall_cause="")
        )

    def end(self, message_key: int) -> None:
        """Nothing more is to be asked."""
        self._update(message_key, next_poll=None)

    def count_silent(self) -> dict[str, int]:
        """How many messages are followed in vain, by the titles of the data centres."""
        rows = self._connection.execute(
            select(forwarded_message.c.title).where(
                forwarded_message.c.next_poll.is_not(None), forwarded_message.c.is_silence_told
            )
        )
        titles = [row.title for row in rows]
        return {title: titles.count(title) for title in sorted(set(titles))}

    def _update(self, message_key: int, **values: object) -> None:
        self._connection.execute(
            update(forwarded_message)
            .where(forwarded_message.c.message_key == message_key)
            .values(leased_until=None, **values)
        )


def _from_row(row: Row[Any]) -> ForwardedMessage:
    # A report is asked for at the ManagementPort; where to send to is of no interest any more.
    centre = DataCentre(row.centre, row.title, row.management, "", "")
    return ForwardedMessage(
        row.message_key, centre, row.polls, row.heard, row.is_silence_told, row.recall_cause
    )

"""Messages with the same content."""

from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from persistence.tables import message
from server.domain.duplicate import EarlierMessage
from server.domain.message import MessageState

# From these a message that was never fetched did not reach its reader: it may come again.
_ENDED_BEFORE = (
    MessageState.CANCELLED,
    MessageState.OBSOLETE,
    MessageState.RETURNED,
    MessageState.INFECTED,
    MessageState.TEST_ENDED,
)


class DuplicateStore:
    """Finds messages by their content key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, content_key: str) -> None:
        """Two transactions with the same content come one after the other from here on.

        On SQLite a writing transaction is alone anyway.
        """
        if self._connection.dialect.name == "postgresql":
            number = int(content_key[:15], 16)
            self._connection.execute(select(func.pg_advisory_xact_lock(number)))

    def find_latest(
        self, content_key: str, author_mandant: int | None, since: datetime
    ) -> EarlierMessage | None:
        """The author's latest message with this content since that moment."""
        has_never_arrived = and_(
            message.c.state.in_([state.value for state in _ENDED_BEFORE]),
            message.c.initial_fetch.is_(None),
        )
        row = self._connection.execute(
            select(message.c.message_id, message.c.initial_send)
            .where(
                message.c.content_key == content_key,
                message.c.author_mandant.is_not_distinct_from(author_mandant),
                message.c.initial_send >= since,
                ~has_never_arrived,
            )
            .order_by(message.c.key.desc())
            .limit(1)
        ).one_or_none()
        return EarlierMessage(row.message_id, row.initial_send) if row else None

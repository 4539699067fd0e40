"""Messages, their parts and the entries of their TransportReport."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError

from persistence.counting import count_rows
from persistence.many_rows import execute_rows
from persistence.stores.message_rows import (
    MESSAGE_ID_LENGTH,
    fold_message_id,
    from_entry_row,
    from_message_row,
    from_part_row,
    to_message_row,
    to_part_row,
)
from persistence.tables import (
    IS_NEW,
    WAITS,
    mandant,
    message,
    message_part,
    message_relation,
    report_entry,
)
from persistence.types import read_new_key
from server.domain.behoerde import Kanal
from server.domain.mailbox import MailboxPosition, MailboxSelector
from server.domain.message import EXPIRING_STATES, MessageState, TimeStamp
from server.domain.stored_message import (
    ContentPart,
    NewMessage,
    StoredMessage,
)
from server.domain.transport_report import ReportEntry

_TIME_COLUMNS = {
    TimeStamp.INITIAL_SEND: "initial_send",
    TimeStamp.DELIVERY: "delivery",
    TimeStamp.INITIAL_FETCH: "initial_fetch",
    TimeStamp.RECEPTION: "reception",
}


# What runs for each step of each message is built once: it takes a quarter of the time.
_RECORD = update(message).where(message.c.key == bindparam("of_key"))
_LOCK_STATE = (
    select(message.c.state)
    .where(message.c.key == bindparam("of_key"))
    .with_for_update(key_share=True)
)
_ADD_ENTRIES = insert(report_entry)


class MessageIdTaken(Exception):
    """Another message bears this MessageID already."""


class MessageStore:
    """Stores and finds messages."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewMessage, moment: datetime) -> int:
        """Stores a message in state NEW and returns its key; raises MessageIdTaken."""
        try:
            with self._connection.begin_nested():
                result = self._connection.execute(
                    insert(message).values(to_message_row(new, moment))
                )
        except IntegrityError:
            raise MessageIdTaken(new.head.message_id) from None
        key = read_new_key(result)
        self._connection.execute(
            insert(message_part),
            [to_part_row(key, position, part) for position, part in enumerate(new.parts)],
        )
        self._add_relations(key, new.head.in_reply_to)
        return key

    def record(
        self,
        key: int,
        state: MessageState,
        stamps: Iterable[TimeStamp],
        moment: datetime,
        entries: Sequence[ReportEntry],
    ) -> None:
        """Writes what a decision changed: state, times and report entries."""
        self.record_many([key], state, stamps, moment)
        self.add_entries(key, entries)

    def record_many(
        self,
        keys: Iterable[int],
        state: MessageState,
        stamps: Iterable[TimeStamp],
        moment: datetime,
    ) -> None:
        """The state and the times of several messages."""
        times = {_TIME_COLUMNS[stamp]: moment for stamp in stamps}
        rows = [{"of_key": key, "state": state.value, **times} for key in keys]
        execute_rows(self._connection, _RECORD, rows)

    def set_kanal(self, keys: Sequence[int], kanal: Kanal) -> None:
        """Writes the channel that messages take."""
        self._connection.execute(
            update(message).where(message.c.key.in_(keys)).values(kanal=kanal.value)
        )

    def add_entries(self, key: int, entries: Sequence[ReportEntry]) -> None:
        """Appends entries to the report of a message."""
        self.add_entries_to([(key, entry) for entry in entries])

    def add_entry_to(self, keys: Iterable[int], entry: ReportEntry) -> None:
        """Appends the same entry to the reports of several messages."""
        self.add_entries_to([(key, entry) for key in keys])

    def add_entries_to(self, entries: Sequence[tuple[int, ReportEntry]]) -> None:
        """Appends entries to the reports of the messages with these keys."""
        rows = [
            {
                "message_key": key,
                "timestamp": entry.timestamp,
                "code": entry.code.value,
                "reason": entry.reason,
                "centre": entry.centre,
                "severity": entry.foreign_severity,
            }
            for key, entry in entries
        ]
        execute_rows(self._connection, _ADD_ENTRIES, rows)

    def find(self, message_id: str) -> StoredMessage | None:
        """The message with this MessageID (compared without regard to case)."""
        query = select(message).where(message.c.message_id_folded == fold_message_id(message_id))
        return self._find_one(query)

    def find_many(self, keys: Sequence[int]) -> dict[int, StoredMessage]:
        """Messages by their keys."""
        found = self._find_all(select(message).where(message.c.key.in_(keys)))
        return {item.key: item for item in found}

    def find_ids(self, keys: Sequence[int]) -> dict[int, str]:
        """The MessageIDs of messages by their keys."""
        rows = self._connection.execute(
            select(message.c.key, message.c.message_id).where(message.c.key.in_(keys))
        )
        return {row.key: row.message_id for row in rows}

    def find_by_key(self, key: int) -> StoredMessage | None:
        """The message with this key."""
        return self._find_one(select(message).where(message.c.key == key))

    def find_for_change(self, key: int) -> StoredMessage | None:
        """The message, locked until the transaction ends.

        Rows that refer to it can be added meanwhile: a claim that writes a report entry does not
        wait for who has locked the message and waits for an order.
        """
        return self._find_one(
            select(message).where(message.c.key == key).with_for_update(key_share=True)
        )

    def lock_state(self, key: int) -> MessageState:
        """The state of a message that is there; the message is locked as by `find_for_change`."""
        return MessageState(self._connection.scalars(_LOCK_STATE, {"of_key": key}).one())

    def find_named_for_change(self, message_id: str) -> StoredMessage | None:
        """The message with this MessageID, locked until the transaction ends."""
        folded = message.c.message_id_folded == fold_message_id(message_id)
        return self._find_one(select(message).where(folded).with_for_update(key_share=True))

    def lock(self, keys: Iterable[int]) -> None:
        """Locks messages in the order of their keys until the transaction ends."""
        self._connection.execute(
            select(message.c.key)
            .where(message.c.key.in_(keys))
            .order_by(message.c.key)
            .with_for_update(key_share=True)
        )

    def list_keys_for(self, mandant_key: int, message_ids: Iterable[str]) -> tuple[int, ...]:
        """The keys of those of the named messages that are for a reader."""
        folded = [fold_message_id(item) for item in message_ids]
        rows = self._connection.scalars(
            select(message.c.key).where(
                message.c.message_id_folded.in_(folded), message.c.reader_mandant == mandant_key
            )
        )
        return tuple(rows)

    def list_entries(self, key: int) -> tuple[ReportEntry, ...]:
        """The report entries of a message in the order they were written."""
        rows = self._connection.execute(
            select(report_entry)
            .where(report_entry.c.message_key == key)
            .order_by(report_entry.c.key)
        )
        return tuple(map(from_entry_row, rows))

    def list_entries_of(self, keys: Sequence[int]) -> dict[int, tuple[ReportEntry, ...]]:
        """The report entries of several messages by their keys."""
        rows = self._connection.execute(
            select(report_entry)
            .where(report_entry.c.message_key.in_(keys))
            .order_by(report_entry.c.key)
        )
        found: dict[int, list[ReportEntry]] = {}
        for row in rows:
            found.setdefault(row.message_key, []).append(from_entry_row(row))
        return {key: tuple(entries) for key, entries in found.items()}

    def set_reader(self, key: int, mandant_key: int) -> None:
        """Gives a message to the Mandant that reads it; it may not have been one before."""
        self._connection.execute(
            update(message).where(message.c.key == key).values(reader_mandant=mandant_key)
        )

    def set_times(self, key: int, times: Mapping[TimeStamp, datetime]) -> None:
        """Writes times that another data centre stated."""
        if times:
            values = {_TIME_COLUMNS[stamp]: moment for stamp, moment in times.items()}
            self._connection.execute(update(message).where(message.c.key == key).values(**values))

    def mark_scanned(self, key: int) -> None:
        """The message may go its way."""
        self._connection.execute(
            update(message).where(message.c.key == key).values(is_unscanned=False)
        )

    def list_mailbox(
        self,
        mandant_key: int,
        selector: MailboxSelector,
        maximum: int,
        after: MailboxPosition | None = None,
    ) -> tuple[StoredMessage, ...]:
        """Messages that wait for a reader, oldest delivery first."""
        query = _restrict(select(message), mandant_key, selector, after)
        return self._find_all(query.limit(maximum))

    def count_mailbox(
        self,
        mandant_key: int,
        selector: MailboxSelector,
        maximum: int,
        after: MailboxPosition | None = None,
    ) -> int:
        """How many messages wait for a reader; `maximum` where there are as many or more."""
        waiting = _restrict(select(message.c.key), mandant_key, selector, after)
        return count_rows(self._connection, waiting, maximum)

    def list_obsolete(self, today: date, maximum: int) -> tuple[StoredMessage, ...]:
        """Messages whose ObsoleteAfter has passed before they came to an end."""
        return self._find_all(
            select(message)
            .where(
                message.c.obsolete_after < today,
                message.c.state.in_(sorted(state.value for state in EXPIRING_STATES)),
            )
            # In the order of the index: SQLite would otherwise walk through all messages.
            .order_by(message.c.obsolete_after, message.c.key)
            .limit(maximum)
        )

    def list_left_behind(self, ended_before: date, maximum: int) -> tuple[StoredMessage, ...]:
        """Messages in the mailbox of a Mandant whose last day was before that day.

        Of one Mandant at a time: so they are read in the order of its mailbox's index.
        """
        ended = select(mandant.c.key).where(mandant.c.access_last_day < ended_before)
        keys = self._connection.scalars(ended).all()
        if not keys:
            return ()
        reader = message.c.reader_mandant
        some = select(reader).where(reader.in_(keys), text(WAITS)).limit(1)
        key = self._connection.scalar(some)
        return self.list_mailbox(key, MailboxSelector(), maximum) if key is not None else ()

    def count_by_state(self) -> dict[MessageState, int]:
        """How many messages are in which state."""
        rows = self._connection.execute(
            select(message.c.state, func.count()).group_by(message.c.state)
        )
        return {MessageState(state): number for state, number in rows}

    def _add_relations(self, key: int, in_reply_to: Sequence[str]) -> None:
        folded = {fold_message_id(item) for item in in_reply_to}
        # No message bears a longer one.
        related = {item for item in folded if len(item) <= MESSAGE_ID_LENGTH}
        if related:
            self._connection.execute(
                insert(message_relation),
                [{"message_key": key, "related_id_folded": item} for item in sorted(related)],
            )

    def _find_one(self, query: Select[Any]) -> StoredMessage | None:
        found = self._find_all(query)
        return found[0] if found else None

    def _find_all(self, query: Select[Any]) -> tuple[StoredMessage, ...]:
        """The messages in the order of the query, with their parts."""
        rows = self._connection.execute(query).all()
        parts: dict[int, list[ContentPart]] = {row.key: [] for row in rows}
        if not parts:
            return ()
        for part in self._connection.execute(
            select(message_part)
            .where(message_part.c.message_key.in_(parts))
            .order_by(message_part.c.message_key, message_part.c.position)
        ):
            parts[part.message_key].append(from_part_row(part))
        return tuple(from_message_row(row, tuple(parts[row.key])) for row in rows)


def _restrict(
    query: Select[Any],
    mandant_key: int,
    selector: MailboxSelector,
    after: MailboxPosition | None,
) -> Select[Any]:
    """The query, limited to the mailbox of the Mandant and to what is selected, and sorted."""
    is_waiting = text(IS_NEW if selector.is_only_new else WAITS)
    query = query.where(message.c.reader_mandant == mandant_key, is_waiting)
    if selector.message_id_list:
        folded = [fold_message_id(item) for item in selector.message_id_list]
        query = query.where(message.c.message_id_folded.in_(folded))
    if selector.relates_to_list:
        folded = [fold_message_id(item) for item in selector.relates_to_list]
        related = select(message_relation.c.message_key).where(
            message_relation.c.related_id_folded.in_(folded)
        )
        query = query.where(message.c.key.in_(related))
    if selector.delivered_from:
        query = query.where(message.c.delivery >= selector.delivered_from)
    if selector.delivered_to:
        query = query.where(message.c.delivery <= selector.delivered_to)
    if after:
        place = tuple_(message.c.delivery, message.c.key)
        query = query.where(place > (after.delivery, after.message_key))
    return query.order_by(message.c.delivery, message.c.key)

"""A mailbox filled in bulk: copies of messages that came in over the wire, with all their rows.

The older half has been fetched and not confirmed, the newer half is new; besides lie messages
of the same reader that are confirmed, and others of the sender's own mailbox.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
)

from persistence.database import Database
from persistence.engine import begin_writing
from persistence.tables import message, message_part, report_entry
from server.domain.message import MessageState

FIRST_KEY = 1_000_000
# One delivery each half minute: a million of them take a year.
PACE = timedelta(seconds=30)
EPOCH = datetime(2025, 11, 1, tzinfo=UTC)
_BATCH = 100_000


@dataclass(frozen=True)
class Filling:
    """How many messages wait, and for whom; `sample` is the MessageID that is copied."""

    sample: str
    reader: int
    other_reader: int
    waiting: int

    @property
    def others(self) -> int:
        """How many are confirmed already, and how many wait for somebody else."""
        return self.waiting // 10


def message_id_of(number: int) -> str:
    """The MessageID of a waiting message, counted from 0, the oldest."""
    return f"urn:de:xta:messageid:bench:{FIRST_KEY + number}"


def delivery_of(number: int) -> datetime:
    """When a waiting message was delivered."""
    return EPOCH + number * PACE


def fill(database: Database, filling: Filling) -> None:
    """Copies the sample: what waits, what is confirmed, and what waits for another."""
    waiting, others = filling.waiting, filling.others
    with begin_writing(database.engine) as connection:
        for first in range(0, waiting, _BATCH):
            copies = _Copies(connection, filling.sample, first, min(first + _BATCH, waiting))
            copies.insert(filling.reader, _half_fetched(waiting))
        for reader, state, first in (
            (filling.reader, MessageState.CLOSED, waiting),
            (filling.other_reader, MessageState.DELIVERED, waiting + others),
        ):
            copies = _Copies(connection, filling.sample, first, first + others)
            copies.insert(reader, lambda _number, state=state: literal(state.value))
    _tidy(database)


def _tidy(database: Database) -> None:
    """What both databases do by themselves after a while."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        command = "PRAGMA wal_checkpoint(TRUNCATE)" if is_sqlite else "VACUUM ANALYZE"
        connection.execute(text(command))


def _half_fetched(waiting: int) -> Any:
    def choose(number: Any) -> Any:
        return case(
            (number < waiting // 2, MessageState.FETCHED.value),
            else_=MessageState.DELIVERED.value,
        )

    return choose


class _Copies:
    """Copies of a message with numbers from `first` to below `end`."""

    def __init__(self, connection: Connection, sample: str, first: int, end: int) -> None:
        self._connection = connection
        self._sample = sample
        numbers = select(literal(first).label("number")).cte("numbers", recursive=True)
        following = select(numbers.c.number + 1).where(numbers.c.number < end - 1)
        self._numbers = numbers.union_all(following)

    def insert(self, reader: int, choose_state: Any) -> None:
        """Message, parts and report entries."""
        number = self._numbers.c.number
        key = number + FIRST_KEY
        message_id = literal("urn:de:xta:messageid:bench:") + cast(key, String)
        state = choose_state(number)
        self._insert(
            message,
            message.c.key,
            {
                "key": key,
                "message_id": message_id,
                "message_id_folded": message_id,
                "reader_mandant": literal(reader),
                "state": state,
                "delivery": self._moment(number),
            },
        )
        self._insert(message_part, message_part.c.message_key, {"message_key": key})
        self._insert(
            report_entry, report_entry.c.message_key, {"message_key": key}, leave_out=("key",)
        )

    def _insert(
        self, table: Table, link: Any, changes: dict[str, Any], leave_out: tuple[str, ...] = ()
    ) -> None:
        columns = [column for column in table.columns if column.name not in leave_out]
        values = [changes.get(column.name, column) for column in columns]
        query: Select[Any] = (
            select(*values)
            .select_from(table.join(self._numbers, literal(1) == literal(1)))
            .where(link == self._sample_key())
        )
        self._connection.execute(
            insert(table).from_select([column.name for column in columns], query)
        )

    def _sample_key(self) -> int:
        query = select(message.c.key).where(message.c.message_id == self._sample)
        return int(self._connection.scalars(query).one())

    def _moment(self, number: Any) -> Any:
        """EPOCH + number * PACE, in the form in which the database keeps moments."""
        seconds = number * int(PACE.total_seconds())
        if self._connection.dialect.name == "sqlite":
            start = int(EPOCH.timestamp())
            return func.strftime(
                "%Y-%m-%d %H:%M:%S.000000", cast(seconds + start, Integer), "unixepoch"
            )
        return literal(EPOCH) + seconds * text("interval '1 second'")

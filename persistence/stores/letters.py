"""Letters: written with the end of their order, gathered into batches, followed to their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from persistence.letter_tables import IS_READY, letter
from persistence.stores.letter_rows import from_letter_row, is_of_group, read_group, to_letter_row
from persistence.tables import message
from server.domain.batch import BatchGroup
from server.domain.content import BlobRef
from server.domain.letter import LetterState, NewLetter, StoredLetter

# What runs for each letter is built once.
_IS_TEST = select(message.c.is_test).where(message.c.key == bindparam("of_key"))
_ADD = insert(letter)
_COUNT_OF_ORDER = select(func.count()).where(letter.c.order_key == bindparam("order_key"))


@dataclass(frozen=True)
class ReadyLetter:
    """What must be known of a letter to put it into a batch."""

    key: int
    letter_id: str
    postal_code: str
    pages: int
    sheets: int


class LetterOfTestMessage(Exception):
    """A letter of a message that its author only wanted to try; nothing may get here with one."""


class LetterStore:
    """Stores and finds letters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, message_key: int, order_key: int, new: NewLetter, moment: datetime) -> None:
        """A letter that is ready; its order has ended in the same transaction.

        Raises LetterOfTestMessage.
        """
        if self._connection.scalar(_IS_TEST, {"of_key": message_key}):
            raise LetterOfTestMessage(f"message {message_key}")
        values = {
            "message_key": message_key,
            "order_key": order_key,
            "state": LetterState.READY.value,
            "created": moment,
            **to_letter_row(new),
        }
        self._connection.execute(_ADD, values)

    def count_of_order(self, order_key: int) -> int:
        """How many letters an order has led to so far."""
        return int(self._connection.scalar(_COUNT_OF_ORDER, {"order_key": order_key}) or 0)

    def find(self, letter_id: str) -> StoredLetter | None:
        """The letter with this name."""
        return self._find_one(select(letter).where(letter.c.letter_id == letter_id))

    def find_of_message(self, message_key: int) -> StoredLetter | None:
        """The newest letter of a message."""
        return self._find_one(_newest_of(message_key))

    def lock_of_message(self, message_key: int) -> StoredLetter | None:
        """The newest letter of a message, locked until the transaction ends.

        Who changes a letter and its message locks the message first. Closing locks letters alone.
        """
        return self._find_one(_newest_of(message_key).with_for_update())

    def list_ready_groups(self, moment: datetime | None) -> tuple[BatchGroup, ...]:
        """Groups of letters whose cut-off has come, oldest first; with None all that are ready."""
        columns = [letter.c[name] for name in _GROUP]
        query = select(*columns).where(text(IS_READY)).distinct().order_by(letter.c.cut_off)
        if moment is not None:
            query = query.where(_is_cut_off(moment))
        return tuple(read_group(row) for row in self._connection.execute(query))

    def lock_ready(self, group: BatchGroup, limit: int) -> tuple[ReadyLetter, ...]:
        """Letters of a group, by postal code, locked until the transaction ends.

        What somebody withdraws or gathers at the same moment is waited for, and left out then.
        """
        rows = self._connection.execute(
            select(
                letter.c.key,
                letter.c.letter_id,
                letter.c.postal_code,
                letter.c.pages,
                letter.c.sheets,
            )
            .where(text(IS_READY), *is_of_group(letter, group))
            .order_by(letter.c.postal_code, letter.c.letter_id)
            .limit(limit)
            .with_for_update()
        )
        return tuple(ReadyLetter(*row) for row in rows)

    def put_in_batch(self, batch_key: int, keys: Sequence[int]) -> None:
        """Locked letters are in this batch now, numbered from 1 in this order."""
        self._connection.execute(
            update(letter)
            .where(letter.c.key == bindparam("letter_key"))
            .values(
                state=LetterState.BATCHED.value, batch_key=batch_key, number=bindparam("letter_no")
            ),
            [{"letter_key": key, "letter_no": number} for number, key in enumerate(keys, 1)],
        )

    def list_of_batch(
        self,
        batch_key: int,
        limit: int,
        after: int = 0,
        states: Sequence[LetterState] = (),
    ) -> tuple[StoredLetter, ...]:
        """Letters of a batch with numbers above `after`, in order; of these states, if any."""
        query = select(letter).where(letter.c.batch_key == batch_key, letter.c.number > after)
        if states:
            query = query.where(letter.c.state.in_([state.value for state in states]))
        rows = self._connection.execute(query.order_by(letter.c.number).limit(limit))
        return tuple(map(from_letter_row, rows))

    def list_message_keys(self, batch_key: int) -> tuple[int, ...]:
        """The messages whose letters are in a batch."""
        query = select(letter.c.message_key).where(letter.c.batch_key == batch_key)
        return tuple(self._connection.scalars(query.order_by(letter.c.number)))

    def count_of_batch(self, batch_key: int) -> dict[LetterState, int]:
        """How many letters of a batch are in which state."""
        rows = self._connection.execute(
            select(letter.c.state, func.count())
            .where(letter.c.batch_key == batch_key)
            .group_by(letter.c.state)
        )
        return {LetterState(state): number for state, number in rows}

    def count_ready(self) -> int:
        """How many letters wait for their batch."""
        query = select(func.count()).select_from(letter).where(text(IS_READY))
        return int(self._connection.scalar(query) or 0)

    def set_state(self, keys: Sequence[int], state: LetterState) -> None:
        """What has become of letters."""
        self._connection.execute(
            update(letter).where(letter.c.key.in_(keys)).values(state=state.value)
        )

    def mark(self, key: int, pdf: BlobRef) -> None:
        """The PDF with marks goes out in place of that without."""
        self._connection.execute(
            update(letter)
            .where(letter.c.key == key)
            .values(is_marked=True, blob=pdf.name, sha256=pdf.sha256, size=pdf.size)
        )

    def _find_one(self, query: Select[tuple[object, ...]]) -> StoredLetter | None:
        row = self._connection.execute(query).one_or_none()
        return from_letter_row(row) if row else None


_GROUP = ("output", "duplex", "colour", "stock", "envelope", "product", "cut_off")


def _newest_of(message_key: int) -> Select[tuple[object, ...]]:
    of_message = select(letter).where(letter.c.message_key == message_key)
    return of_message.order_by(letter.c.key.desc()).limit(1)


def _is_cut_off(moment: datetime) -> ColumnElement[bool]:
    return or_(letter.c.cut_off.is_(None), letter.c.cut_off <= moment)

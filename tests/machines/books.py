"""What the database says of the orders, while they are worked on and when all is over."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from persistence.letter_tables import letter
from persistence.stores.orders import AttemptEvent, OrderState
from persistence.tables import (
    delivery_attempt,
    delivery_order,
    mandant,
    message,
    report_entry,
    vorgang,
    vorgang_entry,
)
from server.domain.destination import DestinationKind
from server.domain.letter import LetterState
from server.domain.message import MessageState
from server.domain.transport_report import ReportCode

_ENDS = {
    DestinationKind.MAILBOX: (MessageState.DELIVERED, ReportCode.DELIVERED_ELECTRONICALLY),
    # Its output tells nothing.
    DestinationKind.LETTER: (MessageState.LETTER_UNCONFIRMED, ReportCode.LETTER_HANDED_OVER),
}


@dataclass(frozen=True)
class Books:
    """All orders, and what is wrong with them (sentences)."""

    orders: Counter[str]
    # Of each machine: how many orders it delivered.
    shares: Counter[str]
    # Orders that were claimed more than once: what a killed worker held.
    claimed_again: int
    faults: tuple[str, ...]


def count_done(engine: Engine) -> int:
    """How many orders are done, and their letters handed over."""
    waiting = [LetterState.READY.value, LetterState.BATCHED.value]
    query = select(func.count()).where(letter.c.state.in_(waiting))
    with engine.connect() as connection:
        return _count_state(connection, OrderState.DONE) - int(connection.scalar(query) or 0)


def read_books(engine: Engine) -> Books:
    """Compares orders, their history, reports, messages and Vorgänge."""
    with engine.connect() as connection:
        kind = delivery_order.c.destination_kind
        rows = connection.execute(select(kind, func.count()).group_by(kind))
        return Books(
            Counter(dict(rows.tuples().all())),
            _count_shares(connection),
            _count_claimed_again(connection),
            tuple(_find_faults(connection)),
        )


def _count_shares(connection: Connection) -> Counter[str]:
    machine = func.split_part(delivery_attempt.c.actor, ":", 1)
    rows = connection.execute(
        select(machine, func.count())
        .where(delivery_attempt.c.event == AttemptEvent.DELIVERED.value)
        .group_by(machine)
    )
    return Counter(dict(rows.tuples().all()))


def _count_claimed_again(connection: Connection) -> int:
    query = select(func.count()).where(delivery_order.c.attempts > 1)
    return int(connection.scalar(query) or 0)


def _find_faults(connection: Connection) -> Iterator[str]:
    orders = int(connection.scalar(select(func.count(delivery_order.c.key))) or 0)
    done = _count_state(connection, OrderState.DONE)
    if done != orders:
        yield f"{orders - done} orders are not done"
    yield from _find_wrong_histories(connection)
    for kind, (state, code) in _ENDS.items():
        yield from _find_wrong_reports(connection, kind, code)
        yield from _find_wrong_states(connection, kind, state)
    yield from _find_wrong_vorgaenge(connection)


def _find_wrong_histories(connection: Connection) -> Iterator[str]:
    """Each order has one line of history, and that says that it was delivered."""
    is_delivered = delivery_attempt.c.event == AttemptEvent.DELIVERED.value
    rows = connection.execute(
        select(delivery_order.c.key, func.count(delivery_attempt.c.key))
        .outerjoin(delivery_attempt, delivery_attempt.c.order_key == delivery_order.c.key)
        .group_by(delivery_order.c.key)
        .having(
            (func.count(delivery_attempt.c.key) != 1)
            | (func.count(delivery_attempt.c.key).filter(is_delivered) != 1)
        )
    )
    for key, number in rows:
        yield f"order {key} has {number} lines of history, one delivery was expected"


def _find_wrong_reports(
    connection: Connection, kind: DestinationKind, code: ReportCode
) -> Iterator[str]:
    """The report of each message tells its delivery once."""
    is_told = (report_entry.c.message_key == delivery_order.c.message_key) & (
        report_entry.c.code == code.value
    )
    rows = connection.execute(
        select(delivery_order.c.message_key, func.count(report_entry.c.key))
        .outerjoin(report_entry, is_told)
        .where(delivery_order.c.destination_kind == kind.value)
        .group_by(delivery_order.c.message_key)
        .having(func.count(report_entry.c.key) != 1)
    )
    for key, number in rows:
        yield f"the report of message {key} tells its delivery {number} times"


def _find_wrong_states(
    connection: Connection, kind: DestinationKind, state: MessageState
) -> Iterator[str]:
    rows = connection.execute(
        select(message.c.message_id, message.c.state)
        .join(delivery_order, delivery_order.c.message_key == message.c.key)
        .where(delivery_order.c.destination_kind == kind.value, message.c.state != state.value)
    )
    for message_id, found in rows:
        yield f"{message_id} is {found}"


def _find_wrong_vorgaenge(connection: Connection) -> Iterator[str]:
    """What lies in a mailbox came into one Vorgang of its reader, once."""
    rows = connection.execute(
        select(message.c.message_id, func.count(vorgang.c.key))
        .join(mandant, mandant.c.key == message.c.reader_mandant)
        .outerjoin(vorgang_entry, vorgang_entry.c.message_key == message.c.key)
        .outerjoin(
            vorgang,
            (vorgang.c.key == vorgang_entry.c.vorgang_key)
            & (vorgang.c.mandant_key == message.c.reader_mandant),
        )
        .where(mandant.c.is_electronic)
        .group_by(message.c.key)
        .having(func.count(vorgang.c.key) != 1)
    )
    for message_id, number in rows:
        yield f"{message_id} is {number} times in Vorgänge of its reader"


def _count_state(connection: Connection, state: OrderState) -> int:
    query = select(func.count()).where(delivery_order.c.state == state.value)
    return int(connection.scalar(query) or 0)

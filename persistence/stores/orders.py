"""Delivery orders: what the worker has still to do, one for each message that needs it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, insert, or_, select, update

from persistence.tables import delivery_order, message


class OrderState(StrEnum):
    """Where an order is."""

    DUE = "due"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class DeliveryOrder:
    """An order that a worker has claimed; `attempts` counts this one too."""

    key: int
    message_key: int
    created: datetime
    attempts: int


@dataclass(frozen=True)
class ParkedOrder:
    """An order that failed for good, and why."""

    message_id: str
    cause: str


class OrderStore:
    """Writes, claims and ends delivery orders."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, message_key: int, moment: datetime, due: datetime) -> None:
        """An order that a worker takes up at `due`."""
        self._connection.execute(
            insert(delivery_order).values(
                message_key=message_key,
                state=OrderState.DUE.value,
                created=moment,
                due=due,
                attempts=0,
                cause="",
            )
        )

    def claim_due(self, moment: datetime, lease: timedelta) -> DeliveryOrder | None:
        """Takes the order that has been due longest; it is ours until the lease ends."""
        row = self._connection.execute(
            select(delivery_order)
            .where(
                delivery_order.c.state == OrderState.DUE.value,
                delivery_order.c.due <= moment,
                or_(
                    delivery_order.c.leased_until.is_(None),
                    delivery_order.c.leased_until < moment,
                ),
            )
            .order_by(delivery_order.c.due, delivery_order.c.key)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        attempts = row.attempts + 1
        self._update(row.key, leased_until=moment + lease, attempts=attempts)
        return DeliveryOrder(row.key, row.message_key, row.created, attempts)

    def complete(self, key: int) -> None:
        """The order is done."""
        self._update(key, state=OrderState.DONE.value, leased_until=None, cause="")

    def postpone(self, key: int, due: datetime, cause: str) -> None:
        """The order failed for now and becomes due again."""
        self._update(key, due=due, leased_until=None, cause=cause)

    def park(self, key: int, cause: str) -> None:
        """The order failed for good and waits for an operator."""
        self._update(key, state=OrderState.PARKED.value, leased_until=None, cause=cause)

    def cancel(self, message_key: int) -> None:
        """The order of a message is not to be carried out any more."""
        self._connection.execute(
            update(delivery_order)
            .where(delivery_order.c.message_key == message_key)
            .values(state=OrderState.CANCELLED.value, leased_until=None)
        )

    def list_parked(self) -> tuple[ParkedOrder, ...]:
        """The orders that wait for an operator, oldest first."""
        rows = self._connection.execute(
            select(message.c.message_id, delivery_order.c.cause)
            .join(message, message.c.key == delivery_order.c.message_key)
            .where(delivery_order.c.state == OrderState.PARKED.value)
            .order_by(delivery_order.c.key)
        )
        return tuple(ParkedOrder(row.message_id, row.cause) for row in rows)

    def count_by_state(self) -> dict[OrderState, int]:
        """How many orders are in which state."""
        rows = self._connection.execute(
            select(delivery_order.c.state, func.count()).group_by(delivery_order.c.state)
        )
        return {OrderState(state): number for state, number in rows}

    def _update(self, key: int, **values: object) -> None:
        self._connection.execute(
            update(delivery_order).where(delivery_order.c.key == key).values(**values)
        )

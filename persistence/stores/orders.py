"""Delivery orders: what the worker has still to do, one for each message and destination."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from persistence.stores.party_values import select_written_party
from persistence.tables import delivery_attempt, delivery_order, message
from server.domain.destination import Destination, DestinationKind, OrderQueue


class OrderState(StrEnum):
    """Where an order is; HELD waits until its destination is tried with success."""

    DUE = "due"
    HELD = "held"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"


ACTIVE_STATES = (OrderState.DUE, OrderState.HELD, OrderState.PARKED)


class AttemptEvent(StrEnum):
    """What was done about an order; the value stands in the database."""

    DELIVERED = "delivered"
    CONTINUED = "continued"
    FAILED = "failed"
    HELD = "held"
    PARKED = "parked"
    READDRESSED = "readdressed"
    RESUMED = "resumed"
    REDIRECTED = "redirected"
    CANCELLED = "cancelled"


class LeaseLost(Exception):
    """Another worker has the order by now, or somebody ended it."""


@dataclass(frozen=True)
class Lease:
    """Until when claimed orders belong to whom; each claim has a token of its own."""

    token: str
    until: datetime


@dataclass(frozen=True)
class DeliveryOrder:
    """An order that a worker has claimed; `attempts` counts this one too.

    `is_probe` tells the one order that is tried while its destination is half open.
    """

    key: int
    message_key: int
    destination: Destination
    created: datetime
    tried_since: datetime
    attempts: int
    lease: Lease
    is_redirected: bool
    is_delay_told: bool
    is_probe: bool = False


@dataclass(frozen=True)
class ParkedOrder:
    """An order that failed for good, and why."""

    message_id: str
    cause: str


@dataclass(frozen=True)
class Attempt:
    """A line of an order's history; `actor` is a worker or a person."""

    moment: datetime
    event: AttemptEvent
    actor: str
    detail: str


class OrderStore:
    """Writes, claims and ends delivery orders."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        message_key: int,
        destination: Destination,
        moment: datetime,
        due: datetime,
        *,
        is_redirected: bool = False,
    ) -> bool:
        """An order that a worker takes up at `due`; False where the destination has one already.

        `is_redirected`: a person or a rule chose the destination, it is not asked for again.
        """
        known = select(delivery_order.c.key).where(_is_of(message_key), _goes_to(destination))
        if self._connection.scalar(known) is not None:
            return False
        self._connection.execute(
            insert(delivery_order).values(
                message_key=message_key,
                author=select_written_party("author", message_key),
                reader=select_written_party("reader", message_key),
                **write_destination(destination),
                is_redirected=is_redirected,
                state=OrderState.DUE.value,
                created=moment,
                due=due,
                tried_since=due,
                attempts=0,
                cause="",
            )
        )
        return True

    def lock_due(
        self, moment: datetime, limit: int, queue: OrderQueue
    ) -> tuple[DeliveryOrder, ...]:
        """What of a queue is due and free, longest first, locked until the transaction ends.

        Their lease is empty as long as they are not taken.
        """
        rows = self._connection.execute(
            select(delivery_order)
            .where(_has(OrderState.DUE), _waits_in(queue), delivery_order.c.due <= moment)
            .where(_is_free(moment))
            .order_by(delivery_order.c.due, delivery_order.c.key)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return tuple(_from_row(row) for row in rows)

    def lock_held(self, destination: Destination) -> DeliveryOrder | None:
        """The order that has waited longest for a destination, locked."""
        row = self._connection.execute(
            select(delivery_order)
            .where(_goes_to(destination), _has(OrderState.HELD))
            .order_by(delivery_order.c.due, delivery_order.c.key)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        return _from_row(row) if row else None

    def take(self, keys: Sequence[int], lease: Lease) -> None:
        """Leases locked orders; each is an attempt."""
        self._connection.execute(
            update(delivery_order)
            .where(delivery_order.c.key.in_(keys))
            .values(
                state=OrderState.DUE.value,
                leased_until=lease.until,
                lease_token=lease.token,
                attempts=delivery_order.c.attempts + 1,
            )
        )

    def renew(self, keys: Sequence[int], lease: Lease) -> frozenset[int]:
        """Lengthens a lease; returns the keys of orders that are still ours."""
        rows = self._connection.execute(
            update(delivery_order)
            .where(delivery_order.c.key.in_(keys), _is_leased(lease.token))
            .values(leased_until=lease.until)
            .returning(delivery_order.c.key)
        )
        return frozenset(rows.scalars())

    def complete(self, order: DeliveryOrder) -> None:
        """The order is done; raises LeaseLost."""
        self._settle(order, state=OrderState.DONE.value, cause="")

    def continue_at(self, order: DeliveryOrder, due: datetime) -> None:
        """The order comes back without having failed; raises LeaseLost."""
        self._settle(order, due=due, tried_since=due, attempts=0, cause="")

    def postpone(self, order: DeliveryOrder, due: datetime, cause: str) -> None:
        """The order failed for now and becomes due again; raises LeaseLost."""
        self._settle(order, due=due, cause=cause, is_delay_told=True)

    def wait_for(self, order: DeliveryOrder, due: datetime, name: str, cause: str) -> None:
        """Something else is away: due again, and its age counts anew; raises LeaseLost."""
        self._settle(order, due=due, tried_since=due, cause=cause, held_by=name, is_delay_told=True)

    def park(self, order: DeliveryOrder, cause: str) -> None:
        """The order failed for good and waits for an operator; raises LeaseLost."""
        self._settle(order, state=OrderState.PARKED.value, cause=cause)

    def park_done(self, message_key: int, cause: str) -> None:
        """The order of a message that was carried out was not enough: it waits for an operator."""
        self._connection.execute(
            update(delivery_order)
            .where(_is_of(message_key), _has(OrderState.DONE))
            .values(state=OrderState.PARKED.value, cause=cause)
        )

    def park_again(self, order_key: int, cause: str) -> None:
        """What an order has led to was not enough: it waits for an operator."""
        self._connection.execute(
            update(delivery_order)
            .where(delivery_order.c.key == order_key, _has(OrderState.DONE))
            .values(state=OrderState.PARKED.value, cause=cause)
        )

    def withdraw(self, order: DeliveryOrder, cause: str) -> None:
        """The order has become void; raises LeaseLost."""
        self._settle(order, state=OrderState.CANCELLED.value, cause=cause)

    def readdress(self, order: DeliveryOrder, destination: Destination, moment: datetime) -> None:
        """The order goes elsewhere, at once and as its first attempt; raises LeaseLost.

        Where the destination has an order of this message already, this one is void.
        """
        known = select(delivery_order.c.key).where(_is_of(order.message_key), _goes_to(destination))
        if self._connection.scalar(known) is not None:
            self.withdraw(order, f"Es gibt schon einen Auftrag für {destination}.")
            return
        self._settle(
            order,
            **write_destination(destination),
            due=moment,
            attempts=0,
        )

    def give_back(self, keys: Sequence[int], token: str) -> None:
        """Claimed orders that were not tried: free again, as if nothing had been."""
        self._connection.execute(
            update(delivery_order)
            .where(delivery_order.c.key.in_(keys), _is_leased(token))
            .values(leased_until=None, lease_token="", attempts=delivery_order.c.attempts - 1)
        )

    def hold(self, keys: Sequence[int], cause: str) -> None:
        """Locked orders wait until their destination is well again."""
        self._connection.execute(
            update(delivery_order)
            .where(delivery_order.c.key.in_(keys))
            .values(
                state=OrderState.HELD.value,
                leased_until=None,
                lease_token="",
                held_by=cause,
                is_delay_told=True,
            )
        )

    def hold_postponed(self, destination: Destination) -> None:
        """What was postponed because its destination was away waits until it is well again."""
        self._connection.execute(
            update(delivery_order)
            .where(*_waits_for(destination))
            .values(state=OrderState.HELD.value)
        )

    def release(self, destination: Destination, moment: datetime) -> int:
        """What waited for a destination is due at once; returns how many orders."""
        held = self._connection.execute(
            update(delivery_order)
            .where(_goes_to(destination), _has(OrderState.HELD))
            .values(state=OrderState.DUE.value, due=moment, held_by="", tried_since=moment)
        )
        postponed = self._connection.execute(
            update(delivery_order)
            .where(*_waits_for(destination))
            .values(due=moment, held_by="", tried_since=moment)
        )
        return held.rowcount + postponed.rowcount

    def cancel(self, message_key: int) -> None:
        """No order of a message is to be carried out any more."""
        active = [state.value for state in ACTIVE_STATES]
        self._connection.execute(
            update(delivery_order)
            .where(_is_of(message_key), delivery_order.c.state.in_(active))
            .values(state=OrderState.CANCELLED.value, leased_until=None, lease_token="")
        )

    def add_attempt(self, order_key: int, attempt: Attempt) -> None:
        """A line in the history of an order."""
        values = {
            "order_key": order_key,
            "moment": attempt.moment,
            "event": attempt.event.value,
            "actor": attempt.actor,
            "detail": attempt.detail,
        }
        self._connection.execute(_ADD_ATTEMPT, values)

    def list_parked(self) -> tuple[ParkedOrder, ...]:
        """The orders that wait for an operator, oldest first."""
        rows = self._connection.execute(
            select(message.c.message_id, delivery_order.c.cause)
            .join(message, message.c.key == delivery_order.c.message_key)
            .where(_has(OrderState.PARKED))
            .order_by(delivery_order.c.key)
        )
        return tuple(ParkedOrder(row.message_id, row.cause) for row in rows)

    def count_by_state(self) -> dict[OrderState, int]:
        """How many orders are in which state."""
        rows = self._connection.execute(
            select(delivery_order.c.state, func.count()).group_by(delivery_order.c.state)
        )
        return {OrderState(state): number for state, number in rows}

    def _settle(self, order: DeliveryOrder, **values: object) -> None:
        """Ends a lease; only who holds it may."""
        which = {"of_key": order.key, "of_token": order.lease.token}
        free = {"held_by": "", "leased_until": None, "lease_token": ""}
        settled = self._connection.execute(_SETTLE, {**which, **free, **values})
        if settled.rowcount != 1:
            raise LeaseLost(f"order {order.key}")


def write_destination(destination: Destination) -> dict[str, object]:
    """The columns of an order that say where it goes."""
    return {
        "destination_kind": destination.kind.value,
        "destination_name": destination.name,
        "is_forwarding": bool(OrderQueue.of(destination)),
    }


def _is_of(message_key: int) -> ColumnElement[bool]:
    return delivery_order.c.message_key == message_key


def _goes_to(destination: Destination) -> ColumnElement[bool]:
    is_kind = delivery_order.c.destination_kind == destination.kind.value
    return is_kind & (delivery_order.c.destination_name == destination.name)


def _waits_for(destination: Destination) -> tuple[ColumnElement[bool], ...]:
    """Postponed because the destination was away, and in nobody's hands."""
    is_idle = delivery_order.c.leased_until.is_(None)
    return _goes_to(destination), _has(OrderState.DUE), delivery_order.c.held_by != "", is_idle


def _has(state: OrderState) -> ColumnElement[bool]:
    return delivery_order.c.state == state.value


def _waits_in(queue: OrderQueue) -> ColumnElement[bool]:
    return delivery_order.c.is_forwarding == bool(queue)


def _is_free(moment: datetime) -> ColumnElement[bool]:
    leased_until = delivery_order.c.leased_until
    return or_(leased_until.is_(None), leased_until < moment)


def _is_leased(token: str | BindParameter[str]) -> ColumnElement[bool]:
    return _has(OrderState.DUE) & (delivery_order.c.lease_token == token)


# What runs for each order is built once.
_SETTLE = update(delivery_order).where(
    delivery_order.c.key == bindparam("of_key"), _is_leased(bindparam("of_token"))
)
_ADD_ATTEMPT = insert(delivery_attempt)


def _from_row(row: Row[Any]) -> DeliveryOrder:
    return DeliveryOrder(
        key=row.key,
        message_key=row.message_key,
        destination=Destination(DestinationKind(row.destination_kind), row.destination_name),
        created=row.created,
        tried_since=row.tried_since,
        attempts=row.attempts,
        lease=Lease("", row.created),
        is_redirected=row.is_redirected,
        is_delay_told=row.is_delay_told,
    )

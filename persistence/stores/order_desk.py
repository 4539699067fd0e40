"""Delivery orders as an operator sees them and changes them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)

from persistence.counting import count_rows
from persistence.stores.message_rows import fold_message_id
from persistence.stores.orders import (
    ACTIVE_STATES,
    Attempt,
    AttemptEvent,
    OrderState,
    write_destination,
)
from persistence.tables import IS_ACTIVE, delivery_attempt, delivery_order, message
from server.domain.behoerde import PartyIdentifier
from server.domain.destination import Destination, DestinationKind
from server.domain.message import MessageState


@dataclass(frozen=True)
class OrderFilter:
    """Which orders; an empty tuple or None leaves open.

    `postponed_at`: of those that are due, only what comes after this moment although its author
    does not want it later.
    """

    states: tuple[OrderState, ...] = ()
    destination: Destination | None = None
    mandant: PartyIdentifier | None = None
    postponed_at: datetime | None = None


class OrderView(NamedTuple):
    """An order with what one must know of its message, a tuple as lists make many; times in UTC."""

    key: int
    message_key: int
    message_id: str
    message_state: MessageState
    author: PartyIdentifier
    reader: PartyIdentifier
    destination: Destination
    is_redirected: bool
    state: OrderState
    created: datetime
    due: datetime
    attempts: int
    leased_until: datetime | None
    held_by: str
    cause: str

    def is_being_delivered(self, moment: datetime) -> bool:
        """True where a worker is at it."""
        return self.leased_until is not None and self.leased_until >= moment


class OrderDesk:
    """Lists orders and changes them for a person."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_orders(
        self, chosen: OrderFilter, maximum: int, after: int = 0
    ) -> tuple[OrderView, ...]:
        """Orders with a key above `after`, oldest first."""
        if chosen.mandant and _is_of_active(chosen) and not chosen.postponed_at:
            keys = _select_of_mandant(chosen, str(chosen.mandant), maximum, after)
            query = _JOINED.where(delivery_order.c.key.in_(keys))
        else:
            query = _restrict(_JOINED, chosen).where(delivery_order.c.key > after)
        rows = self._connection.execute(query.order_by(delivery_order.c.key).limit(maximum)).all()
        return tuple(map(_from_row, rows))

    def count(self, chosen: OrderFilter) -> int:
        """How many orders there are."""
        joined = select(func.count()).select_from(
            delivery_order.join(message, message.c.key == delivery_order.c.message_key)
        )
        return int(self._connection.scalar(_restrict(joined, chosen)) or 0)

    def count_held(self, destination: Destination, maximum: int) -> int:
        """How many orders wait for a destination, counted up to a maximum; its index is enough."""
        held = select(literal(1)).where(
            delivery_order.c.destination_kind == destination.kind.value,
            delivery_order.c.destination_name == destination.name,
            delivery_order.c.state == OrderState.HELD.value,
        )
        return count_rows(self._connection, held, maximum)

    def count_parked(self, maximum: int) -> int:
        """How many orders wait for a person, counted up to a maximum."""
        parked = select(literal(1)).where(delivery_order.c.state == OrderState.PARKED.value)
        return count_rows(self._connection, parked, maximum)

    def list_of_message(self, message_id: str) -> tuple[OrderView, ...]:
        """The orders of a message, in the order in which they were given."""
        folded = message.c.message_id_folded == fold_message_id(message_id)
        rows = self._connection.execute(_JOINED.where(folded).order_by(delivery_order.c.key))
        return tuple(_from_row(row) for row in rows)

    def lock_active(self, message_key: int) -> tuple[OrderView, ...]:
        """The orders of a message that are not at an end, locked until the transaction ends."""
        active = [state.value for state in ACTIVE_STATES]
        rows = self._connection.execute(
            _JOINED.where(
                delivery_order.c.message_key == message_key, delivery_order.c.state.in_(active)
            )
            .order_by(delivery_order.c.key)
            .with_for_update(of=delivery_order)
        )
        return tuple(_from_row(row) for row in rows)

    def resume(self, key: int, moment: datetime) -> None:
        """The order is due then, and its age and attempts count anew."""
        self._update(
            key,
            state=OrderState.DUE.value,
            due=moment,
            tried_since=moment,
            attempts=0,
            held_by="",
        )

    def redirect(self, key: int, destination: Destination) -> None:
        """The order goes elsewhere; where that is stays as it was chosen."""
        self._update(
            key,
            **write_destination(destination),
            is_redirected=True,
        )

    def list_attempts(self, order_keys: Sequence[int]) -> tuple[Attempt, ...]:
        """What was done about orders, oldest first."""
        rows = self._connection.execute(
            select(delivery_attempt)
            .where(delivery_attempt.c.order_key.in_(order_keys))
            .order_by(delivery_attempt.c.key)
        )
        return tuple(
            Attempt(row.moment, AttemptEvent(row.event), row.actor, row.detail) for row in rows
        )

    def _update(self, key: int, **values: object) -> None:
        self._connection.execute(
            update(delivery_order)
            .where(delivery_order.c.key == key)
            .values(**values, leased_until=None, lease_token="")
        )


_JOINED = select(
    delivery_order.c.key,
    delivery_order.c.message_key,
    message.c.message_id,
    message.c.state,
    message.c.author_value,
    message.c.author_type,
    message.c.author_name,
    message.c.reader_value,
    message.c.reader_type,
    message.c.reader_name,
    delivery_order.c.destination_kind,
    delivery_order.c.destination_name,
    delivery_order.c.is_redirected,
    delivery_order.c.state,
    delivery_order.c.created,
    delivery_order.c.due,
    delivery_order.c.attempts,
    delivery_order.c.leased_until,
    delivery_order.c.held_by,
    delivery_order.c.cause,
).join(message, message.c.key == delivery_order.c.message_key)


def _is_of_active(chosen: OrderFilter) -> bool:
    return bool(chosen.states) and set(chosen.states) <= set(ACTIVE_STATES)


def _select_of_mandant(chosen: OrderFilter, party: str, maximum: int, after: int) -> Any:
    """The keys of the first orders that wait and have a party on one of their sides."""
    of_all = _restrict(select(delivery_order.c.key), replace(chosen, mandant=None))
    following = of_all.where(delivery_order.c.key > after)
    parts = [
        following.where(side == party).order_by(delivery_order.c.key).limit(maximum).subquery()
        for side in (delivery_order.c.author, delivery_order.c.reader)
    ]
    return union_all(*(select(part) for part in parts))


def _restrict(query: Select[Any], chosen: OrderFilter) -> Select[Any]:
    if chosen.states:
        query = query.where(delivery_order.c.state.in_([state.value for state in chosen.states]))
        if _is_of_active(chosen):
            query = query.where(text(IS_ACTIVE))
    if chosen.destination:
        query = query.where(delivery_order.c.destination_kind == chosen.destination.kind.value)
        if chosen.destination.name:
            query = query.where(delivery_order.c.destination_name == chosen.destination.name)
    if chosen.postponed_at:
        query = query.where(_is_postponed(chosen.postponed_at))
    if chosen.mandant:
        query = query.where(
            or_(_is_party("author", chosen.mandant), _is_party("reader", chosen.mandant))
        )
    return query


def _is_postponed(moment: datetime) -> ColumnElement[bool]:
    is_early = message.c.not_before.is_not(None) & (message.c.not_before > moment)
    is_late = (delivery_order.c.due > moment) & ~is_early
    return or_(delivery_order.c.state != OrderState.DUE.value, is_late)


def _is_party(role: str, party: PartyIdentifier) -> ColumnElement[bool]:
    is_value = message.c[f"{role}_value"] == party.value
    return is_value & (message.c[f"{role}_type"] == party.type)


def _from_row(row: Sequence[Any]) -> OrderView:
    """By their places, in the order of _JOINED: looking for names costs more than the rest."""
    key, message_key, message_id, message_state, *parties, kind, name, is_redirected = row[:13]
    state, *rest = row[13:]
    return OrderView(
        key,
        message_key,
        message_id,
        MessageState(message_state),
        PartyIdentifier(*parties[:3]),
        PartyIdentifier(*parties[3:]),
        Destination(DestinationKind(kind), name),
        is_redirected,
        OrderState(state),
        *rest,
    )

"""What outcomes of channels lead to."""

from datetime import timedelta

import pytest

from persistence.database import Database
from persistence.stores.order_desk import OrderFilter, OrderView
from persistence.stores.orders import AttemptEvent, DeliveryOrder, OrderState
from server.domain.destination import OPEN, Destination, DestinationKind
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState
from server.services.delivering.channel import FurtherOrder, Outcome
from server.services.delivering.delivery import Delivery
from server.services.message_events import record_event
from tests.support.delivering import (
    DELIVERED,
    ScriptedChannel,
    add_order,
    make_scripted_delivery,
)
from tests.unit.conftest import FixedClock

NORTH = Destination(DestinationKind.DATA_CENTRE, "nord")
LETTER = Destination(DestinationKind.LETTER, "folder")


@pytest.fixture
def channel() -> ScriptedChannel:
    return ScriptedChannel()


@pytest.fixture
def delivery(database: Database, clock: FixedClock, channel: ScriptedChannel) -> Delivery:
    return make_scripted_delivery(database, clock, channel)


@pytest.fixture
def key(database: Database, clock: FixedClock, author: Caller) -> int:
    """A message that waits for the data centre in the north."""
    return add_order(database, author, clock, "urn:x:1", NORTH)


def list_orders(database: Database) -> tuple[OrderView, ...]:
    with database.reading() as stores:
        return stores.order_desk.list_orders(OrderFilter(), 10)


def list_events(database: Database) -> list[AttemptEvent]:
    with database.reading() as stores:
        keys = [order.key for order in list_orders(database)]
        return [attempt.event for attempt in stores.order_desk.list_attempts(keys)]


def find_state(database: Database) -> MessageState:
    return list_orders(database)[0].message_state


@pytest.mark.usefixtures("key")
def test_outcome_again_comes_back_then_without_having_failed(
    database: Database, clock: FixedClock, channel: ScriptedChannel, delivery: Delivery
) -> None:
    channel.work = lambda _order: Outcome(None, "läuft", again_at=clock.now + timedelta(hours=1))
    assert delivery.deliver_due()
    assert not delivery.deliver_due()
    clock.advance(hours=1)
    channel.work = lambda _order: DELIVERED
    assert delivery.deliver_due()
    assert list_events(database) == [AttemptEvent.CONTINUED, AttemptEvent.DELIVERED]
    assert find_state(database) is MessageState.DELIVERED


@pytest.mark.usefixtures("key")
def test_outcome_further_orders_are_written_once(
    database: Database, clock: FixedClock, channel: ScriptedChannel, delivery: Delivery
) -> None:
    further = FurtherOrder(LETTER, clock.now)
    channel.work = lambda _order: Outcome(None, "", further=(further, further))
    assert delivery.deliver_due()
    orders = [(order.destination, order.state) for order in list_orders(database)]
    assert orders == [(NORTH, OrderState.DONE), (LETTER, OrderState.DUE)]


def test_outcome_for_a_message_that_ended_meanwhile_is_dropped(
    database: Database, clock: FixedClock, channel: ScriptedChannel, delivery: Delivery, key: int
) -> None:
    def expire(_order: DeliveryOrder) -> Outcome:
        with database.writing() as stores:
            message = stores.messages.find_for_change(key)
            assert message is not None
            record_event(stores, message, MessageEvent.OBSOLETE, clock.now, detail="gestern")
        return DELIVERED

    channel.work = expire
    assert delivery.deliver_due()
    assert find_state(database) is MessageState.OBSOLETE
    assert [order.state for order in list_orders(database)] == [OrderState.CANCELLED]
    assert list_events(database) == [AttemptEvent.CANCELLED]


def test_order_cancelled_while_it_is_delivered_stays_cancelled(
    database: Database, channel: ScriptedChannel, delivery: Delivery, key: int
) -> None:
    def cancel(_order: DeliveryOrder) -> Outcome:
        with database.writing() as stores:
            stores.orders.cancel(key)
        return DELIVERED

    channel.work = cancel
    assert delivery.deliver_due()
    assert [order.state for order in list_orders(database)] == [OrderState.CANCELLED]
    assert list_events(database) == []


def test_order_without_channel_is_parked_with_its_cause(
    database: Database, clock: FixedClock, author: Caller
) -> None:
    add_order(database, author, clock, "urn:x:1", OPEN)
    delivery = make_scripted_delivery(database, clock, ScriptedChannel(), kinds=())
    assert delivery.deliver_due()
    (order,) = list_orders(database)
    assert (order.state, order.cause) == (
        OrderState.PARKED,
        "Zu offen führt von diesem Server kein Weg.",
    )


def test_order_that_goes_elsewhere_by_now_is_delivered_there(
    database: Database, clock: FixedClock, author: Caller, channel: ScriptedChannel
) -> None:
    add_order(database, author, clock, "urn:x:1", OPEN, is_redirected=False)
    delivery = make_scripted_delivery(database, clock, channel, resolver=lambda _message: LETTER)
    assert delivery.deliver_due()
    assert channel.delivered == []
    assert delivery.deliver_due()
    (order,) = list_orders(database)
    assert (order.destination, order.state, order.attempts) == (LETTER, OrderState.DONE, 1)
    assert list_events(database) == [AttemptEvent.READDRESSED, AttemptEvent.DELIVERED]


def test_order_that_goes_where_one_is_already_becomes_void(
    database: Database, clock: FixedClock, author: Caller, channel: ScriptedChannel
) -> None:
    key = add_order(database, author, clock, "urn:x:1", OPEN, is_redirected=False)
    with database.writing() as stores:
        stores.orders.add(key, LETTER, clock.now, clock.now + timedelta(days=1))
    delivery = make_scripted_delivery(database, clock, channel, resolver=lambda _message: LETTER)
    assert delivery.deliver_due()
    assert [order.state for order in list_orders(database)] == [
        OrderState.CANCELLED,
        OrderState.DUE,
    ]

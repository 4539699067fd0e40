"""Expiry and a delivery at the same moment: who comes first has the last word."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from persistence.database import Database
from persistence.stores.orders import DeliveryOrder
from persistence.tables import message
from server.domain.destination import Destination, DestinationKind
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.services.delivering.channel import Outcome
from server.services.expiry import Expiry
from tests.support.delivering import (
    DELIVERED,
    ScriptedChannel,
    add_order,
    down,
    make_scripted_delivery,
)
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

CENTRE = Destination(DestinationKind.DATA_CENTRE, "nord")


class Scene:
    """A message whose last day was yesterday, and its order."""

    def __init__(self, database: Database, clock: FixedClock, author: Caller) -> None:
        self.database, self.clock = database, clock
        self.key = add_order(database, author, clock, "urn:x:1", CENTRE)
        yesterday: date = clock.now.date() - timedelta(days=1)
        with database.engine.begin() as connection:
            connection.execute(message.update().values(obsolete_after=yesterday))
        self.expiry = Expiry(database, clock)
        self.channel = ScriptedChannel()
        self.delivery = make_scripted_delivery(database, clock, self.channel)
        self.ended: list[int] = []

    def expire_during(self, work: Any) -> None:
        """While the worker delivers, expiry comes by."""

        def deliver(order: DeliveryOrder) -> Outcome:
            self.ended.append(self.expiry.end_obsolete())
            outcome: Outcome = work(order)
            return outcome

        self.channel.work = deliver

    def find_state(self) -> MessageState:
        with self.database.reading() as stores:
            found = stores.messages.find_by_key(self.key)
        assert found
        return found.state


@pytest.fixture
def scene(database: Database, clock: FixedClock, author: Caller) -> Scene:
    return Scene(database, clock, author)


def test_end_obsolete_before_the_delivery_leaves_nothing_to_deliver(scene: Scene) -> None:
    assert scene.expiry.end_obsolete() == 1
    assert scene.find_state() is MessageState.OBSOLETE
    assert not scene.delivery.deliver_due()
    assert scene.channel.delivered == []


def test_end_obsolete_waits_for_midnight_in_germany(scene: Scene) -> None:
    # The last day is the 22nd, on which midnight is at 23:00 UTC.
    scene.clock.now = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
    assert scene.expiry.end_obsolete() == 0
    scene.clock.advance(seconds=1)
    assert scene.expiry.end_obsolete() == 1


def test_end_obsolete_during_the_delivery_leaves_the_end_to_it(scene: Scene) -> None:
    scene.expire_during(lambda _order: DELIVERED)
    assert scene.delivery.deliver_due()
    assert scene.ended == [0]
    assert scene.find_state() is MessageState.DELIVERED


def test_end_obsolete_after_a_delivery_that_failed_ends_the_message(scene: Scene) -> None:
    scene.expire_during(down)
    assert scene.delivery.deliver_due()
    assert scene.ended == [0]
    assert scene.find_state() is MessageState.WAITING_FOR_DELIVERY
    assert scene.expiry.end_obsolete() == 1
    scene.clock.advance(days=1)
    assert not scene.delivery.deliver_due()
    assert len(scene.channel.delivered) == 1


def test_end_obsolete_of_a_worker_that_was_killed_waits_for_its_lease(scene: Scene) -> None:
    def die(_order: DeliveryOrder) -> Outcome:
        raise KeyboardInterrupt

    scene.channel.work = die
    with pytest.raises(KeyboardInterrupt):
        scene.delivery.deliver_due()
    assert scene.expiry.end_obsolete() == 0
    scene.clock.advance(minutes=5, seconds=1)
    assert scene.expiry.end_obsolete() == 1
    assert scene.find_state() is MessageState.OBSOLETE

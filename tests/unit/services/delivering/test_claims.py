"""Leases and circuit breakers: who may work on what, and what waits meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import insert

from persistence import tables
from persistence.database import Database
from persistence.engine import begin_writing
from persistence.stores.order_desk import OrderFilter, OrderView
from persistence.stores.orders import Attempt, AttemptEvent, DeliveryOrder, OrderState
from server.domain.behoerde import PartyIdentifier
from server.domain.circuit_breaker import BreakerPlan, DestinationState
from server.domain.destination import OPEN, Destination, DestinationKind, OrderQueue
from server.domain.mandant import Caller
from server.services.delivering.channel import Outcome, Undeliverable
from server.services.delivering.delivery import Delivery
from server.services.delivering.plan import DeliveryPlan
from tests.support.delivering import (
    DELIVERED,
    RETRY,
    ScriptedChannel,
    add_order,
    down,
    make_scripted_delivery,
)
from tests.unit.conftest import FixedClock

NORTH = Destination(DestinationKind.DATA_CENTRE, "nord")
SOUTH = Destination(DestinationKind.DATA_CENTRE, "sued")
LEASE = timedelta(minutes=5)
PAUSE = timedelta(seconds=30)
PLAN = DeliveryPlan(LEASE, RETRY, breaker=BreakerPlan(3, PAUSE, timedelta(minutes=2)), batch=10)


class Site:
    """Two workers on one database, each with a channel of its own."""

    def __init__(self, database: Database, clock: FixedClock, author: Caller) -> None:
        self.database = database
        self.clock = clock
        self.author = author
        self.first, self.second = ScriptedChannel(), ScriptedChannel()
        self.worker = self.make_worker(self.first, "first")
        self.other = self.make_worker(self.second, "second")
        self._numbers = count(1)

    def make_worker(self, channel: ScriptedChannel, name: str) -> Delivery:
        return make_scripted_delivery(self.database, self.clock, channel, plan=PLAN, worker=name)

    def add(self, destination: Destination, number: int = 1) -> None:
        for _ in range(number):
            message_id = f"urn:x:{next(self._numbers)}"
            add_order(self.database, self.author, self.clock, message_id, destination)

    def list_orders(self, destination: Destination | None = None) -> tuple[OrderView, ...]:
        with self.database.reading() as stores:
            return stores.order_desk.list_orders(OrderFilter(destination=destination), 20_000)

    def list_states(self, destination: Destination | None = None) -> list[OrderState]:
        return [order.state for order in self.list_orders(destination)]

    def list_attempts(self) -> tuple[Attempt, ...]:
        with self.database.reading() as stores:
            return stores.order_desk.list_attempts([order.key for order in self.list_orders()])

    def find_breaker(self) -> DestinationState | None:
        with self.database.reading() as stores:
            return next(iter(stores.destinations.list_all()), None)

    def list_delays(self) -> list[int]:
        """How many entries of each message tell of a delay."""
        with self.database.reading() as stores:
            reports = [stores.messages.list_entries(o.message_key) for o in self.list_orders()]
        return [sum(e.code == "zustellung-verzoegert" for e in report) for report in reports]

    def open_breaker(self, waiting: int) -> None:
        """North is away, and so many orders wait for it."""
        self.first.work = down
        self.add(NORTH, waiting)
        assert self.worker.deliver_due()
        while self.worker.deliver_due():
            pass
        assert self.list_states(NORTH) == [OrderState.HELD] * waiting


@pytest.fixture
def site(database: Database, clock: FixedClock, author: Caller) -> Site:
    return Site(database, clock, author)


def test_late_worker_cannot_overwrite_what_the_second_did(site: Site) -> None:
    site.add(NORTH)

    def oversleep(_order: DeliveryOrder) -> Outcome:
        site.clock.advance(minutes=6)
        assert site.other.deliver_due()
        raise Undeliverable("zu spät")

    site.first.work = oversleep
    assert site.worker.deliver_due()
    assert site.list_states() == [OrderState.DONE]
    history = [(attempt.actor, attempt.event) for attempt in site.list_attempts()]
    assert history == [("second", AttemptEvent.DELIVERED)]


def test_late_worker_whose_order_nobody_took_may_still_end_it(site: Site) -> None:
    site.add(NORTH)

    def oversleep(_order: DeliveryOrder) -> Outcome:
        site.clock.advance(minutes=6)
        return DELIVERED

    site.first.work = oversleep
    assert site.worker.deliver_due()
    assert site.list_states() == [OrderState.DONE]
    assert not site.other.deliver_due()


def test_lease_of_a_long_batch_is_renewed_between_two_orders(site: Site) -> None:
    site.add(NORTH, 4)

    def take_long(_order: DeliveryOrder) -> Outcome:
        site.clock.advance(minutes=3)
        assert not site.other.deliver_due()
        return DELIVERED

    site.first.work = take_long
    assert site.worker.deliver_due()
    assert site.list_states() == [OrderState.DONE] * 4
    assert site.second.delivered == []


def test_two_workers_share_a_batch_and_deliver_nothing_twice(site: Site) -> None:
    site.add(NORTH, 25)

    def let_the_other_work(_order: DeliveryOrder) -> Outcome:
        site.other.deliver_due()
        return DELIVERED

    site.first.work = let_the_other_work
    while site.worker.deliver_due():
        pass
    delivered = [*site.first.delivered, *site.second.delivered]
    assert sorted(delivered) == sorted(set(delivered))
    assert (len(site.first.delivered), len(site.second.delivered)) == (10, 15)


def test_stopping_worker_gives_back_what_it_has_not_tried(site: Site) -> None:
    site.add(NORTH, 3)
    channel = ScriptedChannel()
    worker = make_scripted_delivery(
        site.database,
        site.clock,
        channel,
        plan=PLAN,
        is_stopping=lambda: len(channel.delivered) == 1,
    )
    assert worker.deliver_due()
    assert len(channel.delivered) == 1
    rest = site.list_orders()[1:]
    assert [(order.attempts, order.leased_until) for order in rest] == [(0, None)] * 2
    assert site.other.deliver_due()
    assert len(site.second.delivered) == 2


def test_breaker_opens_and_what_was_not_tried_does_not_count_as_tried(site: Site) -> None:
    site.open_breaker(8)
    assert len(site.first.delivered) == 3
    assert [order.attempts for order in site.list_orders()] == [1, 1, 1, 0, 0, 0, 0, 0]
    assert site.list_delays() == [1] * 8
    site.clock.advance(seconds=29)
    assert not site.other.deliver_due()


def test_breaker_half_open_lets_one_worker_try_one_order(site: Site) -> None:
    site.open_breaker(5)
    site.clock.advance(seconds=30)

    def fail_while_the_other_looks(order: DeliveryOrder) -> Outcome:
        assert not site.other.deliver_due()
        return down(order)

    site.first.work = fail_while_the_other_looks
    site.first.delivered.clear()
    assert site.worker.deliver_due()
    assert len(site.first.delivered) == 1
    breaker = site.find_breaker()
    assert breaker is not None
    assert breaker.open_until == site.clock.now + 2 * PAUSE
    assert site.list_states() == [OrderState.HELD] * 5


def test_breaker_closes_when_the_probe_succeeds_and_everything_goes_on(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.open_breaker(5)
    site.clock.advance(seconds=30)
    assert site.other.deliver_due()
    assert site.find_breaker() is None
    assert len(site.second.delivered) == 1
    assert site.other.deliver_due()
    assert site.list_states() == [OrderState.DONE] * 5
    assert site.list_delays() == [1] * 5
    told = [record.getMessage() for record in caplog.records if "Ziel" in record.getMessage()]
    assert told[0].startswith("Ziel rechenzentrum:nord gestört: Rechenzentrum Nord")
    assert told[1] == "Ziel rechenzentrum:nord wieder erreichbar; 4 Aufträge gehen weiter."


def test_breaker_probe_that_dies_is_followed_by_another(site: Site) -> None:
    site.open_breaker(3)
    site.clock.advance(seconds=30)

    def crash(_order: DeliveryOrder) -> Outcome:
        raise KeyboardInterrupt

    site.first.work = crash
    with pytest.raises(KeyboardInterrupt):
        site.worker.deliver_due()
    assert not site.other.deliver_due()
    site.clock.advance(minutes=6)
    while site.other.deliver_due():
        pass
    assert site.list_states() == [OrderState.DONE] * 3


def test_breaker_probe_that_fails_by_itself_is_followed_by_the_next_order(site: Site) -> None:
    site.open_breaker(3)
    site.clock.advance(seconds=30)
    answers: list[Outcome | None] = [None]

    def refuse_once(_order: DeliveryOrder) -> Outcome:
        if answers:
            answers.pop()
            raise Undeliverable("nicht druckbar")
        return DELIVERED

    site.second.work = refuse_once
    while site.other.deliver_due():
        pass
    assert sorted(site.list_states()) == sorted(
        [OrderState.PARKED, OrderState.DONE, OrderState.DONE]
    )
    assert site.find_breaker() is None


def test_failures_of_messages_open_no_breaker(site: Site) -> None:
    def break_down(_order: DeliveryOrder) -> Outcome:
        raise RuntimeError("kaputt")

    site.first.work = break_down
    site.add(NORTH, 6)
    assert site.worker.deliver_due()
    assert len(site.first.delivered) == 6
    assert site.find_breaker() is None


def test_new_order_to_a_destination_that_is_away_is_held_untried(site: Site) -> None:
    site.open_breaker(3)
    site.add(NORTH)
    assert not site.other.deliver_due()
    assert site.list_states() == [OrderState.HELD] * 4


def test_ten_thousand_orders_to_a_dead_destination_delay_no_other(site: Site) -> None:
    site.open_breaker(3)
    _add_many(site, NORTH, 10_000)
    site.clock.advance(seconds=1)
    site.add(SOUTH, 3)
    assert site.other.deliver_due()
    assert len(site.second.delivered) == 3
    assert site.list_states(SOUTH) == [OrderState.DONE] * 3
    # The queue is short again: nobody looks at them until their destination is well.
    with site.database.writing() as stores:
        assert stores.orders.lock_due(site.clock.now, 1, OrderQueue.FORWARDING) == ()
        assert stores.order_desk.count_held(NORTH, 20_000) == 10_003
        assert stores.order_desk.count_held(NORTH, 1_000) == 1_000
        assert stores.order_desk.count_held(SOUTH, 1_000) == 0
        assert stores.order_desk.count_parked(1_000) == 0


def test_queues_forwarding_has_its_own_and_its_probes(site: Site) -> None:
    here, away = (
        make_scripted_delivery(
            site.database, site.clock, channel, plan=replace(PLAN, queues=(queue,)), worker="w"
        )
        for channel, queue in zip((site.first, site.second), OrderQueue, strict=True)
    )
    letter = Destination(DestinationKind.LETTER, "folder")
    site.second.work = down
    site.add(NORTH, 3)
    site.add(letter)
    assert here.deliver_due()
    assert not here.deliver_due()
    assert site.list_states(letter) == [OrderState.DONE]
    while away.deliver_due():
        pass
    assert site.list_states(NORTH) == [OrderState.HELD] * 3
    site.clock.advance(seconds=30)
    assert not here.deliver_due()
    site.second.work = lambda _order: DELIVERED
    while away.deliver_due():
        pass
    assert site.list_states(NORTH) == [OrderState.DONE] * 3
    assert len(site.first.delivered) == 1


def test_queues_order_that_is_readdressed_changes_its_queue(site: Site) -> None:
    away = make_scripted_delivery(
        site.database,
        site.clock,
        site.second,
        plan=replace(PLAN, queues=(OrderQueue.FORWARDING,)),
        resolver=lambda _message: NORTH,
    )
    here = make_scripted_delivery(
        site.database,
        site.clock,
        site.first,
        plan=replace(PLAN, queues=(OrderQueue.HERE,)),
        resolver=lambda _message: NORTH,
    )
    add_order(site.database, site.author, site.clock, "urn:x:open", OPEN, is_redirected=False)
    assert not away.deliver_due()
    assert here.deliver_due()
    assert not here.deliver_due()
    assert away.deliver_due()
    assert site.list_states(NORTH) == [OrderState.DONE]


def _add_many(site: Site, destination: Destination, number: int) -> None:
    party = PartyIdentifier("ags:leser", "xoev")
    identifiers: Sequence[str] = [f"urn:many:{index}" for index in range(number)]
    values = {
        "state": "wartet-auf-zustellung",
        "author_mandant": site.author.mandant.key,
        **{f"{role}_{part}": "" for role in ("author", "reader") for part in ("name", "category")},
        **{f"{role}_value": party.value for role in ("author", "reader")},
        **{f"{role}_type": party.type for role in ("author", "reader")},
        **dict.fromkeys(("service", "business_scenario", "message_type", "payload_schema"), ""),
        "is_test": False,
        "metadata_xml": b"",
        "digest": "",
        "size": 0,
        "origin": site.clock.now,
    }
    rows = [
        {"key": 1000 + index, "message_id": text, "message_id_folded": text, **values}
        for index, text in enumerate(identifiers)
    ]
    order = {
        "destination_kind": destination.kind.value,
        "destination_name": destination.name,
        "is_redirected": True,
        "state": OrderState.DUE.value,
        **dict.fromkeys(("created", "due", "tried_since"), site.clock.now),
    }
    with begin_writing(site.database.engine) as connection:
        connection.execute(insert(tables.message), rows)
        connection.execute(
            insert(tables.delivery_order), [{"message_key": row["key"], **order} for row in rows]
        )

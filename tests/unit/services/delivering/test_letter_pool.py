"""Letters set ahead by real processes: who sets them, what comes back, and what if one dies."""

import os
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import replace
from datetime import timedelta

import pytest

from persistence.database import Database
from persistence.stores.order_desk import OrderFilter
from persistence.stores.orders import AttemptEvent, OrderState
from server.domain.destination import Destination, DestinationKind
from server.domain.mandant import Caller
from server.running.allocator import preload_allocator
from server.services.delivering.claims import Claim, Claims
from server.services.delivering.letter_pool import LetterPool, LetterProcesses, ProcessDied
from tests.support.delivering import PLAN, add_order, make_scripted_delivery
from tests.support.letter_setting import (
    ERRORS,
    LibraryChannel,
    PidChannel,
    make_library_channel,
    make_pid_channel,
)
from tests.unit.conftest import FixedClock

LETTER = Destination(DestinationKind.LETTER)
MAILBOX = Destination(DestinationKind.MAILBOX, "xoev:ags:leser")


@pytest.fixture
def pool() -> Iterator[LetterPool]:
    pool = make_pool()
    yield pool
    pool.close()


def make_pool(processes: int = 2) -> LetterPool:
    return LetterPool(PidChannel(), LetterProcesses(processes, make_pid_channel))


class Orders:
    """Orders that are claimed together."""

    def __init__(self, database: Database, author: Caller, clock: FixedClock) -> None:
        self._database = database
        self._author = author
        self._clock = clock

    def add(self, *names: str, destination: Destination = LETTER) -> None:
        for name in names:
            add_order(self._database, self._author, self._clock, f"urn:x:{name}", destination)

    def claim(self, *names: str, destination: Destination = LETTER) -> tuple[Claim, ...]:
        self.add(*names, destination=destination)
        return Claims(self._database, self._clock, timedelta(minutes=5)).claim(20)

    def find_states(self) -> dict[str, OrderState]:
        with self._database.reading() as stores:
            views = stores.order_desk.list_orders(OrderFilter(), 100)
        return {view.message_id.split(":")[-1]: view.state for view in views}


@pytest.fixture
def orders(database: Database, author: Caller, clock: FixedClock) -> Orders:
    return Orders(database, author, clock)


def deliver(pool: LetterPool, claim: Claim) -> str:
    order, message = claim
    return pool.deliver(order, message, order.destination).detail


def test_look_ahead_several_letters_are_set_by_other_processes(
    pool: LetterPool, orders: Orders
) -> None:
    claims = orders.claim("a", "b", "c")
    pool.look_ahead(claims)
    assert str(os.getpid()) not in {deliver(pool, claim) for claim in claims}


def test_look_ahead_single_letter_is_set_here(pool: LetterPool, orders: Orders) -> None:
    claims = orders.claim("a")
    pool.look_ahead(claims)
    assert deliver(pool, claims[0]) == str(os.getpid())


def test_look_ahead_one_process_is_the_worker_itself(orders: Orders) -> None:
    pool, claims = make_pool(1), orders.claim("a", "b")
    pool.look_ahead(claims)
    assert {deliver(pool, claim) for claim in claims} == {str(os.getpid())}


def test_look_ahead_what_is_no_letter_is_delivered_here(pool: LetterPool, orders: Orders) -> None:
    claims = orders.claim("a", "b", destination=MAILBOX)
    pool.look_ahead(claims)
    assert {deliver(pool, claim) for claim in claims} == {str(os.getpid())}


def test_look_ahead_what_is_claimed_no_more_is_forgotten(pool: LetterPool, orders: Orders) -> None:
    claims = orders.claim("a", "b")
    pool.look_ahead(claims)
    pool.look_ahead(())
    assert {deliver(pool, claim) for claim in claims} == {str(os.getpid())}


@pytest.mark.skipif(find_library("jemalloc") is None, reason="jemalloc is not installed")
def test_deliver_processes_use_the_allocator_that_is_preloaded(orders: Orders) -> None:
    environment = preload_allocator("jemalloc")
    pool = LetterPool(LibraryChannel(), LetterProcesses(2, make_library_channel, environment))
    claims = orders.claim("a", "b")
    pool.look_ahead(claims)
    loaded = [deliver(pool, claim) for claim in claims]
    pool.close()
    assert all("libjemalloc" in libraries for libraries in loaded)
    assert "LD_PRELOAD" not in os.environ


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_deliver_error_in_a_process_comes_back_as_it_was(
    pool: LetterPool, orders: Orders, name: str
) -> None:
    claims = orders.claim("a", name)
    pool.look_ahead(claims)
    with pytest.raises(type(ERRORS[name])) as raised:
        deliver(pool, claims[1])
    assert str(raised.value) == str(ERRORS[name])
    assert {**vars(raised.value), "__notes__": None} == {**vars(ERRORS[name]), "__notes__": None}


def test_deliver_error_that_cannot_be_sent_comes_back_as_text(
    pool: LetterPool, orders: Orders
) -> None:
    claims = orders.claim("a", "unsendable")
    pool.look_ahead(claims)
    with pytest.raises(RuntimeError, match="geht nicht durch die Leitung"):
        deliver(pool, claims[1])


def test_deliver_process_dies_of_one_letter_and_the_others_are_set(
    pool: LetterPool, orders: Orders
) -> None:
    claims = orders.claim("a", "kill", "b", "c")
    pool.look_ahead(claims)
    assert deliver(pool, claims[0]) != str(os.getpid())
    pool.look_ahead(claims[1:])
    with pytest.raises(ProcessDied):
        deliver(pool, claims[1])
    pool.look_ahead(claims[2:])
    assert str(os.getpid()) not in {deliver(pool, claim) for claim in claims[2:]}


def test_engine_letter_that_kills_its_process_waits_and_the_others_are_done(
    pool: LetterPool, orders: Orders, database: Database, clock: FixedClock
) -> None:
    orders.add("a", "kill", "b", "undeliverable", "c")
    delivery = make_scripted_delivery(database, clock, pool, look_ahead=pool.look_ahead)
    assert delivery.deliver_due()
    assert orders.find_states() == {
        "a": OrderState.DONE,
        "kill": OrderState.DUE,
        "b": OrderState.DONE,
        "undeliverable": OrderState.PARKED,
        "c": OrderState.DONE,
    }
    with database.reading() as stores:
        (order,) = stores.order_desk.list_of_message("urn:x:kill")
        attempts = stores.order_desk.list_attempts([order.key])
    assert [attempt.event for attempt in attempts] == [AttemptEvent.FAILED]


def test_engine_leaves_what_is_set_ahead_while_more_is_due_and_gives_it_back_at_the_end(
    pool: LetterPool, orders: Orders, database: Database, clock: FixedClock
) -> None:
    orders.add(*"abcdefghijkl")
    plan = replace(PLAN, batch=11)
    delivery = make_scripted_delivery(database, clock, pool, look_ahead=pool.look_ahead, plan=plan)
    assert delivery.deliver_due()
    states = orders.find_states()
    assert [name for name in "abcdefghijkl" if states[name] is OrderState.DONE] == [*"abc"]
    claims = Claims(database, clock, timedelta(minutes=5))
    assert [_find_name(claim) for claim in claims.claim(20)] == ["l"]
    delivery.end()
    assert [_find_name(claim) for claim in claims.claim(20)] == [*"defghijk"]


def test_engine_what_was_left_is_delivered_where_nothing_more_is_due(
    pool: LetterPool, orders: Orders, database: Database, clock: FixedClock
) -> None:
    orders.add(*"abcdefg")
    plan = replace(PLAN, batch=7)
    delivery = make_scripted_delivery(database, clock, pool, look_ahead=pool.look_ahead, plan=plan)
    assert delivery.deliver_due()
    assert delivery.deliver_due()
    assert set(orders.find_states().values()) == {OrderState.DONE}
    assert not delivery.deliver_due()


def _find_name(claim: Claim) -> str:
    return claim[1].head.message_id.split(":")[-1]

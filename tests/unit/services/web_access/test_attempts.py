"""Attempts of a client address over many logins."""

import logging
import threading
from datetime import timedelta

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.sign_in_limit import AddressLimit, AddressRecord
from server.services.web_access.attempts import Attempt, Attempts, TooManyAttempts
from tests.support.members import add_member
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

LIMIT = AddressLimit(10, timedelta(hours=1))
HERE = "192.0.2.7"


@pytest.fixture
def attempts(database: Database, clock: FixedClock) -> Attempts:
    return Attempts(database, LIMIT, clock)


def spray(attempts: Attempts, number: int, address: str = HERE) -> None:
    """One attempt each at so many logins."""
    for index in range(number):
        attempts.count(Attempt(f"login{index}", address))


def test_address_that_tries_many_logins_has_to_wait(attempts: Attempts, clock: FixedClock) -> None:
    spray(attempts, 11)
    with pytest.raises(TooManyAttempts, match=r"Von Ihrem Anschluss .* 30 Sekunden"):
        attempts.count(Attempt("eva", HERE))
    clock.advance(seconds=30)
    attempts.count(Attempt("eva", HERE))
    with pytest.raises(TooManyAttempts, match="60 Sekunden"):
        attempts.count(Attempt("eva", HERE))


def test_other_servers_see_the_same_counts(
    attempts: Attempts, database: Database, clock: FixedClock
) -> None:
    spray(attempts, 11)
    with pytest.raises(TooManyAttempts):
        Attempts(database, LIMIT, clock).count(Attempt("eva", HERE))


def test_other_addresses_are_not_concerned(attempts: Attempts) -> None:
    spray(attempts, 11)
    attempts.count(Attempt("eva", "192.0.2.8"))


def test_addresses_of_one_ipv6_network_count_together(attempts: Attempts) -> None:
    for index in range(11):
        attempts.count(Attempt(f"login{index}", f"2001:db8:1:2::{index:x}"))
    with pytest.raises(TooManyAttempts):
        attempts.count(Attempt("eva", "2001:db8:1:2:ffff::1"))
    attempts.count(Attempt("eva", "2001:db8:1:3::1"))


def test_attempt_that_is_refused_counts_for_nobody(
    attempts: Attempts, database: Database, clock: FixedClock, author: Caller
) -> None:
    key = add_member(database, clock, author)
    spray(attempts, 11)
    for _ in range(20):
        with pytest.raises(TooManyAttempts):
            attempts.count(Attempt("eva", HERE))
    with database.reading() as stores:
        user = stores.web_users.find(key)
    assert user is not None and user.failures == 0


def test_user_who_is_locked_out_costs_the_address_nothing(
    attempts: Attempts, database: Database, clock: FixedClock, author: Caller
) -> None:
    add_member(database, clock, author)
    for _ in range(5):
        attempts.count(Attempt("eva", HERE))
    for _ in range(50):
        with pytest.raises(TooManyAttempts, match=r"^Zu viele"):
            attempts.count(Attempt("eva", HERE))
    attempts.count(Attempt("udo", HERE))
    assert read(database, clock).failures == 6


def test_failures_of_who_signs_in_at_last_are_taken_back(
    attempts: Attempts, database: Database, clock: FixedClock, author: Caller
) -> None:
    key = add_member(database, clock, author)
    spray(attempts, 3)
    for _ in range(4):
        attempts.count(Attempt("eva", HERE))
    attempts.forgive(key, HERE)
    assert read(database, clock).failures == 3


def test_signing_in_with_an_own_account_forgives_no_failures_at_others(
    attempts: Attempts, database: Database, clock: FixedClock, author: Caller
) -> None:
    key = add_member(database, clock, author)
    spray(attempts, 9)
    for _ in range(5):
        attempts.count(Attempt("eva", HERE))
        attempts.forgive(key, HERE)
    assert read(database, clock).failures == 9


def test_address_that_is_unknown_is_not_counted(attempts: Attempts) -> None:
    spray(attempts, 30, "")
    spray(attempts, 30, "unix:")


def test_limit_of_zero_is_none(database: Database, clock: FixedClock) -> None:
    spray(Attempts(database, AddressLimit(0, timedelta(hours=1)), clock), 60)


def test_old_addresses_are_forgotten(
    attempts: Attempts, database: Database, clock: FixedClock
) -> None:
    for index in range(5):
        attempts.count(Attempt("eva", f"192.0.2.{index}"))
    clock.advance(hours=2, seconds=1)
    attempts.count(Attempt("eva", "192.0.2.9"))
    with database.reading() as stores:
        assert stores.web_addresses.count() == 1


def test_addresses_kept_are_bounded_and_those_that_wait_stay(
    database: Database, clock: FixedClock
) -> None:
    with database.writing() as stores:
        for index in range(6):
            moment = clock.now + timedelta(seconds=index)
            stores.web_addresses.lock(f"192.0.2.{index}", moment)
        until = clock.now + timedelta(minutes=5)
        held = AddressRecord("192.0.2.0", 60, until, until)
        stores.web_addresses.save(held)
        stores.web_addresses.forget(clock.now - timedelta(hours=1), 3)
        assert stores.web_addresses.count() == 3
        assert stores.web_addresses.count_held(clock.now) == 1


def test_delay_stands_in_audit_log_and_metric(
    attempts: Attempts,
    database: Database,
    clock: FixedClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        spray(attempts, 11)
    assert "client address 192.0.2.7 has to wait for 30 s" in caplog.text
    with database.reading() as stores:
        [(_, entry)] = stores.audit.list_newest(None, 10)
        assert stores.web_addresses.count_held(clock.now) == 1
    assert (entry.action, entry.subject) == ("anmeldung-adresse-verzoegert", HERE)
    assert entry.text == "11 Versuche ohne Erfolg, 30 Sekunden"


def test_many_attempts_at_once_are_all_counted(
    attempts: Attempts, database: Database, clock: FixedClock
) -> None:
    refused = []

    def attempt(index: int) -> None:
        try:
            attempts.count(Attempt(f"login{index}", HERE))
        except TooManyAttempts as error:
            refused.append(error)

    threads = [threading.Thread(target=attempt, args=(index,)) for index in range(14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    assert read(database, clock).failures == 11


def read(database: Database, clock: FixedClock) -> AddressRecord:
    with database.writing() as stores:
        return stores.web_addresses.lock(HERE, clock.now)

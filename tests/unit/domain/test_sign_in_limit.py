"""Failed sign-ins of a client address."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.sign_in_limit import (
    AddressLimit,
    AddressRecord,
    count_failure,
    forgive_failures,
    group_address,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMIT = AddressLimit(50, timedelta(hours=1))


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_group_address_takes_the_site(address: str, group: str) -> None:
    assert group_address(address) == group


def fail(record: AddressRecord, times: int, moment: datetime) -> AddressRecord:
    for _ in range(times):
        record = count_failure(record, LIMIT, moment)
    return record


def start() -> AddressRecord:
    return AddressRecord("192.0.2.7", 0, NOON)


def test_failures_up_to_the_limit_cost_nothing() -> None:
    assert fail(start(), 50, NOON).blocked_until is None
    assert fail(start(), 51, NOON).blocked_until == NOON + timedelta(seconds=30)


def test_delay_doubles_where_somebody_goes_on_after_it() -> None:
    record = fail(start(), 51, NOON)
    waits = []
    for _ in range(7):
        moment = record.counted
        record = count_failure(record, LIMIT, moment)
        waits.append((record.counted - moment).total_seconds())
    assert waits == [60, 120, 240, 480, 900, 900, 900]


def test_failures_fall_with_time() -> None:
    record = fail(start(), 50, NOON)
    later = count_failure(record, LIMIT, NOON + timedelta(minutes=30))
    assert later.failures == pytest.approx(26)
    assert count_failure(record, LIMIT, NOON + timedelta(hours=3)).failures == 1


def test_clock_that_goes_back_does_no_harm() -> None:
    record = fail(start(), 10, NOON)
    assert count_failure(record, LIMIT, NOON - timedelta(hours=1)).failures == 11


def test_one_user_alone_never_reaches_the_limit() -> None:
    """The own lock-out is faster: that of a user allows 12 attempts in the first hour."""
    record = start()
    moment = NOON
    for wait in (0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920):
        moment += timedelta(seconds=wait)
        record = count_failure(record, LIMIT, moment)
    assert moment - NOON > timedelta(hours=1)
    assert record.blocked_until is None


def test_forgiven_failures_are_gone() -> None:
    assert forgive_failures(fail(start(), 5, NOON), 3).failures == 2
    assert forgive_failures(fail(start(), 5, NOON), 9).failures == 0

"""When batches of letters close."""

from datetime import UTC, datetime, time

import pytest

from server.domain.cut_off import CutOffPlan

WEEKDAYS = frozenset(range(5))
AFTERNOON = CutOffPlan((time(16),), WEEKDAYS)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27T15:59:59+01:00", "2026-11-27T16:00:00+01:00"),
        # Who comes at the cut-off comes too late, and Friday evening waits until Monday.
        ("2026-11-27T16:00:00+01:00", "2026-11-30T16:00:00+01:00"),
        ("2026-11-29T00:00:00+01:00", "2026-11-30T16:00:00+01:00"),
        # 15:30 UTC is 16:30 there in winter, 17:30 in summer.
        ("2026-11-26T14:30:00+00:00", "2026-11-26T16:00:00+01:00"),
        ("2026-07-30T14:30:00+00:00", "2026-07-31T16:00:00+02:00"),
        # The clock is put back in between.
        ("2026-10-24T10:00:00+02:00", "2026-10-26T16:00:00+01:00"),
    ],
)
def test_find_next_is_the_first_cut_off_after_the_moment(moment: str, expected: str) -> None:
    assert AFTERNOON.find_next(local(moment)) == local(expected)


def test_find_next_several_times_in_any_order_takes_the_nearest() -> None:
    plan = CutOffPlan((time(16), time(9, 30)), frozenset({0, 6}))
    assert plan.find_next(local("2026-11-28T12:00:00+01:00")) == local("2026-11-29T09:30:00+01:00")
    assert plan.find_next(local("2026-11-29T09:30:00+01:00")) == local("2026-11-29T16:00:00+01:00")
    assert plan.find_next(local("2026-11-29T16:00:00+01:00")) == local("2026-11-30T09:30:00+01:00")


def test_find_next_one_day_a_week_is_a_week_away_at_most() -> None:
    plan = CutOffPlan((time(8),), frozenset({2}))
    assert plan.find_next(local("2026-11-25T08:00:00+01:00")) == local("2026-12-02T08:00:00+01:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # On this day there is no half past two; on that one there are two, the first counts.
        ("2026-03-28T23:30:00+00:00", "2026-03-29T01:30:00+00:00"),
        ("2026-10-24T23:30:00+00:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"),
    ],
)
def test_find_next_when_the_clock_is_changed_comes_once_a_day(moment: str, expected: str) -> None:
    plan = CutOffPlan((time(2, 30),), frozenset(range(7)))
    found = plan.find_next(local(moment))
    assert found is not None
    assert found.astimezone(UTC) == local(expected)


@pytest.mark.parametrize("plan", [CutOffPlan(), CutOffPlan((), WEEKDAYS), CutOffPlan((time(16),))])
def test_find_next_without_times_or_days_waits_for_nothing(plan: CutOffPlan) -> None:
    assert plan.find_next(local("2026-11-27T12:00:00+01:00")) is None

"""When batches of letters close."""

from datetime import UTC, date, datetime, time

import pytest

from server.domain.cut_off import CutOffPlan, FreeDays

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


CHRISTMAS = FreeDays(
    holidays=frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}),
    yearly=frozenset({(12, 24), (12, 31)}),
)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-12-23T15:00:00+01:00", "2026-12-23T16:00:00+01:00"),
        # Thursday and Friday are free, then comes the week-end.
        ("2026-12-23T16:00:00+01:00", "2026-12-28T09:30:00+01:00"),
        # A free day has none of its cut-offs, from its first second to its last.
        ("2026-12-24T00:00:00+01:00", "2026-12-28T09:30:00+01:00"),
        ("2026-12-25T23:59:59+01:00", "2026-12-28T09:30:00+01:00"),
        # Over the turn of the year.
        ("2026-12-30T16:00:00+01:00", "2027-01-04T09:30:00+01:00"),
        ("2027-12-30T16:00:00+01:00", "2028-01-03T09:30:00+01:00"),
    ],
)
def test_find_next_free_days_have_no_cut_off(moment: str, expected: str) -> None:
    plan = CutOffPlan((time(9, 30), time(16)), WEEKDAYS, CHRISTMAS)
    assert plan.find_next(local(moment)) == local(expected)


def test_find_next_free_on_the_only_day_of_the_week_is_two_weeks_away() -> None:
    plan = CutOffPlan((time(8),), frozenset({4}), CHRISTMAS)
    moment = local("2026-12-18T08:00:00+01:00")
    # Both Fridays are free, the last of the year and the first of the next.
    assert plan.find_next(moment) == local("2027-01-08T08:00:00+01:00")
    assert plan.list_left_out(moment) == (date(2026, 12, 25), date(2027, 1, 1))


def test_find_next_free_day_on_which_the_clock_is_changed_is_left_out() -> None:
    free = FreeDays(single=frozenset({date(2026, 3, 29)}))
    plan = CutOffPlan((time(2, 30),), frozenset(range(7)), free)
    found = plan.find_next(local("2026-03-28T12:00:00+01:00"))
    assert found is not None
    assert found.astimezone(UTC) == local("2026-03-30T00:30:00+00:00")


def test_find_next_single_day_is_free_in_its_year_alone() -> None:
    plan = CutOffPlan((time(16),), WEEKDAYS, FreeDays(single=frozenset({date(2026, 5, 15)})))
    assert plan.find_next(local("2026-05-15T08:00:00+02:00")) == local("2026-05-18T16:00:00+02:00")
    assert plan.find_next(local("2028-05-15T08:00:00+02:00")) == local("2028-05-15T16:00:00+02:00")


def test_find_next_every_day_free_waits_for_nothing() -> None:
    every_day = frozenset((month, day) for month in range(1, 13) for day in range(1, 32))
    plan = CutOffPlan((time(16),), WEEKDAYS, FreeDays(yearly=every_day))
    assert plan.find_next(local("2026-11-27T12:00:00+01:00")) is None


def test_list_left_out_names_days_with_a_cut_off_only() -> None:
    plan = CutOffPlan((time(16),), WEEKDAYS, CHRISTMAS)
    # The 26th is a Saturday.
    assert plan.list_left_out(local("2026-12-23T16:00:00+01:00")) == (
        date(2026, 12, 24),
        date(2026, 12, 25),
    )
    # On the 25th after four the day has no cut-off any more that could be left out.
    assert plan.list_left_out(local("2026-12-25T17:00:00+01:00")) == ()
    assert plan.list_left_out(local("2026-12-21T12:00:00+01:00")) == ()

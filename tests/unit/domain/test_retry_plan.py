"""Distances between attempts."""

from datetime import timedelta

from server.domain.retry_plan import RetryPlan

RETRY = RetryPlan(timedelta(seconds=5), timedelta(hours=1), timedelta(hours=72))


def test_wait_after_distance_doubles_up_to_the_longest() -> None:
    waits = [RETRY.wait_after(attempts).total_seconds() for attempts in (1, 2, 3, 11, 5000)]
    assert waits == [5, 10, 20, 3600, 3600]


def test_wait_after_jitter_takes_a_share_of_the_distance() -> None:
    waits = [RETRY.wait_after(3, jitter).total_seconds() for jitter in (0, 0.25, 1)]
    assert waits == [0, 5, 20]

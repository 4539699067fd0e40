"""The circuit breaker as a decision."""

from datetime import UTC, datetime, timedelta

from server.domain.circuit_breaker import (
    BreakerPlan,
    DestinationState,
    count_failure,
    start_probe,
)
from server.domain.destination import Destination, DestinationKind

MOMENT = datetime(2026, 11, 25, 9, tzinfo=UTC)
PLAN = BreakerPlan(3, timedelta(seconds=30), timedelta(minutes=2))
WELL = DestinationState(Destination(DestinationKind.LETTER, "folder"), 0, MOMENT, None, "voll")


def fail_often(times: int) -> DestinationState:
    state = WELL
    for _ in range(times):
        state = count_failure(state, PLAN, MOMENT, is_probe=False)
    return state


def test_count_failure_opens_at_the_threshold() -> None:
    assert not fail_often(2).is_open(MOMENT)
    assert fail_often(3).open_until == MOMENT + timedelta(seconds=30)
    assert fail_often(3).is_open(MOMENT)


def test_count_failure_of_what_began_before_it_opened_counts_no_more() -> None:
    assert fail_often(20) == fail_often(3)


def test_count_failure_of_probes_doubles_the_pause_up_to_the_longest() -> None:
    state, pauses = fail_often(3), []
    for _ in range(4):
        state = count_failure(state, PLAN, MOMENT, is_probe=True)
        assert state.open_until
        pauses.append((state.open_until - MOMENT).total_seconds())
    assert pauses == [60, 120, 120, 120]


def test_is_half_open_when_the_pause_is_over_and_nobody_tries() -> None:
    state = fail_often(3)
    after = MOMENT + timedelta(seconds=30)
    assert not state.is_half_open(MOMENT)
    assert state.is_half_open(after)
    assert not start_probe(state, after + timedelta(minutes=5)).is_half_open(after)
    assert not WELL.is_half_open(after)

"""The circuit breaker of a destination: after some failures in a row it is left alone for a while.

Then one order is tried (half open): where it succeeds the breaker closes, where it fails the pause
doubles. Only what says that the destination is away counts as a failure.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.domain.destination import Destination

_MOST_DOUBLINGS = 16


@dataclass(frozen=True)
class BreakerPlan:
    """After how many failures in a row the breaker opens, and for how long at first and at most."""

    threshold: int
    first_pause: timedelta
    longest_pause: timedelta

    def pause_after(self, failures: int) -> timedelta:
        """The pause after so many failures, the threshold reached."""
        doublings = min(failures - self.threshold, _MOST_DOUBLINGS)
        return min(self.first_pause * (1 << doublings), self.longest_pause)


@dataclass(frozen=True)
class DestinationState:
    """A destination that failed lately; one without a state is well.

    `since` is the first failure in a row, `cause` the last one in German. `open_until` is None
    where it failed too seldom to be left alone.
    """

    destination: Destination
    failures: int
    since: datetime
    open_until: datetime | None
    cause: str

    def is_open(self, moment: datetime) -> bool:
        """True where nothing may be tried."""
        return self.open_until is not None and self.open_until > moment

    def is_half_open(self, moment: datetime) -> bool:
        """True where one order may be tried."""
        return self.open_until is not None and self.open_until <= moment


def start_probe(state: DestinationState, until: datetime) -> DestinationState:
    """The state while one order is tried: for everybody else it stays open until then."""
    return replace(state, open_until=until)


def count_failure(
    state: DestinationState, plan: BreakerPlan, moment: datetime, *, is_probe: bool
) -> DestinationState:
    """The state after a failure; `state.failures` is 0 for the first one.

    What had begun before the breaker opened tells nothing new and counts no more.
    """
    if state.open_until is not None and not is_probe:
        return state
    failures = state.failures + 1
    has_tripped = failures >= plan.threshold or is_probe
    pause = plan.pause_after(max(failures, plan.threshold))
    return replace(state, failures=failures, open_until=moment + pause if has_tripped else None)

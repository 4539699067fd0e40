"""When a delivery that failed is tried again."""

from dataclasses import dataclass
from datetime import timedelta

_MOST_DOUBLINGS = 32


@dataclass(frozen=True)
class RetryPlan:
    """When to try again, and when to stop trying."""

    first: timedelta
    longest: timedelta
    max_age: timedelta

    def wait_after(self, attempts: int, jitter: float = 1.0) -> timedelta:
        """The distance to the next attempt.

        Its upper bound doubles each time up to the longest; `jitter` (0 to 1, drawn evenly) says
        where below it the attempt lies, so that many orders do not come back at once (full jitter).
        """
        doublings = min(attempts - 1, _MOST_DOUBLINGS)
        return min(self.first * (1 << doublings), self.longest) * jitter

"""When to try again what could not be done: with growing distance."""

import time
from collections.abc import Callable

_FIRST_SECONDS = 1.0


class Patience:
    """Counts failures by name; a name that is unknown is due at once."""

    def __init__(self, longest_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_seconds = longest_seconds
        self._clock = clock
        self._waits: dict[str, tuple[float, float]] = {}

    def is_due(self, name: str) -> bool:
        """True where the wait is over."""
        return self._clock() >= self._waits.get(name, (0.0, 0.0))[0]

    def note_failure(self, name: str) -> float:
        """Doubles the wait; the seconds until the next try."""
        last = self._waits.get(name, (0.0, 0.0))[1]
        wait = min(last * 2 or _FIRST_SECONDS, self._longest_seconds)
        self._waits[name] = (self._clock() + wait, wait)
        return wait

    def forget(self, name: str) -> None:
        """It has succeeded, or is over."""
        self._waits.pop(name, None)

"""A pause of a task whose dependency is away, so that it does not ask every half second."""

from datetime import datetime, timedelta

from server.services.clock import Clock


class Pause:
    """Begins when told, and ends by itself after `length`."""

    def __init__(self, clock: Clock, length: timedelta) -> None:
        self._clock = clock
        self._length = length
        self._until: datetime | None = None

    @property
    def is_on(self) -> bool:
        """True while the task should not begin."""
        return self._until is not None and self._clock() < self._until

    def begin(self) -> None:
        """The task may begin again after the length of the pause."""
        self._until = self._clock() + self._length

"""The clock, handed to whoever needs the time, so that a test can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def read_clock() -> datetime:
    """The current moment in UTC."""
    return datetime.now(UTC)

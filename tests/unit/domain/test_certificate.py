"""The ladder of the end of a certificate."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.certificate import find_expiry_step

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (200, None),
        (91, None),
        (90, 90),
        (61, 90),
        (60, 60),
        (30, 30),
        (15, 30),
        (14, 14),
        (8, 14),
        (7, 7),
        (2, 7),
        (1, 1),
        (0.5, 1),
        (-0.01, 0),
        (-100, 0),
    ],
)
def test_find_expiry_step_is_the_lowest_that_is_reached(days: float, step: int | None) -> None:
    assert find_expiry_step(NOW + timedelta(days=days), NOW) == step

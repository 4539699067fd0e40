"""Days as people in Germany count them."""

from datetime import date, datetime

import pytest

from server.domain.local_time import find_local_day


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-28T22:59:59+00:00", date(2026, 11, 28)),
        ("2026-11-28T23:00:00+00:00", date(2026, 11, 29)),
        # In summer a day begins two hours before that of UTC.
        ("2026-07-14T22:00:00+00:00", date(2026, 7, 15)),
        ("2026-07-15T21:59:59+00:00", date(2026, 7, 15)),
        ("2026-01-01T00:30:00+09:00", date(2025, 12, 31)),
    ],
)
def test_find_local_day_begins_at_midnight_in_germany(moment: str, expected: date) -> None:
    assert find_local_day(datetime.fromisoformat(moment)) == expected

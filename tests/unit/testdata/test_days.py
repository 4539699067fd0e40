"""Days as the law counts them."""

from datetime import date

import pytest

from server.testdata.days import add_months, count_months_begun, find_bekanntgabe, find_workday


@pytest.mark.parametrize(
    ("posted", "received"),
    [
        (date(2025, 1, 7), date(2025, 1, 13)),  # Tuesday and four days: Saturday, so Monday
        (date(2026, 1, 12), date(2026, 1, 16)),
        (date(2024, 12, 30), date(2025, 1, 2)),  # three days before 2025
        (date(2024, 12, 31), date(2025, 1, 3)),
        (date(2024, 7, 3), date(2024, 7, 8)),
    ],
)
def test_find_bekanntgabe_is_never_on_a_weekend(posted: date, received: date) -> None:
    assert find_bekanntgabe(posted) == received


@pytest.mark.parametrize(
    ("after", "until", "months"),
    [
        (date(2026, 5, 15), date(2026, 5, 15), 0),
        (date(2026, 5, 15), date(2026, 5, 16), 1),
        (date(2026, 5, 15), date(2026, 6, 15), 1),
        (date(2026, 5, 15), date(2026, 6, 16), 2),
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2025, 1, 31), date(2025, 3, 1), 2),
        (date(2026, 5, 15), date(2026, 4, 1), 0),
    ],
)
def test_count_months_begun_starts_on_the_next_day(after: date, until: date, months: int) -> None:
    assert count_months_begun(after, until) == months


def test_add_months_ends_with_the_month() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


def test_find_workday_moves_a_weekend_to_monday() -> None:
    days = [date(2026, 5, day) for day in (15, 16, 17, 18)]
    assert [find_workday(day).day for day in days] == [15, 18, 18, 18]

"""Days as the law counts them; public holidays are left out of account."""

import calendar
from datetime import date, timedelta

_SATURDAY = 5
_FOUR_DAYS_SINCE = date(2025, 1, 1)


def add_days(day: date, count: int) -> date:
    """So many days later."""
    return day + timedelta(days=count)


def add_months(day: date, count: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def find_workday(day: date) -> date:
    """The day itself, or the Monday after it (§ 108 AO, § 193 BGB)."""
    return add_days(day, max(0, 7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)


def find_bekanntgabe(posted: date) -> date:
    """When a posted notice counts as received (§ 122 AO): the fourth day, before 2025 the third."""
    return find_workday(add_days(posted, 4 if posted >= _FOUR_DAYS_SINCE else 3))


def count_months_begun(after: date, until: date) -> int:
    """How many months have begun from the day after `after` until `until`."""
    months = (until.year - after.year) * 12 + until.month - after.month
    return max(0, months + (until.day > after.day))

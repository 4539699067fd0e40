"""Instalments by the month, as they are agreed with a debtor."""

from datetime import date, timedelta
from decimal import Decimal

from server.domain.vorgang_nachricht import Rate

_MONTHS = 12


def plan_instalments(
    amount: Decimal, number: int, first: date, last_amount: Decimal | None
) -> tuple[Rate, ...]:
    """So many instalments, one a month; the last one may be of another amount.

    Where a month is too short, its last day counts.
    """
    amounts = [amount] * number
    if last_amount is not None:
        amounts[-1] = last_amount
    return tuple(Rate(item, _add_months(first, months)) for months, item in enumerate(amounts))


def _add_months(day: date, months: int) -> date:
    first = _first_of_month(day, months)
    length = (_first_of_month(first, 1) - first).days
    return first + timedelta(days=min(day.day, length) - 1)


def _first_of_month(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, _MONTHS)
    return date(day.year + years, month + 1, 1)

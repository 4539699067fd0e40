"""How amounts and days are written in German."""

from datetime import date
from decimal import Decimal

_GERMAN_NUMBER = str.maketrans(",.", ".,")


def format_euro(amount: Decimal) -> str:
    """1234.5 → 1.234,50 €, with a space that does not break."""
    text = f"{amount:,.2f}".translate(_GERMAN_NUMBER)
    return f"{text}\N{NO-BREAK SPACE}€"


def format_german_day(day: date) -> str:
    """2026-11-02 → 02.11.2026."""
    return f"{day:%d.%m.%Y}"

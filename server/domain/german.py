"""How amounts and days are written in German, and read again."""

import re
from datetime import date, datetime
from decimal import Decimal

from server.domain.local_time import LOCAL_ZONE

_AMOUNT = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?")
_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_GERMAN_NUMBER = str.maketrans(",.", ".,")


def format_euro(amount: Decimal) -> str:
    """1234.5 → 1.234,50 €, with a space that does not break."""
    text = f"{amount:,.2f}".translate(_GERMAN_NUMBER)
    return f"{text}\N{NO-BREAK SPACE}€"


def format_german_day(day: date) -> str:
    """2026-11-02 → 02.11.2026."""
    return f"{day:%d.%m.%Y}"


def format_german_moment(moment: datetime) -> str:
    """2026-11-02T08:15Z → 02.11.2026, 09:15 Uhr, as the clock shows in Germany."""
    return f"{moment.astimezone(LOCAL_ZONE):%d.%m.%Y, %H:%M} Uhr"


def parse_euro(text: str) -> Decimal | None:
    """1.234,50, 1234,5 or 1.234 € → amount with two decimals; None where it is none."""
    found = _AMOUNT.fullmatch("".join(text.replace("€", "").removesuffix("EUR").split()))
    if found is None:
        return None
    euro, cent = found.group(1).replace(".", ""), (found.group(2) or "").ljust(2, "0")
    return Decimal(f"{euro}.{cent}")


def parse_german_day(text: str) -> date | None:
    """2.11.2026, or 2026-11-02 → day; None where there is no such day."""
    found = _DAY.fullmatch(text.strip())
    try:
        if found is None:
            return date.fromisoformat(text.strip())
        day, month, year = map(int, found.groups())
        return date(year, month, day)
    except ValueError:
        return None

"""How figures are written in German."""

from decimal import Decimal

from server.domain.german import format_euro

# Shorter means are told in minutes, and in hours.
_MANY_MINUTES, _MANY_HOURS = 90, 48


def write_duration(seconds: int, number: int) -> str:
    """The mean of so many durations in a unit that can be read; a dash where there is none."""
    if not number:
        return "–"
    minutes = seconds / number / 60
    if minutes < _MANY_MINUTES:
        return f"{minutes:.0f} Min."
    hours = minutes / 60
    value, unit = (hours, "Std.") if hours < _MANY_HOURS else (hours / 24, "Tage")
    return f"{value:.1f}".replace(".", ",") + f" {unit}"


def write_number(value: int) -> str:
    """1234 → 1.234."""
    return f"{value:,}".replace(",", ".")


def write_cents(cents: int) -> str:
    """123456 → 1.234,56 €."""
    return format_euro(Decimal(cents) / 100)

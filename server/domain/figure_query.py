"""Which figures are asked for, and the German words of their groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from server.domain.figures import FigureChannel, FigureFilter, FigureGrouping

# So that no question reads, and no page shows, more than somebody can look at.
MAX_DAYS: Mapping[FigureGrouping, int] = {FigureGrouping.DAY: 100, FigureGrouping.WEEK: 750}
MAX_PERIOD_DAYS = 5 * 366
FIRST_YEAR, LAST_YEAR = 2000, 2199

CHANNEL_NAMES: Mapping[FigureChannel, str] = {
    FigureChannel.MAILBOX: "Postfach",
    FigureChannel.DATA_CENTRE: "anderes Rechenzentrum",
    FigureChannel.LETTER: "Brief",
    FigureChannel.OPEN: "noch offen",
}
_MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
    *("August", "September", "Oktober", "November", "Dezember"),
)


@dataclass(frozen=True)
class FigureQuery:
    """Figures from a day to a day, both included."""

    first: date
    last: date
    grouping: FigureGrouping = FigureGrouping.MONTH
    chosen: FigureFilter = field(default_factory=FigureFilter)

    def find_problem(self) -> str:
        """Why these figures are not shown (German); empty where they are."""
        days = (self.last - self.first).days + 1
        if days < 1:
            return "Der Zeitraum endet, bevor er beginnt."
        if days > MAX_PERIOD_DAYS:
            return "Ein Zeitraum darf höchstens fünf Jahre lang sein."
        if not FIRST_YEAR <= self.first.year <= self.last.year <= LAST_YEAR:
            return f"Ein Zeitraum muss in den Jahren {FIRST_YEAR} bis {LAST_YEAR} liegen."
        limit = MAX_DAYS.get(self.grouping, MAX_PERIOD_DAYS)
        if days > limit:
            unit = "Tagen" if self.grouping is FigureGrouping.DAY else "Wochen"
            return f"Nach {unit} gegliedert darf ein Zeitraum höchstens {limit} Tage lang sein."
        return ""


def name_time(grouping: FigureGrouping, start: date) -> str:
    """28.11.2026, KW 48/2026 or November 2026."""
    if grouping is FigureGrouping.DAY:
        return f"{start:%d.%m.%Y}"
    if grouping is FigureGrouping.WEEK:
        year, week, _ = start.isocalendar()
        return f"KW {week:02}/{year}"
    return f"{_MONTHS[start.month - 1]} {start.year}"


def find_last_year(today: date) -> tuple[date, date]:
    """The twelve months that end with that of the day."""
    end = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return date(end.year - 1, end.month, 1), today

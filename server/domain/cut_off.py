"""When letters that are ready are gathered into batches: on some days, at some times of the day."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from server.domain.local_time import LOCAL_ZONE, find_local_day

# No settings leave out more days than these in a row; where they do, nothing is waited for.
_LONGEST_SEARCH = 366


@dataclass(frozen=True)
class FreeDays:
    """Days without a cut-off: public holidays, days of every year (month, day), single days."""

    holidays: Container[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    single: frozenset[date] = frozenset()

    def __contains__(self, day: date) -> bool:
        """True where the day has no cut-off."""
        return (day.month, day.day) in self.yearly or day in self.single or day in self.holidays


@dataclass(frozen=True)
class CutOffPlan:
    """Local times of the day, on days of the week (0 is Monday) that are not free.

    Without times, or without days, nothing is waited for: what is ready goes with the next batch.
    """

    times: tuple[time, ...] = ()
    days: frozenset[int] = frozenset()
    free: FreeDays = field(default_factory=FreeDays)

    def find_next(self, moment: datetime) -> datetime | None:
        """The first cut-off after the moment; None where nothing is waited for.

        The result bears LOCAL_ZONE. A time that a day does not have, because the clock is put
        forward, is moved on by as much; one that it has twice counts when it comes first.
        """
        cut_offs = (
            cut_off
            for day in self._list_days(moment)
            if day not in self.free
            for cut_off in self._list_of_day(day)
        )
        return next((found for found in cut_offs if _is_after(found, moment)), None)

    def list_left_out(self, moment: datetime) -> tuple[date, ...]:
        """The free days on which there would be a cut-off before the next one."""
        found = self.find_next(moment)
        return tuple(
            day
            for day in self._list_days(moment)
            if found
            and day <= found.date()
            and day in self.free
            and any(_is_after(cut_off, moment) for cut_off in self._list_of_day(day))
        )

    def _list_days(self, moment: datetime) -> Iterator[date]:
        """Days of the week that count, from that of the moment on."""
        first = find_local_day(moment)
        length = _LONGEST_SEARCH + 1 if self.times and self.days else 0
        days = (first + timedelta(days=distance) for distance in range(length))
        return (day for day in days if day.weekday() in self.days)

    def _list_of_day(self, day: date) -> Iterator[datetime]:
        return (datetime.combine(day, clock, LOCAL_ZONE) for clock in sorted(self.times))


def _is_after(cut_off: datetime, moment: datetime) -> bool:
    """Compared as points of time: two local times of one zone would be compared as written."""
    return cut_off.timestamp() > moment.timestamp()

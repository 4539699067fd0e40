"""When letters that are ready are gathered into batches: on some days, at some times of the day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

# Times of the day are those of the people who print and post.
LOCAL_ZONE = ZoneInfo("Europe/Berlin")
_WEEK = 7


@dataclass(frozen=True)
class CutOffPlan:
    """Local times of the day, on days of the week (0 is Monday).

    Without times, or without days, nothing is waited for: what is ready goes with the next batch.
    """

    times: tuple[time, ...] = ()
    days: frozenset[int] = frozenset()

    def find_next(self, moment: datetime) -> datetime | None:
        """The first cut-off after the moment; None where nothing is waited for.

        The result bears LOCAL_ZONE. A time that a day does not have, because the clock is put
        forward, is moved on by as much; one that it has twice counts when it comes first.
        """
        local = moment.astimezone(LOCAL_ZONE)
        for distance in range(_WEEK + 1):
            day = (local + timedelta(days=distance)).date()
            if day.weekday() in self.days:
                for clock_time in sorted(self.times):
                    cut_off = datetime.combine(day, clock_time, LOCAL_ZONE)
                    if cut_off.timestamp() > moment.timestamp():
                        return cut_off
        return None

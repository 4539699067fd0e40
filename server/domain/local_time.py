"""Days and times of the day as people in Germany count them; points of time are kept in UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Europe/Berlin")


def find_local_day(moment: datetime) -> date:
    """The day in Germany at a point of time, which bears a zone."""
    return moment.astimezone(LOCAL_ZONE).date()

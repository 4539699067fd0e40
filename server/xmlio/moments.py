"""xs:dateTime: moments are timezone-aware in Python and written in UTC."""

from datetime import UTC, datetime


def format_moment(moment: datetime) -> str:
    """A moment as xs:dateTime in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_moment(text: str) -> datetime:
    """The moment of an xs:dateTime; one without a zone is read as UTC.

    Raises ValueError for what the calendar of Python does not know (years before 1, 24:00).
    """
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

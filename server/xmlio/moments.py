"""xs:dateTime and xs:date: moments are timezone-aware in Python and written in UTC."""

from datetime import UTC, date, datetime

from server.errors import AmtshilfeError, Faults


def format_moment(moment: datetime) -> str:
    """A moment as xs:dateTime in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_moment(text: str) -> datetime:
    """The moment of an xs:dateTime; one without a zone is read as UTC.

    Raises ValueError for what the calendar of Python does not know (years before 1, 24:00).
    """
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_stichtag(text: str) -> date | None:
    """An xs:date of a question, whose time zone does not count; None where it is empty.

    Raises AmtshilfeError (9022).
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        # The schema lets pass what no calendar here knows, such as years before 1.
        raise AmtshilfeError(
            Faults.PARAMETER_COMBINATION, f"Der Stichtag „{text}“ ist kein Tag im Kalender."
        ) from None

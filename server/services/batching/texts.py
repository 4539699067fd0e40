"""German words for the states of batches and letters, as lines and pages use them."""

from datetime import date, datetime

from server.domain.batch import BatchState
from server.domain.letter import LetterState
from server.domain.local_time import LOCAL_ZONE, find_local_day

_WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
BATCH_TEXTS = {
    BatchState.CLOSED: "wartet auf Übergabe",
    BatchState.SUBMITTED: "übergeben",
    BatchState.SETTLED: "abgeschlossen",
    BatchState.REFUSED: "abgelehnt",
}
LETTER_TEXTS = {
    LetterState.READY: "bereit",
    LetterState.BATCHED: "im Stapel",
    LetterState.HANDED_OVER: "übergeben",
    LetterState.PRINTED: "gedruckt",
    LetterState.POSTED: "versandt",
    LetterState.FAILED: "fehlgeschlagen",
    LetterState.RETURNED: "zurückgekommen",
    LetterState.WITHDRAWN: "zurückgezogen",
}


def write_day(day: date) -> str:
    """A day with its name: Fr 25.12.2026."""
    return f"{_WEEKDAYS[day.weekday()]} {day:%d.%m.%Y}"


def write_moment(moment: datetime) -> str:
    """A moment with its day, as the clock shows in Germany: Mo 28.12.2026, 16:00."""
    return f"{write_day(find_local_day(moment))}, {moment.astimezone(LOCAL_ZONE):%H:%M}"

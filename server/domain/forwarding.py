"""What the report of another data centre means for a message that was forwarded there.

This module decides; it asks nobody, reads no clock and stores nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.message import MessageEvent, MessageState, TimeStamp
from server.domain.transport_report import ReportCode, ReportEntry, ReportStatus

_MOST_DOUBLINGS = 32
# How a report that is closed says what the end was; our own codes only.
_ENDS: Mapping[ReportCode, MessageEvent] = {
    ReportCode.CLOSED: MessageEvent.CLOSED,
    ReportCode.LETTER_HANDED_OVER: MessageEvent.LETTER_HANDED_OVER_FOR_GOOD,
    ReportCode.LETTER_POSTED: MessageEvent.LETTER_POSTED,
    ReportCode.LETTER_WITHDRAWN: MessageEvent.LETTER_WITHDRAWN,
    ReportCode.LETTER_UNCONFIRMED: MessageEvent.NEWS_ENDED,
    ReportCode.LETTER_RETURNED: MessageEvent.LETTER_RETURNED,
    ReportCode.TEST_NOT_PRINTED: MessageEvent.TEST_ENDED,
    ReportCode.CANCELLED: MessageEvent.CANCELLED,
    ReportCode.OBSOLETE: MessageEvent.OBSOLETE,
    ReportCode.RETURNED: MessageEvent.RETURNED,
}
# Times that only the other side knows.
FOREIGN_TIMES = (TimeStamp.DELIVERY, TimeStamp.INITIAL_FETCH, TimeStamp.RECEPTION)


@dataclass(frozen=True)
class ForeignReport:
    """A report of another data centre; its entries are marked with its name, oldest first.

    `times` are those of FOREIGN_TIMES that have come.
    """

    status: ReportStatus
    entries: tuple[ReportEntry, ...]
    times: Mapping[TimeStamp, datetime]


@dataclass(frozen=True)
class FollowPlan:
    """How often is asked what became of a forwarded message.

    The distance doubles from `first` to `longest` while nothing new is heard; after `silence`
    without any answer the author is told. `batch` messages are asked for under one `lease`.
    """

    first: timedelta
    longest: timedelta
    silence: timedelta
    lease: timedelta
    batch: int = field(default=20)

    def wait_after(self, polls: int) -> timedelta:
        """The distance to the next question after so many that brought nothing new."""
        return min(self.first * (1 << min(polls, _MOST_DOUBLINGS)), self.longest)


def find_new_entries(
    known: Iterable[ReportEntry], told: Sequence[ReportEntry]
) -> tuple[ReportEntry, ...]:
    """The entries that are not in our report yet, each as often as it was told."""
    left = Counter(entry for entry in known if entry.centre)
    new = []
    for entry in told:
        if left[entry]:
            left[entry] -= 1
        else:
            new.append(entry)
    return tuple(new)


def find_events(state: MessageState, report: ForeignReport) -> tuple[MessageEvent, ...]:
    """What has happened to the message there that is not in its state yet, in order."""
    events = []
    end = _find_end(report)
    is_delivered = TimeStamp.DELIVERY in report.times or end is MessageEvent.CLOSED
    if state is MessageState.FORWARDED and is_delivered:
        events.append(MessageEvent.DELIVERED_ELSEWHERE)
    if end:
        events.append(end)
    return tuple(events)


def _find_end(report: ForeignReport) -> MessageEvent | None:
    if report.status is ReportStatus.OPEN:
        return None
    for entry in reversed(report.entries):
        if entry.code in _ENDS:
            return _ENDS[entry.code]
    if TimeStamp.RECEPTION in report.times:
        return MessageEvent.CLOSED
    is_red = report.status is ReportStatus.RED
    return MessageEvent.RETURNED if is_red else MessageEvent.ENDED_ELSEWHERE

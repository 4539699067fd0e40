"""Figures: what is counted of messages and letters, and how the counts are asked for.

A message contributes to the figures of its author (outgoing) and of its reader (incoming). What it
contributes changes as it goes its way: the old contribution is taken out when the new one is put
in. Days are days of `LOCAL_ZONE`. Test messages are not counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from operator import add, attrgetter, neg

# In the place of a Mandant: the sum of all, for the operator.
ALL_MANDANTEN = 0
_DECEMBER = 12


class FigureDirection(StrEnum):
    """Seen from the Mandant."""

    OUTGOING = "ausgang"
    INCOMING = "eingang"


class FigureChannel(StrEnum):
    """By which way a message went; OPEN as long as that is not known."""

    MAILBOX = "postfach"
    DATA_CENTRE = "rechenzentrum"
    LETTER = "brief"
    OPEN = "offen"


class FigureSpan(StrEnum):
    """What a stored sum covers."""

    DAY = "tag"
    MONTH = "monat"


class FigureGrouping(StrEnum):
    """By what figures are told apart."""

    DAY = "tag"
    WEEK = "woche"
    MONTH = "monat"
    BEHOERDE = "behoerde"
    CHANNEL = "kanal"
    STATE = "stand"
    EINNAHMEART = "einnahmeart"
    KIND = "art"

    @property
    def is_of_time(self) -> bool:
        """True where the groups follow each other in time."""
        return self in (FigureGrouping.DAY, FigureGrouping.WEEK, FigureGrouping.MONTH)


@dataclass(frozen=True)
class ClaimSum:
    """The claims of one Einnahmeart in a message: how many, and their sum in cent."""

    einnahmeart: str
    claims: int
    cents: int


@dataclass(frozen=True)
class MessageSums:
    """What is added up of messages; seconds are sums over the messages counted beside them.

    `fetched`: from sending to the first fetch. `closed`: from there to the confirmation.
    `done`: from the Ersuchen of the Vorgang to its Erledigung, counted with the Erledigung.
    """

    messages: int = 0
    ersuchen: int = 0
    claims: int = 0
    cents: int = 0
    fetched: int = 0
    fetch_seconds: int = 0
    closed: int = 0
    close_seconds: int = 0
    done: int = 0
    done_seconds: int = 0

    def __add__(self, other: "MessageSums") -> "MessageSums":
        return MessageSums(*map(add, self.list_values(), other.list_values()))

    def negated(self) -> "MessageSums":
        """What has to be added to take these sums out again."""
        return MessageSums(*map(neg, self.list_values()))

    def list_values(self) -> tuple[int, ...]:
        """All sums in their order; quicker than `astuple`, for there are many of them."""
        values: tuple[int, ...] = _list_sums(self)
        return values


_list_sums = attrgetter(*(field.name for field in fields(MessageSums)))


@dataclass(frozen=True)
class MessageCell:
    """What messages that are counted together have in common.

    `partner_key` is the other side; in the sums of all Mandanten it is the Mandant itself.
    `kind` is a VorgangEvent, `state` a MessageState; empty texts where a message does not tell.
    """

    mandant_key: int
    span: FigureSpan
    day: date
    direction: FigureDirection
    partner_key: int
    kind: str
    channel: str
    state: str
    einnahmeart: str


@dataclass(frozen=True)
class Contribution:
    """What a message adds to the figures of one Mandant on a day (`cell.span` is DAY).

    `own_key` names the Mandant as a party.
    """

    cell: MessageCell
    own_key: int
    sums: MessageSums

    def spread(self) -> Iterator[tuple[MessageCell, MessageSums]]:
        """The cells in which it is counted: by day and month, for the Mandant and for all."""
        mandant, _, day, direction, partner, *rest = _list_key(self.cell)
        month = day.replace(day=1)
        for whose, whom in ((mandant, partner), (ALL_MANDANTEN, self.own_key)):
            yield MessageCell(whose, FigureSpan.DAY, day, direction, whom, *rest), self.sums
            yield MessageCell(whose, FigureSpan.MONTH, month, direction, whom, *rest), self.sums


_list_key = attrgetter(*(field.name for field in fields(MessageCell)))


@dataclass(frozen=True)
class LetterSums:
    """What is added up of letters."""

    letters: int = 0
    pages: int = 0
    sheets: int = 0

    def __add__(self, other: "LetterSums") -> "LetterSums":
        return LetterSums(
            self.letters + other.letters, self.pages + other.pages, self.sheets + other.sheets
        )

    def negated(self) -> "LetterSums":
        """What has to be added to take these sums out again."""
        return LetterSums(-self.letters, -self.pages, -self.sheets)


@dataclass(frozen=True)
class LetterCell:
    """What letters that are counted together have in common: who pays, and what was ordered."""

    mandant_key: int
    day: date
    cost_centre: str
    output: str
    product: str
    duplex: bool
    colour: bool


@dataclass(frozen=True)
class Counted:
    """All that a message adds to the figures now."""

    contributions: tuple[Contribution, ...] = ()
    letters: tuple[tuple[LetterCell, LetterSums], ...] = ()

    def spread(self) -> Iterator[tuple[MessageCell, MessageSums]]:
        """All cells in which the message is counted."""
        for contribution in self.contributions:
            yield from contribution.spread()


@dataclass(frozen=True)
class FigureFilter:
    """Which messages are counted; an empty text, or no partner, lets all pass."""

    partner_key: int | None = None
    channel: str = ""
    state: str = ""
    einnahmeart: str = ""
    kind: str = ""


@dataclass(frozen=True)
class DayRange:
    """Stored sums of one span, from a day to a day, both included."""

    span: FigureSpan
    first: date
    last: date


def find_changes(
    pairs: Iterable[tuple[Counted, Counted]],
) -> tuple[Mapping[MessageCell, MessageSums], Mapping[LetterCell, LetterSums]]:
    """What has to be added to which cell, so that of each pair the second counts, not the first."""
    cells: defaultdict[MessageCell, MessageSums] = defaultdict(MessageSums)
    letters: defaultdict[LetterCell, LetterSums] = defaultdict(LetterSums)
    for before, after in pairs:
        for cell, sums in before.spread():
            cells[cell] += sums.negated()
        for cell, sums in after.spread():
            cells[cell] += sums
        for place, paper in before.letters:
            letters[place] += paper.negated()
        for place, paper in after.letters:
            letters[place] += paper
    return (
        {cell: sums for cell, sums in cells.items() if sums != MessageSums()},
        {cell: sums for cell, sums in letters.items() if sums != LetterSums()},
    )


def cover_period(first: date, last: date, *, by_days: bool = False) -> tuple[DayRange, ...]:
    """The fewest stored sums that make up a period; with `by_days` those of days alone."""
    begin = first if first.day == 1 else find_next_month(first)
    # The first day that belongs to no full month.
    end = find_next_month(last) if is_end_of_month(last) else last.replace(day=1)
    if by_days or begin >= end:
        return (DayRange(FigureSpan.DAY, first, last),)
    ranges = [DayRange(FigureSpan.MONTH, begin, end - timedelta(days=1))]
    if first < begin:
        ranges.append(DayRange(FigureSpan.DAY, first, begin - timedelta(days=1)))
    if end <= last:
        ranges.append(DayRange(FigureSpan.DAY, end, last))
    return tuple(ranges)


def find_next_month(day: date) -> date:
    """The first day of the month after that of the day."""
    is_december = day.month == _DECEMBER
    return date(day.year + 1, 1, 1) if is_december else date(day.year, day.month + 1, 1)


def is_end_of_month(day: date) -> bool:
    """True for the last day of a month."""
    return (day + timedelta(days=1)).day == 1


def find_start(grouping: FigureGrouping, day: date) -> date:
    """The first day of the day, week or month in which the day lies."""
    if grouping is FigureGrouping.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grouping is FigureGrouping.MONTH else day


def list_starts(grouping: FigureGrouping, first: date, last: date) -> tuple[date, ...]:
    """The first days of all days, weeks or months of a period."""
    starts = [find_start(grouping, first)]
    while True:
        if grouping is FigureGrouping.MONTH:
            following = find_next_month(starts[-1])
        else:
            following = starts[-1] + timedelta(days=7 if grouping is FigureGrouping.WEEK else 1)
        if following > last:
            return tuple(starts)
        starts.append(following)

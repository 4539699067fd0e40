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
# In the place of a partner: the sum of all.
NO_PARTNER = 0
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
    """What a stored sum covers, and what it tells apart.

    Of days and months everything is told apart. The others leave something out, so that few of
    them make up a year: sums of all partners name none, those of a partner name nothing else.
    """

    DAY = "tag"
    MONTH = "monat"
    WEEK_OF_ALL = "w-gesamt"
    MONTH_OF_ALL = "m-gesamt"
    WEEK_OF_PARTNER = "w-stelle"
    MONTH_OF_PARTNER = "m-stelle"

    @property
    def is_of_weeks(self) -> bool:
        """True for sums that begin with a Monday."""
        return self in (FigureSpan.WEEK_OF_ALL, FigureSpan.WEEK_OF_PARTNER)

    def find_start(self, day: date) -> date:
        """The first day of the sum in which the day lies."""
        if self is FigureSpan.DAY:
            return day
        return day - timedelta(days=day.weekday()) if self.is_of_weeks else day.replace(day=1)

    def find_next(self, start: date) -> date:
        """The first day of the sum after the one that begins so."""
        if self is FigureSpan.DAY:
            return start + timedelta(days=1)
        return start + timedelta(days=7) if self.is_of_weeks else find_next_month(start)


_OF_ALL = (FigureSpan.WEEK_OF_ALL, FigureSpan.MONTH_OF_ALL)
_OF_PARTNER = (FigureSpan.WEEK_OF_PARTNER, FigureSpan.MONTH_OF_PARTNER)
# Kind, channel, state and Einnahmeart of sums that tell none of them apart.
_NOTHING = ("", "", "", "")


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


_OF_WHAT = (
    FigureGrouping.CHANNEL,
    FigureGrouping.STATE,
    FigureGrouping.EINNAHMEART,
    FigureGrouping.KIND,
)


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
        """The cells in which it is counted: in each span, for the Mandant and for all."""
        mandant, _, day, direction, partner, *rest = _list_key(self.cell)
        for span in FigureSpan:
            start = span.find_start(day)
            what = _NOTHING if span in _OF_PARTNER else rest
            for whose, whom in ((mandant, partner), (ALL_MANDANTEN, self.own_key)):
                named = NO_PARTNER if span in _OF_ALL else whom
                yield MessageCell(whose, span, start, direction, named, *what), self.sums


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
    added: defaultdict[tuple[MessageCell, int], MessageSums] = defaultdict(MessageSums)
    letters: defaultdict[LetterCell, LetterSums] = defaultdict(LetterSums)
    for before, after in pairs:
        for item in before.contributions:
            added[item.cell, item.own_key] += item.sums.negated()
        for item in after.contributions:
            added[item.cell, item.own_key] += item.sums
        for place, paper in before.letters:
            letters[place] += paper.negated()
        for place, paper in after.letters:
            letters[place] += paper
    return (
        _spread_all(Contribution(cell, own, sums) for (cell, own), sums in added.items()),
        {cell: sums for cell, sums in letters.items() if sums != LetterSums()},
    )


def _spread_all(contributions: Iterable[Contribution]) -> Mapping[MessageCell, MessageSums]:
    """The cells of all together; those to which nothing is added are left out."""
    cells: defaultdict[MessageCell, MessageSums] = defaultdict(MessageSums)
    for contribution in contributions:
        for cell, sums in contribution.spread():
            cells[cell] += sums
    return {cell: sums for cell, sums in cells.items() if sums != MessageSums()}


def choose_span(grouping: FigureGrouping, chosen: FigureFilter) -> FigureSpan:
    """The longest sums from which the figures of a period can be put together."""
    if grouping is FigureGrouping.DAY:
        return FigureSpan.DAY
    is_of_weeks = grouping is FigureGrouping.WEEK
    names_partner = chosen.partner_key is not None or grouping is FigureGrouping.BEHOERDE
    names_more = any((chosen.channel, chosen.state, chosen.einnahmeart, chosen.kind))
    if names_partner and (names_more or grouping in _OF_WHAT):
        return FigureSpan.DAY if is_of_weeks else FigureSpan.MONTH
    if names_partner:
        return FigureSpan.WEEK_OF_PARTNER if is_of_weeks else FigureSpan.MONTH_OF_PARTNER
    return FigureSpan.WEEK_OF_ALL if is_of_weeks else FigureSpan.MONTH_OF_ALL


def cover_period(first: date, last: date, span: FigureSpan) -> tuple[DayRange, ...]:
    """The fewest stored sums that make up a period: whole ones of the span, and days beside."""
    begin = span.find_start(first)
    if begin < first:
        begin = span.find_next(begin)
    # The first day that belongs to no whole one.
    end = span.find_start(last + timedelta(days=1))
    if begin >= end:
        return (DayRange(FigureSpan.DAY, first, last),)
    ranges = [DayRange(span, begin, end - timedelta(days=1))]
    if first < begin:
        ranges.append(DayRange(FigureSpan.DAY, first, begin - timedelta(days=1)))
    if end <= last:
        ranges.append(DayRange(FigureSpan.DAY, end, last))
    return tuple(ranges)


def find_next_month(day: date) -> date:
    """The first day of the month after that of the day."""
    is_december = day.month == _DECEMBER
    return date(day.year + 1, 1, 1) if is_december else date(day.year, day.month + 1, 1)


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

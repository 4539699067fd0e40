"""Figures as they are shown: sums by group, and what letters cost.

Everybody gets the figures of the own Mandant; the operator, who has none, the sums of all. Where a
Mandant would see Behoerden, the operator sees Mandanten.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from persistence.database import Database, Stores
from persistence.stores.figure_sums import MessageRow
from server.domain.behoerde import PartyIdentifier
from server.domain.codeliste import EINNAHMEART_URI
from server.domain.figure_query import (
    CHANNEL_NAMES,
    FigureQuery,
    find_last_year,
    name_time,
)
from server.domain.figures import (
    ALL_MANDANTEN,
    FigureChannel,
    FigureDirection,
    FigureFilter,
    FigureGrouping,
    LetterSums,
    MessageSums,
    choose_span,
    cover_period,
    find_start,
    list_starts,
)
from server.domain.local_time import find_local_day
from server.domain.mandant import Caller
from server.domain.message import STATE_NAMES, MessageState
from server.domain.print_costs import PrintPrices
from server.domain.vorgang_facts import VorgangEvent
from server.domain.vorgang_text import MESSAGE_NAMES
from server.domain.web_user import Actor
from server.services.clock import Clock
from server.services.codelisten import Codelisten

# More notes than that are told as this number.
MAX_WAITING = 1_000

Asking = Actor | Caller


class FigureQueryRefused(Exception):
    """These figures are not shown; the text is German."""


@dataclass(frozen=True)
class FigureLine:
    """A group: `key` for programs, `label` for people, and its sums in both directions."""

    key: str
    label: str
    outgoing: MessageSums = field(default_factory=MessageSums)
    incoming: MessageSums = field(default_factory=MessageSums)


@dataclass(frozen=True)
class FigureTable:
    """The groups with their sum; `waiting` messages have changed and are not counted anew yet."""

    query: FigureQuery
    lines: tuple[FigureLine, ...]
    total: FigureLine
    waiting: int


@dataclass(frozen=True)
class CostLine:
    """Letters that are billed together; `cost` is None where no price is known."""

    cost_centre: str
    output: str
    product: str
    duplex: bool
    colour: bool
    sums: LetterSums
    cost: Decimal | None


@dataclass(frozen=True)
class CostTable:
    """What letters cost in a period; `cost` is the sum of what is known, None where nothing is."""

    first: date
    last: date
    lines: tuple[CostLine, ...]
    sums: LetterSums
    cost: Decimal | None
    waiting: int

    @property
    def is_partly_unknown(self) -> bool:
        """True where some lines have a price and others have none."""
        return self.cost is not None and any(line.cost is None for line in self.lines)


class Figures:
    """Shows figures; `prices` are those of the outputs, by their names."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        codelisten: Codelisten,
        prices: Mapping[str, PrintPrices],
    ) -> None:
        self._database = database
        self._clock = clock
        self._codelisten = codelisten
        self._prices = prices

    def today(self) -> date:
        """The day as figures count it."""
        return find_local_day(self._clock())

    def last_year(self) -> tuple[date, date]:
        """The period that is shown where none is asked for."""
        return find_last_year(self.today())

    def show(self, asking: Asking, query: FigureQuery) -> FigureTable:
        """The figures; raises FigureQueryRefused."""
        _require_possible(query)
        with self._database.reading() as stores:
            groups = _read_groups(stores, _find_scope(asking), query)
            parties = (
                stores.figure_sums.name_parties(list(groups))
                if query.grouping is FigureGrouping.BEHOERDE
                else {}
            )
            waiting = stores.figures.count_due(MAX_WAITING)
        lines = self._make_lines(query, groups, parties)
        total = FigureLine(
            "",
            "Summe",
            sum((line.outgoing for line in lines), MessageSums()),
            sum((line.incoming for line in lines), MessageSums()),
        )
        return FigureTable(query, lines, total, waiting)

    def list_parties(
        self, asking: Asking, first: date, last: date
    ) -> tuple[tuple[int, PartyIdentifier], ...]:
        """Who took part in the messages of the months of a period, by name.

        Raises FigureQueryRefused.
        """
        _require_possible(FigureQuery(first, last, FigureGrouping.BEHOERDE))
        with self._database.reading() as stores:
            keys = stores.figure_sums.list_partners(_find_scope(asking), first, last)
            parties = stores.figure_sums.name_parties(keys)
        return tuple(sorted(parties.items(), key=lambda item: (item[1].name, item[1].value)))

    def list_einnahmearten(self) -> tuple[tuple[str, str], ...]:
        """Keys and names that count today, in the order of their list."""
        found = self._codelisten.find_valid(EINNAHMEART_URI, self.today())
        return tuple(found.entries.items()) if found else ()

    def find_party(self, party: PartyIdentifier) -> int | None:
        """How a filter names a Behoerde; None where no message ever named it."""
        with self._database.reading() as stores:
            return stores.figure_sums.find_party(party)

    def show_costs(self, asking: Asking, first: date, last: date) -> CostTable:
        """What letters cost by cost centre; raises FigureQueryRefused."""
        _require_possible(FigureQuery(first, last))
        with self._database.reading() as stores:
            rows = stores.figure_sums.list_letters(_find_scope(asking), first, last)
            waiting = stores.figures.count_due(MAX_WAITING)
        lines = tuple(
            CostLine(
                row.cost_centre,
                row.output,
                row.product,
                row.duplex,
                row.colour,
                row.sums,
                self._compute(row.output, row.sums),
            )
            for row in rows
        )
        sums = sum((line.sums for line in lines), LetterSums())
        known = [line.cost for line in lines if line.cost is not None]
        cost = sum(known, Decimal("0.00")) if known else None
        return CostTable(first, last, lines, sums, cost, waiting)

    def _compute(self, output: str, sums: LetterSums) -> Decimal | None:
        prices = self._prices.get(output)
        return prices.compute(sums) if prices and prices.are_known else None

    def _make_lines(
        self,
        query: FigureQuery,
        groups: Mapping[Any, FigureLine],
        parties: Mapping[int, PartyIdentifier],
    ) -> tuple[FigureLine, ...]:
        if query.grouping.is_of_time:
            starts = list_starts(query.grouping, query.first, query.last)
            return tuple(
                _rename(groups.get(day), day.isoformat(), name_time(query.grouping, day))
                for day in starts
            )
        named = [
            _rename(line, *self._name_group(query.grouping, group, parties))
            for group, line in groups.items()
        ]
        return tuple(sorted(named, key=lambda line: (-_count_messages(line), line.label)))

    def _name_group(
        self, grouping: FigureGrouping, group: Any, parties: Mapping[int, PartyIdentifier]
    ) -> tuple[str, str]:
        """Key and label of a group."""
        if grouping is FigureGrouping.BEHOERDE:
            party = parties[group]
            return str(party), party.name or party.value
        if not group:
            return "", "ohne Angabe"
        if grouping is FigureGrouping.CHANNEL:
            return group, CHANNEL_NAMES[FigureChannel(group)]
        if grouping is FigureGrouping.STATE:
            return group, STATE_NAMES[MessageState(group)]
        if grouping is FigureGrouping.KIND:
            return group, MESSAGE_NAMES[VorgangEvent(group)]
        return group, self._codelisten.name_einnahmeart(group, self.today())


def _find_scope(asking: Asking) -> int:
    """Whose figures: only the operator belongs to no Mandant."""
    return asking.mandant.key if asking.mandant else ALL_MANDANTEN


def _require_possible(query: FigureQuery) -> None:
    problem = query.find_problem()
    if problem:
        raise FigureQueryRefused(problem)


def _read_groups(stores: Stores, scope: int, query: FigureQuery) -> dict[Any, FigureLine]:
    is_of_time = query.grouping.is_of_time
    sums: defaultdict[tuple[Any, FigureDirection], MessageSums] = defaultdict(MessageSums)
    for row in _read_rows(stores, scope, query):
        group = find_start(query.grouping, row.group) if is_of_time else row.group
        sums[group, row.direction] += row.sums
    return {
        group: FigureLine(
            "",
            "",
            sums.get((group, FigureDirection.OUTGOING), MessageSums()),
            sums.get((group, FigureDirection.INCOMING), MessageSums()),
        )
        for group, _ in sums
    }


def _read_rows(stores: Stores, scope: int, query: FigureQuery) -> Iterable[MessageRow]:
    chosen: FigureFilter = query.chosen
    span = choose_span(query.grouping, chosen)
    for days in cover_period(query.first, query.last, span):
        yield from stores.figure_sums.list_messages(scope, days, query.grouping, chosen)


def _rename(line: FigureLine | None, key: str, label: str) -> FigureLine:
    if line is None:
        return FigureLine(key, label)
    return FigureLine(key, label, line.outgoing, line.incoming)


def _count_messages(line: FigureLine) -> int:
    return line.outgoing.messages + line.incoming.messages

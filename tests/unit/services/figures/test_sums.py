"""The sums are what a count of the messages themselves gives, whatever happened to these."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from persistence.database import Database
from persistence.engine import begin_reading, begin_writing
from persistence.figure_tables import figure_cell
from persistence.tables import message
from server.domain.figure_counting import count
from server.domain.figure_query import FigureQuery
from server.domain.figures import (
    ClaimSum,
    Contribution,
    FigureDirection,
    FigureFilter,
    FigureGrouping,
    FigureSpan,
    MessageSums,
    find_start,
)
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.vorgang_facts import VorgangEvent
from server.services.figures.showing import Figures
from tests.support.counting import Send
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_migrations import move

pytestmark = pytest.mark.both_databases

ARTEN = ("hundesteuer", "gewerbesteuer", "mahngebuehr")
ANSWERS = (VorgangEvent.SACHSTAND, VorgangEvent.ERLEDIGUNG)
MATTERS = 7
HAPPEN = Callable[[int, MessageEvent], None]


@pytest.fixture(params=[1, 2])
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def year(
    chance: random.Random,
    send: Send,
    happen: HAPPEN,
    count_all: Callable[[], None],
    author: Caller,
    reader: Caller,
    clock: FixedClock,
) -> None:
    """Messages over more than a year; some go on their way after they were counted.

    Each Vorgang begins with its Ersuchen, from which later messages have their Einnahmeart.
    """
    keys: list[int] = []
    for number in range(30):
        clock.advance(days=chance.randrange(26), hours=chance.randrange(24))
        is_first = number < MATTERS
        sides = (author, reader) if is_first or chance.random() < 0.5 else (reader, author)
        arten = chance.sample(ARTEN, chance.randrange(1, len(ARTEN))) if is_first else ()
        claims = (ClaimSum(art, chance.randrange(1, 4), chance.randrange(99_999)) for art in arten)
        way = chance.choice((MessageEvent.SENT_TO_MAILBOX, MessageEvent.SENT_FOR_DELIVERY))
        event = VorgangEvent.ERSUCHEN if is_first else chance.choice(ANSWERS)
        key = send(*sides, *claims, event=event, aktenzeichen=f"K {number % MATTERS}", way=way)
        if way is MessageEvent.SENT_TO_MAILBOX:
            keys.append(key)
        if keys and chance.random() < 0.4:
            fetched = keys.pop(chance.randrange(len(keys)))
            happen(fetched, MessageEvent.FETCHED)
            if chance.random() < 0.5:
                clock.advance(hours=5)
                happen(fetched, MessageEvent.CLOSED)
        if chance.random() < 0.3:
            count_all()
    count_all()


def list_contributions(database: Database) -> list[Contribution]:
    with begin_reading(database.engine) as connection:
        keys = connection.scalars(select(message.c.key)).all()
    with database.writing() as stores:
        facts = stores.figures.read_facts(keys)
    return [item for fact in facts for item in count(fact).contributions]


def add_up(
    contributions: list[Contribution], mandant: int, query: FigureQuery
) -> dict[Any, MessageSums]:
    """Sums of (group, direction), from the messages alone."""
    names = {"behoerde": "partner_key", "kanal": "channel", "stand": "state", "art": "kind"}
    found: defaultdict[Any, MessageSums] = defaultdict(MessageSums)
    wanted = {name: value for name, value in asdict(query.chosen).items() if value}
    for item in contributions:
        cell = asdict(item.cell)
        fits = all(cell[name] == value for name, value in wanted.items())
        if fits and cell["mandant_key"] == mandant and query.first <= cell["day"] <= query.last:
            group = (
                find_start(query.grouping, cell["day"]).isoformat()
                if query.grouping.is_of_time
                else cell[names.get(query.grouping, query.grouping)]
            )
            found[group, item.cell.direction] += item.sums
    return dict(found)


def read_shown(figures: Figures, caller: Caller, query: FigureQuery) -> dict[Any, MessageSums]:
    found: dict[Any, MessageSums] = {}
    for line in figures.show(caller, query).lines:
        group: Any = line.key
        if query.grouping is FigureGrouping.BEHOERDE:
            party = next(
                key
                for key, party in figures.list_parties(caller, query.first, query.last)
                if str(party) == line.key
            )
            group = party
        for direction, sums in (
            (FigureDirection.OUTGOING, line.outgoing),
            (FigureDirection.INCOMING, line.incoming),
        ):
            if sums != MessageSums():
                found[group, direction] = sums
    return found


def choose_query(chance: random.Random, contributions: list[Contribution]) -> FigureQuery:
    days = [item.cell.day for item in contributions]
    grouping = chance.choice(list(FigureGrouping))
    first = min(days) + timedelta(days=chance.randrange(-9, (max(days) - min(days)).days))
    longest = 99 if grouping is FigureGrouping.DAY else 500
    cell = chance.choice(contributions).cell
    chosen = FigureFilter(
        **{
            name: getattr(cell, name)
            for name in ("partner_key", "channel", "state", "einnahmeart", "kind")
            if chance.random() < 0.25
        }
    )
    return FigureQuery(first, first + timedelta(days=chance.randrange(longest)), grouping, chosen)


@pytest.mark.usefixtures("year")
def test_figures_of_any_question_are_the_count_of_the_messages(
    database: Database, figures: Figures, chance: random.Random, author: Caller
) -> None:
    contributions = list_contributions(database)
    for _ in range(60):
        query = choose_query(chance, contributions)
        expected = add_up(contributions, author.mandant.key, query)
        assert read_shown(figures, author, query) == expected, query


def read_cells(database: Database) -> set[tuple[Any, ...]]:
    with begin_reading(database.engine) as connection:
        return {tuple(row) for row in connection.execute(select(figure_cell))}


@pytest.mark.usefixtures("year")
def test_sums_kept_by_events_are_those_of_a_recount(
    database: Database, count_all: Callable[[], None]
) -> None:
    kept = read_cells(database)
    with database.writing() as stores:
        stores.figures.begin_anew()
    assert read_cells(database) == set()
    count_all()
    assert read_cells(database) == kept
    assert {row[1] for row in kept} == {span.value for span in FigureSpan}


@pytest.mark.usefixtures("year")
def test_update_adds_up_the_sums_that_are_there(database: Database) -> None:
    kept = read_cells(database)
    new = [span.value for span in FigureSpan if span not in (FigureSpan.DAY, FigureSpan.MONTH)]
    move(database.engine, "0026")
    with begin_writing(database.engine) as connection:
        connection.execute(delete(figure_cell).where(figure_cell.c.span.in_(new)))
    move(database.engine, "0026-1", is_down=True)
    move(database.engine, "0026")
    assert read_cells(database) == kept


def test_parties_to_choose_from_are_those_of_the_months_of_the_period(
    figures: Figures, send: Send, count_all: Callable[[], None], author: Caller, reader: Caller
) -> None:
    send(author, reader)
    count_all()
    day = date(2026, 11, 30)
    assert len(figures.list_parties(author, day, day)) == 1
    assert figures.list_parties(author, date(2026, 10, 1), date(2026, 10, 31)) == ()

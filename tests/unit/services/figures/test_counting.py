"""Counting on real databases: each message once, whatever happens to it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select, text

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.engine import begin_reading
from persistence.figure_tables import figure_cell, figure_due
from server.domain.figure_query import FigureQuery
from server.domain.figures import (
    ClaimSum,
    FigureFilter,
    FigureGrouping,
    FigureSpan,
    LetterSums,
    MessageSums,
)
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.print_costs import PrintPrices
from server.domain.vorgang_facts import VorgangEvent
from server.services.codelisten import Codelisten
from server.services.figures.counting import FigureCounting
from server.services.figures.showing import Figures
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.counting import Send
from tests.support.delivering import OUTPUT, PrintRoom
from tests.support.lettering import Draft, HookedOutput, add_letters
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

YEAR = FigureQuery(date(2026, 1, 1), date(2026, 12, 31))
MESSAGE_EVENT = Callable[[int, MessageEvent], None]


def by(grouping: FigureGrouping, **chosen: Any) -> FigureQuery:
    return FigureQuery(YEAR.first, YEAR.last, grouping, FigureFilter(**chosen))


def count_rows(database: Database, table: Table) -> int:
    with begin_reading(database.engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def test_message_is_counted_for_both_sides(
    figures: Figures, send: Send, count_all: Callable[[], None], author: Caller, reader: Caller
) -> None:
    send(author, reader, ClaimSum("gewerbesteuer", 2, 123_45), ClaimSum("mahngebuehr", 1, 5_00))
    count_all()
    sent, received = figures.show(author, YEAR), figures.show(reader, YEAR)
    expected = MessageSums(messages=1, ersuchen=1, claims=3, cents=128_45)
    assert (sent.total.outgoing, sent.total.incoming) == (expected, MessageSums())
    assert (received.total.outgoing, received.total.incoming) == (MessageSums(), expected)
    (november,) = [line for line in sent.lines if line.outgoing.messages]
    assert (november.key, november.label) == ("2026-11-01", "November 2026")
    assert len(sent.lines) == 12


def test_claims_are_told_apart_by_einnahmeart_and_the_message_counts_once(
    figures: Figures, send: Send, count_all: Callable[[], None], author: Caller, reader: Caller
) -> None:
    send(author, reader, ClaimSum("grundsteuer-b", 2, 200), ClaimSum("hundesteuer", 1, 50))
    send(author, reader, ClaimSum("hundesteuer", 1, 70))
    count_all()
    table = figures.show(author, by(FigureGrouping.EINNAHMEART))
    found = {line.key: line.outgoing for line in table.lines}
    assert (found["grundsteuer-b"].messages, found["grundsteuer-b"].cents) == (1, 200)
    assert (found["hundesteuer"].messages, found["hundesteuer"].cents) == (1, 120)
    assert table.total.outgoing.messages == 2


def test_message_that_goes_its_way_moves_from_state_to_state(
    database: Database,
    figures: Figures,
    send: Send,
    happen: MESSAGE_EVENT,
    count_all: Callable[[], None],
    author: Caller,
    reader: Caller,
    clock: FixedClock,
) -> None:
    key = send(author, reader)
    count_all()
    clock.advance(hours=2)
    happen(key, MessageEvent.FETCHED)
    clock.advance(hours=1)
    happen(key, MessageEvent.CLOSED)
    count_all()
    table = figures.show(author, by(FigureGrouping.STATE))
    assert [line.key for line in table.lines] == ["bestaetigt"]
    sums = table.total.outgoing
    assert (sums.messages, sums.fetched, sums.fetch_seconds) == (1, 1, 7200)
    assert (sums.closed, sums.close_seconds) == (1, 3600)
    # Two sides, each span, the Mandant and all: what was left is gone.
    assert count_rows(database, figure_cell) == 4 * len(FigureSpan)
    assert count_rows(database, figure_due) == 0


def test_counting_again_changes_nothing(
    database: Database,
    figures: Figures,
    send: Send,
    count_all: Callable[[], None],
    author: Caller,
    reader: Caller,
) -> None:
    key = send(author, reader, ClaimSum("x", 1, 100))
    count_all()
    before = figures.show(author, YEAR)
    with database.writing() as stores:
        stores.figures.note_many([key, key])
    count_all()
    assert figures.show(author, YEAR) == before


def test_test_messages_are_not_counted(
    figures: Figures, send: Send, count_all: Callable[[], None], author: Caller, reader: Caller
) -> None:
    send(author, reader, is_test=True)
    count_all()
    assert figures.show(author, YEAR).total.outgoing == MessageSums()


def test_erledigung_is_measured_from_the_ersuchen_and_has_its_einnahmeart(
    figures: Figures,
    send: Send,
    count_all: Callable[[], None],
    author: Caller,
    reader: Caller,
    clock: FixedClock,
) -> None:
    send(author, reader, ClaimSum("hundesteuer", 1, 70), aktenzeichen="K 1")
    clock.advance(days=3)
    send(author, reader, event=VorgangEvent.ERLEDIGUNG, aktenzeichen="K 1")
    count_all()
    table = figures.show(author, by(FigureGrouping.EINNAHMEART))
    (line,) = table.lines
    assert line.key == "hundesteuer"
    assert (line.outgoing.messages, line.outgoing.done) == (2, 1)
    assert line.outgoing.done_seconds == 3 * 24 * 3600
    assert line.outgoing.cents == 70


def test_answer_that_was_counted_before_its_ersuchen_moves_to_its_einnahmeart(
    database: Database,
    figures: Figures,
    send: Send,
    count_all: Callable[[], None],
    author: Caller,
    reader: Caller,
) -> None:
    send(reader, author, event=VorgangEvent.RUECKFRAGE, aktenzeichen_reader="K 1")
    send(reader, author, event=VorgangEvent.RUECKFRAGE, aktenzeichen_reader="K 2")
    count_all()
    query = by(FigureGrouping.EINNAHMEART)
    assert {line.key: line.incoming.messages for line in figures.show(author, query).lines} == {
        "": 2
    }
    send(author, reader, ClaimSum("hundesteuer", 1, 70), aktenzeichen="K 1")
    count_all()
    for caller in (author, reader):
        lines = {line.key: line for line in figures.show(caller, query).lines}
        told = {key: line.incoming.messages + line.outgoing.messages for key, line in lines.items()}
        assert told == {"hundesteuer": 2, "": 1}
    # As if all had been counted at once.
    before = figures.show(author, query)
    with database.writing() as stores:
        stores.figures.begin_anew()
    count_all()
    assert figures.show(author, query) == before


def test_message_that_waits_is_outgoing_alone_and_its_way_is_open(
    figures: Figures, send: Send, count_all: Callable[[], None], author: Caller, reader: Caller
) -> None:
    send(author, reader, way=MessageEvent.SENT_FOR_DELIVERY)
    count_all()
    table = figures.show(author, by(FigureGrouping.CHANNEL))
    assert [(line.key, line.outgoing.messages) for line in table.lines] == [("offen", 1)]
    assert figures.show(reader, YEAR).total.incoming.messages == 0


def test_filters_fit_together(
    figures: Figures, send: Send, count_all: Callable[[], None], author: Caller, reader: Caller
) -> None:
    send(author, reader, ClaimSum("hundesteuer", 1, 70))
    send(author, reader, event=VorgangEvent.RUECKFRAGE)
    count_all()
    party = figures.find_party(reader.mandant.identifier)
    assert [key for key, _ in figures.list_parties(author, YEAR.first, YEAR.last)] == [party]
    for chosen, expected in (
        ({"partner_key": party}, 2),
        ({"partner_key": 0}, 0),
        ({"kind": "ersuchen"}, 1),
        ({"kind": "ersuchen", "einnahmeart": "hundesteuer", "channel": "postfach"}, 1),
        ({"kind": "rueckfrage", "einnahmeart": "hundesteuer"}, 0),
        ({"state": "bestaetigt"}, 0),
    ):
        table = figures.show(author, by(FigureGrouping.BEHOERDE, **chosen))
        assert table.total.outgoing.messages == expected, chosen


def test_sums_that_were_lost_are_counted_anew(
    database: Database,
    figures: Figures,
    send: Send,
    count_all: Callable[[], None],
    author: Caller,
    reader: Caller,
) -> None:
    send(author, reader, ClaimSum("hundesteuer", 1, 70))
    count_all()
    before = figures.show(author, YEAR)
    with database.writing() as stores:
        stores.figures.begin_anew()
    assert figures.show(author, YEAR).total.outgoing.messages == 0
    count_all()
    assert figures.show(author, YEAR) == before


def test_while_another_worker_counts_this_one_leaves_it_alone(
    database: Database, send: Send, author: Caller, reader: Caller
) -> None:
    send(author, reader)
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with database.engine.begin() as other:
        other.execute(text("SELECT key FROM figure_lock FOR UPDATE"))
        assert FigureCounting(database).count_due() is False
    assert FigureCounting(database).count_due() is True


def test_count_due_rests_after_a_batch_that_was_not_full(
    database: Database,
    send: Send,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.services.figures.counting._BATCH", 2)
    counting = FigureCounting(database, clock, timedelta(seconds=2))
    for _ in range(3):
        send(author, reader)
    assert [counting.count_due() for _ in range(3)] == [True, True, False]
    send(author, reader)
    clock.advance(seconds=1)
    assert (counting.count_due(), count_rows(database, figure_due)) == (False, 1)
    clock.advance(seconds=1)
    assert (counting.count_due(), count_rows(database, figure_due)) == (True, 0)


def test_count_due_clock_put_back_does_not_rest_for_long(
    database: Database, send: Send, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    counting = FigureCounting(database, clock, timedelta(seconds=2))
    send(author, reader)
    assert counting.count_due() is True
    send(author, reader)
    clock.advance(hours=-1)
    assert counting.count_due() is True


def test_letters_cost_from_the_moment_they_are_handed_over(
    database: Database,
    blobs: FolderBlobs,
    count_all: Callable[[], None],
    author: Caller,
    reader: Caller,
    clock: FixedClock,
    tmp_path: Path,
) -> None:
    codelisten = Codelisten(database, clock, read_shipped_codelisten())
    prices = {OUTPUT: PrintPrices(letter=Decimal("0.95"), sheet=Decimal("0.03"))}
    figures = Figures(database, clock, codelisten, prices)
    add_letters(database, blobs, author, clock, [Draft(pages=3), Draft(pages=1)])
    count_all()
    assert figures.show_costs(author, YEAR.first, YEAR.last).lines == ()
    PrintRoom(database, blobs, [HookedOutput(tmp_path / "druck")], clock).work_off()
    count_all()
    costs = figures.show_costs(author, YEAR.first, YEAR.last)
    (found,) = costs.lines
    assert (found.cost_centre, found.output) == ("4711", OUTPUT)
    assert found.sums == LetterSums(letters=2, pages=4, sheets=3)
    assert found.cost == costs.cost == Decimal("1.99")
    assert figures.show_costs(reader, YEAR.first, YEAR.last).lines == ()
    channels = figures.show(author, by(FigureGrouping.CHANNEL)).lines
    assert [(item.key, item.outgoing.messages) for item in channels] == [("brief", 2)]

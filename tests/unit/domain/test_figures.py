"""Figures: periods, contributions, changes of sums."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from server.domain.destination import DestinationKind
from server.domain.figure_counting import (
    CountedLetter,
    FigureFacts,
    PartyKeys,
    VorgangPart,
    count,
)
from server.domain.figure_query import CHANNEL_NAMES, FigureQuery, name_time
from server.domain.figures import (
    ALL_MANDANTEN,
    ClaimSum,
    Counted,
    DayRange,
    FigureChannel,
    FigureDirection,
    FigureFilter,
    FigureGrouping,
    FigureSpan,
    LetterSums,
    MessageSums,
    choose_span,
    cover_period,
    find_changes,
    list_starts,
)
from server.domain.message import STATE_NAMES, MessageState
from server.domain.print_costs import PrintPrices
from server.domain.vorgang_facts import VorgangEvent

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MESSAGE = FigureFacts(
    key=1,
    state=MessageState.DELIVERED,
    author_mandant=1,
    reader_mandant=2,
    is_from_centre=False,
    parties=PartyKeys(11, 12),
    sent=NOON,
    delivered=NOON,
    fetched=None,
    received=None,
    event=VorgangEvent.ERSUCHEN,
)


def test_every_state_and_channel_has_a_german_name() -> None:
    assert set(STATE_NAMES) == set(MessageState)
    assert set(CHANNEL_NAMES) == set(FigureChannel)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ((2026, 1, 1), (2026, 3, 31), [("monat", (2026, 1, 1), (2026, 3, 31))]),
        ((2026, 1, 5), (2026, 1, 9), [("tag", (2026, 1, 5), (2026, 1, 9))]),
        ((2026, 1, 5), (2026, 2, 9), [("tag", (2026, 1, 5), (2026, 2, 9))]),
        ((2024, 2, 1), (2024, 2, 28), [("tag", (2024, 2, 1), (2024, 2, 28))]),
        ((2024, 2, 1), (2024, 2, 29), [("monat", (2024, 2, 1), (2024, 2, 29))]),
        (
            (2025, 11, 30),
            (2026, 1, 1),
            [
                ("monat", (2025, 12, 1), (2025, 12, 31)),
                ("tag", (2025, 11, 30), (2025, 11, 30)),
                ("tag", (2026, 1, 1), (2026, 1, 1)),
            ],
        ),
    ],
)
def test_cover_period_by_full_months_and_single_days(
    first: tuple[int, int, int],
    last: tuple[int, int, int],
    expected: list[tuple[str, tuple[int, int, int], tuple[int, int, int]]],
) -> None:
    ranges = [DayRange(FigureSpan(span), date(*start), date(*end)) for span, start, end in expected]
    assert list(cover_period(date(*first), date(*last), FigureSpan.MONTH)) == ranges


@pytest.mark.parametrize("span", list(FigureSpan))
def test_cover_period_takes_each_day_once_and_whole_sums_alone(span: FigureSpan) -> None:
    for start in range(0, 70, 3):
        for length in range(0, 130, 7):
            first = date(2025, 11, 20) + timedelta(days=start)
            last = first + timedelta(days=length)
            ranges = cover_period(first, last, span)
            for item in ranges:
                assert item.span.find_start(item.first) == item.first
                following = item.last + timedelta(days=1)
                assert item.span.find_start(following) == following
            days = [
                item.first + timedelta(days=number)
                for item in ranges
                for number in range((item.last - item.first).days + 1)
            ]
            assert sorted(days) == [first + timedelta(days=number) for number in range(length + 1)]


@pytest.mark.parametrize(
    ("grouping", "chosen", "expected"),
    [
        (FigureGrouping.DAY, FigureFilter(), FigureSpan.DAY),
        (FigureGrouping.WEEK, FigureFilter(), FigureSpan.WEEK_OF_ALL),
        (FigureGrouping.WEEK, FigureFilter(channel="brief"), FigureSpan.WEEK_OF_ALL),
        (FigureGrouping.WEEK, FigureFilter(partner_key=7), FigureSpan.WEEK_OF_PARTNER),
        (FigureGrouping.WEEK, FigureFilter(partner_key=0), FigureSpan.WEEK_OF_PARTNER),
        (FigureGrouping.WEEK, FigureFilter(7, state="abgeholt"), FigureSpan.DAY),
        (FigureGrouping.MONTH, FigureFilter(), FigureSpan.MONTH_OF_ALL),
        (FigureGrouping.STATE, FigureFilter(kind="ersuchen"), FigureSpan.MONTH_OF_ALL),
        (FigureGrouping.STATE, FigureFilter(partner_key=7), FigureSpan.MONTH),
        (FigureGrouping.BEHOERDE, FigureFilter(), FigureSpan.MONTH_OF_PARTNER),
        (FigureGrouping.BEHOERDE, FigureFilter(einnahmeart="x"), FigureSpan.MONTH),
    ],
)
def test_choose_span_takes_the_longest_sums_that_tell_enough_apart(
    grouping: FigureGrouping, chosen: FigureFilter, expected: FigureSpan
) -> None:
    assert choose_span(grouping, chosen) is expected


def test_list_starts_of_weeks_begins_with_monday() -> None:
    starts = list_starts(FigureGrouping.WEEK, date(2026, 11, 25), date(2026, 12, 7))
    assert starts == (date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7))
    assert name_time(FigureGrouping.WEEK, date(2027, 1, 1)) == "KW 53/2026"


def test_message_in_a_mailbox_counts_for_both() -> None:
    sent, received = count(MESSAGE).contributions
    assert (sent.cell.mandant_key, sent.cell.direction) == (1, FigureDirection.OUTGOING)
    assert (sent.cell.partner_key, sent.own_key, sent.cell.channel) == (12, 11, "postfach")
    assert (received.cell.mandant_key, received.cell.direction) == (2, FigureDirection.INCOMING)
    assert (received.cell.partner_key, received.own_key) == (11, 12)


def test_message_of_late_evening_counts_on_the_local_day() -> None:
    late = replace(MESSAGE, sent=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert count(late).contributions[0].cell.day == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("changes", "channel", "sides"),
    [
        ({"way": DestinationKind.LETTER, "state": MessageState.LETTER_POSTED}, "brief", 1),
        ({"way": DestinationKind.DATA_CENTRE, "reader_mandant": None}, "rechenzentrum", 1),
        (
            {
                "way": DestinationKind.SCANNER,
                "state": MessageState.WAITING_FOR_DELIVERY,
                "delivered": None,
            },
            "offen",
            1,
        ),
        ({"author_mandant": None, "is_from_centre": True}, "rechenzentrum", 1),
    ],
)
def test_channel_of_a_message(changes: dict[str, Any], channel: str, sides: int) -> None:
    contributions = count(replace(MESSAGE, **changes)).contributions
    assert len(contributions) == sides
    assert contributions[0].cell.channel == channel


def test_times_that_run_backwards_count_as_nothing() -> None:
    facts = replace(MESSAGE, fetched=NOON - timedelta(hours=1), received=NOON)
    sums = count(facts).contributions[0].sums
    assert (sums.fetched, sums.fetch_seconds, sums.closed, sums.close_seconds) == (1, 0, 1, 3600)


def test_claims_of_a_vorgang_give_the_einnahmeart_and_no_amounts() -> None:
    facts = replace(
        MESSAGE,
        event=VorgangEvent.RUECKFRAGE,
        vorgaenge=(VorgangPart(1, NOON, 7),),
        begun_claims={7: (ClaimSum("hundesteuer", 1, 70), ClaimSum("x", 1, 5))},
    )
    own, theirs = count(facts).contributions
    assert (own.cell.einnahmeart, own.sums.cents, own.sums.messages) == ("hundesteuer", 0, 1)
    assert theirs.cell.einnahmeart == ""


def test_changes_of_the_same_are_none_and_of_another_take_the_old_out() -> None:
    old = count(MESSAGE)
    assert find_changes([(old, old)]) == ({}, {})
    new = count(replace(MESSAGE, state=MessageState.FETCHED))
    cells, _ = find_changes([(old, new)])
    assert sum(cells.values(), MessageSums()) == MessageSums()
    assert {cell.mandant_key for cell in cells} == {1, 2, ALL_MANDANTEN}
    # Per side: own and all; old and new in the spans that tell states apart.
    spans = Counter(cell.span for cell in cells)
    assert spans == dict.fromkeys(
        (FigureSpan.DAY, FigureSpan.MONTH, FigureSpan.WEEK_OF_ALL, FigureSpan.MONTH_OF_ALL), 8
    )
    added, _ = find_changes([(Counted(), old)])
    assert {sums.messages for sums in added.values()} == {1}


def test_letters_count_for_their_author_on_the_day_they_went_out() -> None:
    paper = CountedLetter(NOON, "4711", "folder", "", True, False, LetterSums(1, 3, 2))
    ((cell, sums),) = count(replace(MESSAGE, letters=(paper,))).letters
    assert (cell.mandant_key, cell.day, cell.cost_centre) == (1, date(2026, 11, 23), "4711")
    assert sums == LetterSums(1, 3, 2)
    assert count(replace(MESSAGE, letters=(paper,), author_mandant=None)).letters == ()


def test_prices_make_costs_with_two_decimals() -> None:
    prices = PrintPrices(Decimal("0.953"), Decimal("0.01"), Decimal("0.001"))
    assert prices.compute(LetterSums(10, 30, 20)) == Decimal("9.76")
    assert not PrintPrices().are_known


def test_query_within_its_limits_has_no_problem() -> None:
    assert FigureQuery(date(2022, 1, 1), date(2026, 12, 31)).find_problem() == ""

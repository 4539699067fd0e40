"""The outbox and the list of matters: pages, filters, and whose they are."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event

from persistence.database import Database
from server.domain.behoerde import Kanal
from server.domain.inbox import InboxCriteria, InboxState, ListPlace
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.outbox import OutboxCriteria, OutboxOrder, OutboxState
from server.domain.vorgang import CoursePlace, VorgangRolle
from server.domain.vorgang_list import (
    OverdueSide,
    VorgangGroup,
    VorgangListCriteria,
    VorgangOrder,
)
from server.services import list_cutting
from server.services.inbox import Inbox
from server.services.outbox import Outbox
from server.services.overview import Overview
from server.services.vorgang_views import VorgangViews
from tests.support.posting import Post, actor_of
from tests.unit.conftest import FixedClock, add_caller

pytestmark = pytest.mark.both_databases

ALL = VorgangListCriteria(VorgangGroup.ALL)
PAGE = 3


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_cutting, "PAGE_ENTRIES", PAGE)


@pytest.fixture
def post(database: Database, clock: FixedClock) -> Post:
    return Post(database, clock, timedelta(minutes=1))


@pytest.fixture
def outbox(database: Database, clock: FixedClock) -> Outbox:
    return Outbox(database, clock, 14)


@pytest.fixture
def views(database: Database, clock: FixedClock) -> VorgangViews:
    return VorgangViews(database, clock, 14)


def listed(outbox: Outbox, caller: Caller, **criteria: Any) -> list[str]:
    page = outbox.list_page(actor_of(caller), OutboxCriteria(**criteria))
    return [entry.message_id for entry in page.entries]


def walk(outbox: Outbox, caller: Caller, order: OutboxOrder) -> Iterator[list[str]]:
    """The pages from the first to the last."""
    place: ListPlace | None = None
    while True:
        page = outbox.list_page(actor_of(caller), OutboxCriteria(order=order), place)
        yield [entry.message_id for entry in page.entries]
        place = page.after
        if place is None:
            return


def names_of(views: VorgangViews, caller: Caller, criteria: VorgangListCriteria) -> list[str]:
    page = views.list_page(actor_of(caller), criteria)
    return [entry.own_aktenzeichen for entry in page.entries]


def test_outbox_shows_own_messages_only(
    outbox: Outbox, post: Post, author: Caller, reader: Caller
) -> None:
    post.send(author, reader)
    theirs = post.send(reader, author)
    assert listed(outbox, reader) == [theirs]


@pytest.mark.parametrize("order", OutboxOrder)
def test_outbox_pages_follow_each_other_and_go_back(
    outbox: Outbox, post: Post, author: Caller, reader: Caller, order: OutboxOrder
) -> None:
    sent = [post.send(author, reader) for _ in range(7)]
    expected = sent[::-1] if order is OutboxOrder.NEWEST else sent
    pages = list(walk(outbox, author, order))
    assert pages == [expected[:3], expected[3:6], expected[6:]]
    actor = actor_of(author)
    second = outbox.list_page(
        actor,
        OutboxCriteria(order=order),
        outbox.list_page(actor, OutboxCriteria(order=order)).after,
    )
    first = outbox.list_page(actor, OutboxCriteria(order=order), second.before)
    assert [entry.message_id for entry in first.entries] == expected[:3]
    assert first.before is None


def test_outbox_is_limited_to_states_of_several_kinds(
    outbox: Outbox, post: Post, author: Caller, reader: Caller
) -> None:
    delivered = post.send(author, reader)
    fetched = post.send(author, reader, MessageEvent.FETCHED)
    closed = post.send(author, reader, MessageEvent.FETCHED, MessageEvent.CLOSED)
    obsolete = post.send(author, reader, MessageEvent.OBSOLETE)
    returned = post.send(author, reader, MessageEvent.RETURNED)
    parked = post.send(author, reader, MessageEvent.PARKED, first=MessageEvent.SENT_FOR_DELIVERY)
    assert listed(outbox, author, state=OutboxState.DELIVERED) == [delivered]
    assert listed(outbox, author, state=OutboxState.FETCHED) == [fetched]
    assert listed(outbox, author, state=OutboxState.CONFIRMED) == [closed]
    assert listed(outbox, author, state=OutboxState.RETURNED) == [returned, obsolete]
    assert listed(outbox, author, state=OutboxState.PARKED) == [parked]
    oldest = OutboxOrder.OLDEST
    assert listed(outbox, author, state=OutboxState.RETURNED, order=oldest) == [obsolete, returned]


def test_outbox_is_limited_to_a_channel(
    outbox: Outbox, post: Post, author: Caller, reader: Caller
) -> None:
    electronic = post.send(author, reader)
    letter = post.send(author, reader, first=MessageEvent.SENT_AS_LETTER)
    fallback = post.send(author, reader, MessageEvent.FALLBACK_TO_LETTER)
    open_ = post.send(author, reader, first=MessageEvent.SENT_FOR_DELIVERY)
    assert listed(outbox, author, kanal=Kanal.ELEKTRONISCH) == [electronic]
    assert listed(outbox, author, kanal=Kanal.BRIEF) == [fallback, letter]
    page = outbox.list_page(actor_of(author), OutboxCriteria(order=OutboxOrder.NEWEST))
    assert (page.entries[0].message_id, page.entries[0].kanal) == (open_, None)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("beispiel", 2),
        ("BEISPIEL, E", 2),
        ("Erika", 0),
        ("Öz", 1),
        ("ö", 1),
        ("Beispiel  GmbH", 1),
        ("%", 0),
    ],
)
def test_lists_find_a_debtor_by_the_beginning_of_the_name(
    database: Database,
    clock: FixedClock,
    outbox: Outbox,
    views: VorgangViews,
    post: Post,
    author: Caller,
    reader: Caller,
    name: str,
    count: int,
) -> None:
    post.send(author, reader, schuldner="Beispiel, Erika;Özdemir, Max")
    post.send(author, reader, schuldner="Beispiel, Emil")
    post.send(author, reader, schuldner="Beispiel GmbH")
    stranger = add_caller(database, "fremd", clock)
    post.send(stranger, reader, schuldner="Beispiel, Erika")
    expected = 3 if name == "beispiel" else count
    assert len(listed(outbox, author, schuldner=name)) == expected
    assert len(names_of(views, author, replace(ALL, schuldner=name))) == expected
    inbox = Inbox(database, clock, 14)
    criteria = InboxCriteria(InboxState.ALL, schuldner=name)
    found = inbox.list_page(actor_of(reader), criteria, entries=PAGE + 1)
    from_author = [entry for entry in found.entries if entry.author.value == "ags:potsdam"]
    assert len(from_author) == expected


def test_vorgang_list_is_limited_by_state_role_partner_and_day(
    database: Database,
    views: VorgangViews,
    post: Post,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
) -> None:
    other = add_caller(database, "erfurt", clock)
    post.send(author, reader)
    clock.advance(days=10)
    post.send(author, other)
    post.send(author, reader, MessageEvent.RETURNED)
    today = clock.now.date()
    assert names_of(views, author, ALL) == ["AZ 3", "AZ 2", "AZ 1"]
    assert names_of(views, author, replace(ALL, order=VorgangOrder.OLDEST))[0] == "AZ 1"
    assert names_of(views, author, replace(ALL, order=VorgangOrder.PARTNER))[0] == "AZ 2"
    assert names_of(views, author, replace(ALL, partner="ags:erfurt")) == ["AZ 2"]
    assert names_of(views, author, replace(ALL, state="angelegt")) == ["AZ 3"]
    assert names_of(views, author, VorgangListCriteria(VorgangGroup.CLOSED)) == []
    assert names_of(views, author, replace(ALL, rolle=VorgangRolle.ERSUCHTER)) == []
    assert names_of(views, author, replace(ALL, last_day=today - timedelta(days=1))) == ["AZ 1"]
    assert names_of(views, author, replace(ALL, term="AZ 2")) == ["AZ 2"]
    assert names_of(views, author, replace(ALL, term="URN:X:1")) == ["AZ 1"]
    page = views.list_page(actor_of(reader), ALL)
    assert [entry.partner_aktenzeichen for entry in page.entries] == ["AZ 3", "AZ 1"]


def test_vorgang_list_reads_many_states_page_by_page(
    views: VorgangViews, post: Post, author: Caller, reader: Caller
) -> None:
    for number in range(7):
        ways = (MessageEvent.FETCHED, MessageEvent.CLOSED) if number % 2 else ()
        post.send(author, reader, *ways)
    running = VorgangListCriteria(VorgangGroup.RUNNING)
    place, found = None, []
    for _ in range(3):
        page = views.list_page(actor_of(author), running, place)
        found += [entry.own_aktenzeichen for entry in page.entries]
        place = page.after
    assert (found, place) == ([f"AZ {number}" for number in range(7, 0, -1)], None)


def test_overdue_answers_are_told_from_both_sides(
    database: Database,
    views: VorgangViews,
    outbox: Outbox,
    post: Post,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
) -> None:
    post.send(author, reader)
    clock.advance(days=15)
    post.send(author, reader)
    own, theirs = (replace(ALL, overdue=side) for side in (OverdueSide.OWN, OverdueSide.PARTNER))
    assert names_of(views, author, theirs) == ["AZ 1"]
    assert names_of(views, author, own) == []
    assert len(names_of(views, reader, own)) == 1
    entries = outbox.list_page(actor_of(author), OutboxCriteria()).entries
    assert [entry.overdue_since is not None for entry in entries] == [False, True]
    overview = Overview(database, clock, 14)
    asked, asking = (overview.summarise(actor_of(caller)) for caller in (reader, author))
    assert (asked.unread, asked.own_overdue, asked.foreign_overdue) == (2, 1, 0)
    assert (asking.unread, asking.own_overdue, asking.foreign_overdue) == (0, 0, 1)


def test_overview_counts_what_came_back_lately(
    database: Database, post: Post, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    post.send(author, reader, MessageEvent.RETURNED)
    clock.advance(days=31)
    post.send(author, reader, MessageEvent.OBSOLETE)
    post.send(author, reader, MessageEvent.PARKED, first=MessageEvent.SENT_FOR_DELIVERY)
    summary = Overview(database, clock, 14).summarise(actor_of(author))
    assert (summary.returned, summary.parked) == (1, 1)


def test_vorgang_of_another_mandant_is_not_there(
    views: VorgangViews, post: Post, author: Caller, reader: Caller
) -> None:
    post.send(author, reader)
    (entry,) = views.list_page(actor_of(author), ALL).entries
    vorgang_id = entry.vorgang_id
    assert views.show(actor_of(author), vorgang_id, CoursePlace()) is not None
    assert views.show(actor_of(reader), vorgang_id, CoursePlace()) is None


def explain(database: Database, ask: Callable[[], Any]) -> str:
    """How SQLite finds the rows of a list: the plan of its query."""
    statements: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        statements.append((call[2], call[3]))

    event.listen(database.engine, "before_cursor_execute", note)
    ask()
    event.remove(database.engine, "before_cursor_execute", note)
    # A count of what the page may say comes after the rows.
    listing = next(item for item in statements if " ORDER BY " in item[0].replace("\n", " "))
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {listing[0]}", listing[1]).all()
    return "\n".join(row.detail for row in plan)


OUTBOXES = (
    *(OutboxCriteria(order=order) for order in OutboxOrder),
    OutboxCriteria(OutboxState.PARKED),
    OutboxCriteria(kanal=Kanal.BRIEF),
    OutboxCriteria(reader="ags:jena"),
)
VORGAENGE = (
    *(replace(ALL, order=order) for order in VorgangOrder),
    replace(ALL, state="angelegt"),
    replace(ALL, partner="ags:jena"),
    replace(ALL, kanal=Kanal.BRIEF),
    replace(ALL, kanal=Kanal.BRIEF, rolle=VorgangRolle.ERSUCHENDER, state="angelegt"),
)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_lists_read_their_indexes_and_sort_nothing(
    database: Database, outbox: Outbox, views: VorgangViews, author: Caller
) -> None:
    actor = actor_of(author)
    plans = [explain(database, partial(outbox.list_page, actor, c)) for c in OUTBOXES]
    plans += [explain(database, partial(views.list_page, actor, c)) for c in VORGAENGE]
    for plan in plans:
        assert "USING INDEX ix_" in plan or "USING COVERING INDEX ix_" in plan
        assert not sorts_more_than_pages(plan), plan


def sorts_more_than_pages(plan: str) -> bool:
    """Whether more is sorted than the rows of the states, of which each gives a page at most."""
    lines = plan.splitlines()
    before = (earlier for earlier, line in pairwise(lines) if "TEMP B-TREE" in line)
    return any(not line.startswith("SCAN anon_") for line in before)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_lists_that_name_something_read_what_it_means_alone(
    database: Database, outbox: Outbox, views: VorgangViews, author: Caller, clock: FixedClock
) -> None:
    actor, inbox = actor_of(author), Inbox(database, clock, 14)
    overdue = replace(ALL, overdue=OverdueSide.ANY)
    plans = [explain(database, partial(views.list_page, actor, overdue))]
    for named in ({"term": "AZ"}, {"schuldner": "Beispiel"}):
        found: dict[str, Any] = named
        plans += [
            explain(database, partial(outbox.list_page, actor, OutboxCriteria(**found))),
            explain(database, partial(inbox.list_page, actor, InboxCriteria(**found))),
            explain(database, partial(views.list_page, actor, replace(ALL, **found))),
        ]
    for plan in plans:
        assert "USING INTEGER PRIMARY KEY" in plan.splitlines()[0], plan

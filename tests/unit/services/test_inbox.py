"""The inbox: pages, filters, and whose messages are seen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from persistence.database import Database
from server.domain.inbox import (
    MAX_VORGAENGE,
    InboxCriteria,
    InboxEntry,
    InboxOrder,
    InboxState,
    ListPlace,
)
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.vorgang_facts import VorgangEvent
from server.domain.web_user import Actor
from server.services import list_cutting
from server.services.inbox import Inbox
from tests.support.posting import Post, actor_of
from tests.unit.conftest import FixedClock, add_caller

pytestmark = pytest.mark.both_databases

ALL = InboxCriteria(InboxState.ALL)
PAGE = 3
# By which index SQLite reads which list.
_INDEXES = {
    **{(InboxState.OPEN, order): "ix_message_mailbox" for order in InboxOrder},
    **{(InboxState.UNREAD, order): "ix_message_mailbox_new" for order in InboxOrder},
    (InboxState.OPEN, InboxOrder.AUTHOR): "ix_message_mailbox_author",
    (InboxState.UNREAD, InboxOrder.AUTHOR): "ix_message_mailbox_author",
    (InboxState.CONFIRMED, InboxOrder.AUTHOR): "ix_message_inbox_author",
    (InboxState.ALL, InboxOrder.AUTHOR): "ix_message_inbox_author",
}


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_cutting, "PAGE_ENTRIES", PAGE)


@pytest.fixture
def inbox(database: Database, clock: FixedClock) -> Inbox:
    return Inbox(database, clock, answer_days=14)


def count_unread(inbox: Inbox, caller: Caller) -> int:
    return len(inbox.list_page(actor_of(caller), InboxCriteria(InboxState.UNREAD)).entries)


@pytest.fixture
def post(database: Database, clock: FixedClock) -> Post:
    return Post(database, clock)


def walk(inbox: Inbox, actor: Actor, criteria: InboxCriteria) -> Iterator[list[str]]:
    """Pages from the first to the last, as lists of MessageIDs."""
    place: ListPlace | None = None
    while True:
        page = inbox.list_page(actor, criteria, place)
        yield names(page.entries)
        if page.after is None:
            return
        place = page.after


def names(entries: tuple[InboxEntry, ...]) -> list[str]:
    return [entry.message_id for entry in entries]


def listed(inbox: Inbox, reader: Caller, **criteria: Any) -> list[str]:
    wanted = replace(InboxCriteria(InboxState.ALL, order=InboxOrder.OLDEST), **criteria)
    return names(inbox.list_page(actor_of(reader), wanted).entries)


@pytest.mark.parametrize("order", InboxOrder)
def test_pages_tell_every_message_once_in_order(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, clock: FixedClock, order: InboxOrder
) -> None:
    other = add_caller(inbox._database, "aachen", clock)
    sent = []
    for number in range(8):
        # Two at a time have the same moment.
        clock.advance(minutes=number % 2)
        sent.append((post.send(other if number % 3 else author, reader), number % 3 > 0))
    pages = list(walk(inbox, actor_of(reader), replace(ALL, order=order)))
    assert [len(page) for page in pages] == [3, 3, 2]
    told = [name for page in pages for name in page]
    expected = {
        InboxOrder.OLDEST: [name for name, _ in sent],
        InboxOrder.NEWEST: [name for name, _ in reversed(sent)],
        InboxOrder.AUTHOR: [
            *(name for name, is_other in sent if is_other),
            *(name for name, is_other in sent if not is_other),
        ],
    }
    assert told == expected[order]


@pytest.mark.parametrize("order", InboxOrder)
def test_pages_backward_are_those_forward(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, order: InboxOrder
) -> None:
    for _ in range(7):
        post.send(author, reader)
    actor, criteria = actor_of(reader), replace(ALL, order=order)
    first = inbox.list_page(actor, criteria)
    second = inbox.list_page(actor, criteria, first.after)
    third = inbox.list_page(actor, criteria, second.after)
    assert (first.before, third.after) == (None, None)
    back = inbox.list_page(actor, criteria, third.before)
    assert back.entries == second.entries
    start = inbox.list_page(actor, criteria, back.before)
    assert start.entries == first.entries
    assert start.before is None and start.after is not None


def test_messages_of_others_are_not_there(
    inbox: Inbox, post: Post, author: Caller, reader: Caller
) -> None:
    foreign = post.send(reader, author, aktenzeichen="GEHEIM 1")
    assert listed(inbox, reader) == []
    assert listed(inbox, reader, term="GEHEIM 1") == []
    assert listed(inbox, reader, term=foreign) == []
    assert inbox.find_parties(actor_of(reader), "") == ()
    assert count_unread(inbox, reader) == 0


def test_states_are_told_apart(inbox: Inbox, post: Post, author: Caller, reader: Caller) -> None:
    fetched, closed = MessageEvent.FETCHED, MessageEvent.CLOSED
    unread = post.send(author, reader)
    open_one = post.send(author, reader, fetched, event=VorgangEvent.SACHSTAND)
    confirmed = post.send(author, reader, fetched, closed, event=VorgangEvent.SACHSTAND)
    assert listed(inbox, reader, state=InboxState.UNREAD) == [unread]
    assert listed(inbox, reader, state=InboxState.OPEN) == [unread, open_one]
    assert listed(inbox, reader, state=InboxState.CONFIRMED) == [confirmed]
    assert listed(inbox, reader) == [unread, open_one, confirmed]
    assert count_unread(inbox, reader) == 1


def test_days_include_the_first_and_the_last(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    today = clock.now.date()
    old = post.send(author, reader)
    clock.advance(days=2)
    new = post.send(author, reader)
    assert listed(inbox, reader, last_day=today) == [old]
    assert listed(inbox, reader, first_day=today + timedelta(days=2)) == [new]
    assert listed(inbox, reader, first_day=today + timedelta(days=1)) == [new]
    assert listed(inbox, reader, last_day=today + timedelta(days=1)) == [old]


def test_authors_are_told_once_and_limit_the_list(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    other = add_caller(inbox._database, "aachen", clock)
    first = post.send(author, reader)
    post.send(author, reader)
    third = post.send(other, reader)
    authors = inbox.find_parties(actor_of(reader), "")
    assert [item.value for item in authors] == ["ags:aachen", "ags:potsdam"]
    for typed in ("ags:aachen", "Aachen (ags:aachen)", "aach"):
        assert inbox.find_parties(actor_of(reader), typed) == authors[:1], typed
    assert listed(inbox, reader, author="ags:aachen") == [third]
    assert listed(inbox, reader, author="ags:potsdam")[0] == first
    assert listed(inbox, reader, author="ags:gibt-es-nicht") == []


@pytest.mark.parametrize("term", ["2026/1", "2026/17", "2026/1%"])
def test_term_is_the_beginning_of_an_aktenzeichen(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, term: str
) -> None:
    found = post.send(author, reader, aktenzeichen="2026/17-Ä")
    post.send(author, reader, aktenzeichen="2026/2")
    expected = [] if "%" in term else [found]
    assert listed(inbox, reader, term=term) == expected


def test_term_may_be_a_message_id(inbox: Inbox, post: Post, author: Caller, reader: Caller) -> None:
    post.send(author, reader)
    second = post.send(author, reader)
    assert listed(inbox, reader, term=second.upper()) == [second]


def test_term_that_means_too_much_is_told(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.stores.vorgang_terms.MAX_VORGAENGE", 2)
    monkeypatch.setattr("persistence.stores.list_walk.MAX_WALKED", 9)
    assert MAX_VORGAENGE > 2
    for number in range(3):
        post.send(author, reader, aktenzeichen=f"2026/{number}")
    for number in range(9):
        post.send(author, reader, aktenzeichen=f"2027/{number}")
    actor = actor_of(reader)
    assert inbox.list_page(actor, replace(ALL, term="2026/")).is_cut
    assert not inbox.list_page(actor, replace(ALL, term="2026/1")).is_cut


def test_overdue_answer_is_marked(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    day = clock.now.date()
    post.send(author, reader, aktenzeichen="2026/1")
    page = inbox.list_page(actor_of(reader), ALL)
    assert page.entries[0].overdue_since is None
    clock.advance(days=14)
    assert inbox.list_page(actor_of(reader), ALL).entries[0].overdue_since is None
    clock.advance(days=1)
    page = inbox.list_page(actor_of(reader), ALL)
    assert page.entries[0].overdue_since == day + timedelta(days=14)


def explain(inbox: Inbox, actor: Actor, criteria: InboxCriteria) -> list[str]:
    """How SQLite reads the second page."""
    statements = []
    engine = inbox._database.engine

    def note(*arguments: Any) -> None:
        statement, values = arguments[2:4]
        if "FROM message" in statement and "LIMIT" in statement:
            statements.append((statement, values))

    first = inbox.list_page(actor, criteria)
    event.listen(engine, "before_cursor_execute", note)
    inbox.list_page(actor, criteria, first.after)
    event.remove(engine, "before_cursor_execute", note)
    statement, values = statements[0]
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    return [row[3] for row in plan]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_term_is_looked_up_by_keys(
    inbox: Inbox, post: Post, author: Caller, reader: Caller
) -> None:
    for number in range(5):
        post.send(author, reader, aktenzeichen=f"2026/{number}")
    steps = explain(inbox, actor_of(reader), replace(ALL, term="2026/"))
    assert steps[0] == "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)"
    assert not any("SCAN message" in step or "SCAN vorgang" in step for step in steps)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("state", InboxState)
@pytest.mark.parametrize("order", InboxOrder)
def test_pages_are_read_in_the_order_of_an_index(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, order: InboxOrder, state: InboxState
) -> None:
    for _ in range(5):
        post.send(author, reader)
    steps = explain(inbox, actor_of(reader), InboxCriteria(state, order=order))
    index = _INDEXES.get((state, order), "ix_message_inbox")
    assert steps[0].startswith(f"SEARCH message USING INDEX {index} (reader_mandant=?")
    assert not any("TEMP B-TREE" in step for step in steps)

"""Names that many Vorgänge have: pages are complete where they are frequent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from persistence.database import Database
from server.domain.inbox import InboxCriteria, InboxState
from server.domain.mandant import Caller
from server.domain.outbox import OutboxCriteria
from server.domain.vorgang_list import VorgangListCriteria
from server.services.inbox import Inbox
from server.services.outbox import Outbox
from server.services.vorgang_views import VorgangViews
from tests.support.posting import Post, actor_of
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.services.test_inbox import names

pytestmark = pytest.mark.both_databases

FREQUENT, RARE = "Beispiel, Erika", "Özdemir, Max"


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more than two Vorgänge a name is one that many have."""
    monkeypatch.setattr("persistence.stores.vorgang_terms.MAX_VORGAENGE", 2)
    monkeypatch.setattr("persistence.stores.list_walk.MAX_WALKED", 10)


@pytest.fixture
def post(database: Database, clock: FixedClock) -> Post:
    return Post(database, clock, timedelta(minutes=1))


@pytest.fixture
def inbox(database: Database, clock: FixedClock) -> Inbox:
    return Inbox(database, clock, 14)


def walk_pages(inbox: Inbox, reader: Caller, name: str) -> Iterator[tuple[list[str], bool]]:
    """MessageIDs of each page of two, the newest first, and whether something was left out."""
    criteria, place = InboxCriteria(InboxState.ALL, schuldner=name), None
    while True:
        page = inbox.list_page(actor_of(reader), criteria, place, 2)
        yield names(page.entries), page.is_cut
        if page.after is None:
            return
        place = page.after


def test_frequent_name_every_message_comes_once_newest_first(
    inbox: Inbox, post: Post, author: Caller, reader: Caller
) -> None:
    sent = []
    for number in range(9):
        sent.append(post.send(author, reader, schuldner=FREQUENT))
        if number % 2:
            post.send(author, reader, schuldner=RARE)
    pages = list(walk_pages(inbox, reader, "beispiel"))
    assert [item for page, _ in pages for item in page] == sent[::-1]
    assert not any(is_cut for _, is_cut in pages)


def test_frequent_name_page_before_is_the_same(
    inbox: Inbox, post: Post, author: Caller, reader: Caller
) -> None:
    for _ in range(5):
        post.send(author, reader, schuldner=FREQUENT)
    actor, criteria = actor_of(reader), InboxCriteria(InboxState.ALL, schuldner="Beispiel")
    first = inbox.list_page(actor, criteria, None, 2)
    second = inbox.list_page(actor, criteria, first.after, 2)
    assert inbox.list_page(actor, criteria, second.before, 2).entries == first.entries


def test_frequent_name_beside_other_criteria_all_must_fit(
    inbox: Inbox, post: Post, author: Caller, reader: Caller, database: Database, clock: FixedClock
) -> None:
    other = add_caller(database, "aachen", clock)
    for number in range(6):
        post.send(other if number % 2 else author, reader, schuldner=FREQUENT)
    criteria = InboxCriteria(InboxState.ALL, schuldner="Beispiel", author="ags:aachen")
    page = inbox.list_page(actor_of(reader), criteria, None, 5)
    assert [entry.author.value for entry in page.entries] == ["ags:aachen"] * 3
    nothing = replace(criteria, state=InboxState.CONFIRMED)
    assert inbox.list_page(actor_of(reader), nothing, None, 5).entries == ()


def test_name_that_is_not_met_soon_is_looked_up_and_cut(
    inbox: Inbox, post: Post, author: Caller, reader: Caller
) -> None:
    for _ in range(3):
        post.send(author, reader, schuldner=RARE)
    for _ in range(8):
        post.send(author, reader, schuldner=FREQUENT)
    ((found, is_cut),) = walk_pages(inbox, reader, "özdemir")
    assert (len(found), is_cut) == (2, True)


def test_frequent_name_in_the_outbox_is_that_of_the_own_matter(
    post: Post, author: Caller, reader: Caller, database: Database, clock: FixedClock
) -> None:
    sent = [post.send(author, reader, schuldner=FREQUENT) for _ in range(4)]
    for _ in range(4):
        post.send(reader, author, schuldner=FREQUENT)
    outbox = Outbox(database, clock, 14)
    page = outbox.list_page(actor_of(author), OutboxCriteria(schuldner="Beispiel"), None, 9)
    assert [entry.message_id for entry in page.entries] == sent[::-1]
    assert not page.is_cut


def test_frequent_name_and_aktenzeichen_both_must_fit(
    inbox: Inbox, post: Post, author: Caller, reader: Caller
) -> None:
    sent = [post.send(author, reader, schuldner=(FREQUENT, RARE)[n % 2]) for n in range(8)]
    criteria = InboxCriteria(InboxState.ALL, term="AZ ", schuldner="Beispiel")
    page = inbox.list_page(actor_of(reader), criteria, None, 9)
    assert names(page.entries) == sent[6::-2]
    assert not page.is_cut


@pytest.mark.parametrize(
    ("criteria", "count"),
    [
        (VorgangListCriteria("alle", schuldner="beispiel"), 5),
        (VorgangListCriteria("alle", term="AZ ", schuldner="Beispiel"), 5),
        (VorgangListCriteria("alle", term="AZ 3", schuldner="Beispiel"), 1),
        (VorgangListCriteria("alle", term="urn:x:3", schuldner="Beispiel"), 1),
    ],
)
def test_frequent_matters_come_once_newest_first(
    post: Post,
    author: Caller,
    reader: Caller,
    database: Database,
    clock: FixedClock,
    criteria: VorgangListCriteria,
    count: int,
) -> None:
    for number in range(8):
        post.send(author, reader, schuldner=RARE if number in (0, 3, 7) else FREQUENT)
    views = VorgangViews(database, clock, 14)
    first = views.list_page(actor_of(reader), criteria, None, 3)
    found, page = list(first.entries), first
    while page.after:
        assert not page.is_cut
        page = views.list_page(actor_of(reader), criteria, page.after, 3)
        found += page.entries
    assert len({entry.key for entry in found}) == len(found) == count
    assert found == sorted(found, key=lambda entry: entry.changed, reverse=True)


@pytest.mark.parametrize(
    ("term", "name", "expected"),
    [
        ("AZ 3", "beispiel", ["urn:x:3"]),
        ("urn:x:3", "beispiel", ["urn:x:3"]),
        ("AZ ", "özdemir", ["urn:x:5", "urn:x:4"]),
        ("AZ 3", "özdemir", []),
    ],
)
def test_frequent_criterion_beside_a_rare_one_finds_all_that_fit_both(
    inbox: Inbox,
    post: Post,
    author: Caller,
    reader: Caller,
    monkeypatch: pytest.MonkeyPatch,
    term: str,
    name: str,
    expected: list[str],
) -> None:
    """Neither stands near the beginning of the list, nor among the first of its index."""
    monkeypatch.setattr("persistence.stores.list_walk._MAX_STEP", 1)
    for schuldner in (*(FREQUENT,) * 3, *(RARE,) * 2, *("Meier, Otto",) * 15):
        post.send(author, reader, schuldner=schuldner)
    criteria = InboxCriteria(InboxState.ALL, term=term, schuldner=name)
    page = inbox.list_page(actor_of(reader), criteria, None, 9)
    assert (names(page.entries), page.is_cut) == (expected, False)

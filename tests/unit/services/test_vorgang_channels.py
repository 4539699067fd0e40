"""Matters by the channel of their Ersuchen: what it is, and lists that are limited to it."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from persistence.database import Database
from persistence.stores import list_pages
from server.domain.behoerde import Kanal
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.vorgang import VorgangRolle, VorgangState
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.domain.vorgang_list import (
    VorgangGroup,
    VorgangListCriteria,
    VorgangListEntry,
    VorgangOrder,
)
from server.services.message_events import record_event
from server.services.vorgang_views import VorgangViews
from tests.support.posting import Post, actor_of
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.persistence.test_stores import new_message

pytestmark = pytest.mark.both_databases

ALL = VorgangListCriteria(VorgangGroup.ALL)
E = MessageEvent
WAYS = {
    Kanal.ELEKTRONISCH: (
        (E.SENT_TO_MAILBOX,),
        (E.SENT_FOR_DELIVERY, E.PUT_IN_MAILBOX),
        (E.SENT_FOR_DELIVERY, E.FORWARDED),
    ),
    Kanal.BRIEF: (
        (E.SENT_AS_LETTER,),
        (E.SENT_AS_FALLBACK_LETTER,),
        (E.SENT_FOR_DELIVERY, E.FALLBACK_TO_LETTER),
        (E.SENT_FOR_DELIVERY, E.PARKED, E.REDIRECTED),
        (E.SENT_AS_LETTER, E.LETTER_SET, E.LETTER_HANDED_OVER),
    ),
    None: ((E.SENT_FOR_DELIVERY,), (E.SENT_FOR_DELIVERY, E.PARKED)),
}


@pytest.fixture
def post(database: Database, clock: FixedClock) -> Post:
    return Post(database, clock, timedelta(minutes=1))


@pytest.fixture
def views(database: Database, clock: FixedClock) -> VorgangViews:
    return VorgangViews(database, clock, 14)


def list_all(
    views: VorgangViews, caller: Caller, criteria: VorgangListCriteria, size: int = 25
) -> list[VorgangListEntry]:
    """The entries of all pages, each of so many."""
    entries: list[VorgangListEntry] = []
    place = None
    while True:
        page = views.list_page(actor_of(caller), criteria, place, size)
        entries += page.entries
        place = page.after
        if place is None:
            return entries


@pytest.mark.parametrize(
    ("kanal", "way"), [(kanal, way) for kanal, ways in WAYS.items() for way in ways]
)
def test_channel_of_a_matter_is_that_of_its_ersuchen(
    views: VorgangViews,
    post: Post,
    author: Caller,
    reader: Caller,
    kanal: Kanal | None,
    way: tuple[MessageEvent, ...],
) -> None:
    post.send(author, reader, *way[1:], first=way[0])
    (entry,) = list_all(views, author, ALL)
    assert entry.kanal is kanal
    for item in Kanal:
        found = list_all(views, author, replace(ALL, kanal=item))
        assert found == ([entry] if item is kanal else [])


def test_channel_of_a_matter_stays_where_an_answer_goes_as_a_letter(
    database: Database,
    views: VorgangViews,
    post: Post,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
) -> None:
    sent = post.send(author, reader)
    facts = VorgangFacts(VorgangEvent.EINGANGSBESTAETIGUNG, related_ids=(sent,))
    answer = replace(new_message(reader, author, "urn:x:antwort"), facts=facts)
    with database.writing() as stores:
        key = stores.messages.add(answer, clock.now)
        message = stores.messages.find_for_change(key)
        assert message is not None
        record_event(stores, message, MessageEvent.SENT_AS_LETTER, clock.now)
        found = stores.vorgang_lists.find_of_message(reader.mandant.key, key)
    (entry,) = list_all(views, reader, ALL)
    assert found and (entry.vorgang_id, entry.kanal) == (found.vorgang_id, Kanal.ELEKTRONISCH)


@pytest.mark.parametrize("rare", [2, 1_000])
def test_list_of_a_channel_has_what_fits_all_other_criteria_in_its_order(
    database: Database,
    views: VorgangViews,
    post: Post,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    rare: int,
) -> None:
    """Compared with the whole list, of which a channel is picked here."""
    monkeypatch.setattr(list_pages, "RARE", rare)
    other = add_caller(database, "aachen", clock)
    for number, (way, to) in enumerate(
        product([*WAYS[Kanal.ELEKTRONISCH], *WAYS[Kanal.BRIEF], *WAYS[None]], (reader, other))
    ):
        post.send(author, to, *way[1:], first=way[0])
        if number % 4 == 0:
            post.send(to, author)
    partners = ("", reader.mandant.identifier.value)
    states = (VorgangGroup.ALL, VorgangGroup.RUNNING, VorgangState.ANGELEGT)
    seen = 0
    for kanal, rolle, partner, state, order in product(
        Kanal, (None, *VorgangRolle), partners, states, VorgangOrder
    ):
        beside = VorgangListCriteria(state, rolle, partner=partner, order=order)
        expected = [item for item in list_all(views, author, beside) if item.kanal is kanal]
        assert list_all(views, author, replace(beside, kanal=kanal), 2) == expected, beside
        seen += len(expected)
    assert seen > 100

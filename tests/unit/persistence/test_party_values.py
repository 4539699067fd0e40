"""The other sides of a Mandant under the names that their messages gave them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from persistence.database import Database
from persistence.stores import party_values
from server.domain.behoerde import PartyIdentifier
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.services.message_events import record_event
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.persistence.test_stores import new_message

pytestmark = pytest.mark.both_databases

SendNamed = Callable[[Caller, Caller, str, str], None]


@pytest.fixture
def send(database: Database, clock: FixedClock) -> SendNamed:
    """Sends a message whose header gives its author and its reader a name."""
    count = 0

    def send_one(author: Caller, reader: Caller, author_name: str, reader_name: str) -> None:
        nonlocal count
        count += 1
        new = new_message(author, reader, f"urn:x:{count}")
        head = replace(
            new.head,
            author=replace(new.head.author, name=author_name),
            reader=replace(new.head.reader, name=reader_name),
        )
        facts = VorgangFacts(VorgangEvent.ERSUCHEN, aktenzeichen=f"AZ {count}")
        with database.writing() as stores:
            key = stores.messages.add(replace(new, head=head, facts=facts), clock.now)
            message = stores.messages.find_for_change(key)
            assert message is not None
            record_event(stores, message, MessageEvent.SENT_TO_MAILBOX, clock.now)
        clock.advance(minutes=1)

    return send_one


def list_names(database: Database, author: Caller, reader: Caller) -> set[str]:
    """What the outbox of one calls the other, and its inbox the first."""
    sent_by, sent_to = author.mandant.key, reader.mandant.key
    to, by = reader.mandant.identifier.value, author.mandant.identifier.value
    with database.reading() as stores:
        readers = stores.outbox.list_readers(sent_by), stores.outbox.find_reader(sent_by, to)
        authors = stores.inbox.list_authors(sent_to), stores.inbox.find_author(sent_to, by)
    for every, one in (readers, authors):
        assert every == (one,)
    return {party.name for _, party in (readers, authors) if party}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["", "Stadt Jena"], "Stadt Jena"),
        (["Stadt Jena", ""], "Stadt Jena"),
        (["Stadt Jena", "Universitätsstadt Jena"], "Universitätsstadt Jena"),
        (["Stadt Jena", "", "Universitätsstadt Jena", "", ""], "Universitätsstadt Jena"),
        (["", ""], ""),
    ],
)
def test_party_named_by_some_messages_has_the_name_used_last(
    database: Database,
    author: Caller,
    reader: Caller,
    send: SendNamed,
    names: list[str],
    expected: str,
) -> None:
    for name in names:
        send(author, reader, name, name)
    assert list_names(database, author, reader) == {expected}


def test_name_of_long_ago_is_not_looked_for(
    database: Database,
    author: Caller,
    reader: Caller,
    send: SendNamed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever never names anybody must not make each suggestion read all messages."""
    monkeypatch.setattr(party_values, "_ROWS_ASKED", 3)
    for name in ("Stadt Jena", "", "", ""):
        send(author, reader, name, name)
    assert list_names(database, author, reader) == {""}


def test_partner_is_called_as_in_the_matter_changed_last(
    database: Database, author: Caller, reader: Caller, send: SendNamed
) -> None:
    for name in ("Stadt Jena", "Universitätsstadt Jena"):
        send(author, reader, "", name)
    mandant, value = author.mandant.key, reader.mandant.identifier.value
    with database.reading() as stores:
        partner = stores.vorgang_lists.find_partner(mandant, value)
        assert stores.vorgang_lists.list_partners(mandant) == (partner,)
    assert partner and partner.name == "Universitätsstadt Jena"


def test_parties_are_named_each_by_its_own_messages(
    database: Database, author: Caller, reader: Caller, send: SendNamed, clock: FixedClock
) -> None:
    other = add_caller(database, "aachen", clock)
    send(author, reader, "", "Stadt Jena")
    send(author, other, "", "Stadt Aachen")
    send(other, reader, "", "Stadt Jena an der Saale")
    send(author, reader, "", "")
    with database.reading() as stores:
        found = stores.outbox.list_readers(author.mandant.key)
    assert found == (
        PartyIdentifier("ags:aachen", "xoev", "Stadt Aachen"),
        PartyIdentifier("ags:jena", "xoev", "Stadt Jena"),
    )

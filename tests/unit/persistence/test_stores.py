"""Stores on a real SQLite file."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current, upgrade_schema
from persistence.stores.messages import MessageIdTaken
from persistence.stores.orders import OrderState
from server.domain.content import BlobRef
from server.domain.mailbox import MailboxIterator, MailboxSelector
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState, decide
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, PartKind
from server.domain.transport_report import make_entry
from tests.unit.conftest import FixedClock


def new_message(author: Caller, reader: Caller, message_id: str = "urn:x:1") -> NewMessage:
    head = MessageHead(
        message_id=message_id,
        author=author.mandant.identifier,
        reader=reader.mandant.identifier,
        service="urn:dienst",
        business_scenario="szenario",
        message_type="typ",
        payload_schema="urn:schema",
        metadata_xml=b"<m/>",
    )
    parts = (
        ContentPart(
            PartKind.MESSAGE, BlobRef("1" * 32, 5, "a" * 64), {"contentType": "text/plain"}
        ),
        ContentPart(PartKind.ATTACHMENT, BlobRef("2" * 32, 7, "b" * 64), {"filename": "ä.pdf"}),
    )
    return NewMessage(head, author.mandant.key, reader.mandant.key, parts, "d" * 64)


def deliver(database: Database, message: NewMessage, clock: FixedClock) -> int:
    with database.writing() as stores:
        key = stores.messages.add(message, clock.now)
        transition = decide(MessageState.NEW, MessageEvent.SENT_TO_MAILBOX)
        entries = [make_entry(code, clock.now, "Jena") for code in transition.report_codes]
        stores.messages.record(key, transition.state, transition.stamps, clock.now, entries)
    return key


def test_sqlite_is_durable_and_checks_foreign_keys(database: Database) -> None:
    with database.engine.connect() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("kind", list(DatabaseKind))
def test_upgrade_schema_twice_is_current(tmp_path: Path, kind: DatabaseKind) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/x.sqlite")
    assert not is_schema_current(engine, kind)
    for _ in range(2):
        upgrade_schema(engine, kind)
    assert is_schema_current(engine, kind)


@pytest.mark.parametrize("kind", list(DatabaseKind))
def test_migrations_make_the_tables_that_the_code_declares(
    tmp_path: Path, kind: DatabaseKind
) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from persistence import authority_tables, tables

    metadata = {
        DatabaseKind.XTA: tables.metadata,
        DatabaseKind.AUTHORITY: authority_tables.metadata,
    }[kind]
    engine = make_engine(f"sqlite:///{tmp_path}/x.sqlite")
    upgrade_schema(engine, kind)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_message_stored_and_found_is_the_same(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    message = new_message(author, reader)
    key = deliver(database, message, clock)
    with database.reading() as stores:
        found = stores.messages.find(" URN:X:1 ")
        entries = stores.messages.list_entries(key)
    assert found is not None
    assert (found.state, found.parts, found.size) == (MessageState.DELIVERED, message.parts, 12)
    assert found.times.delivery == found.times.origin == clock.now
    assert [entry.code for entry in entries] == ["angenommen", "elektronisch-zugestellt"]


def test_message_id_taken_leaves_the_transaction_usable(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    deliver(database, new_message(author, reader), clock)
    with database.writing() as stores:
        with pytest.raises(MessageIdTaken):
            stores.messages.add(new_message(author, reader, "URN:X:1"), clock.now)
        stores.messages.add(new_message(author, reader, "urn:x:2"), clock.now)
    with database.reading() as stores:
        assert sum(stores.messages.count_by_state().values()) == 2


def test_mailbox_is_sorted_by_delivery_and_belongs_to_the_reader(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    for number in (3, 1, 2):
        deliver(database, new_message(author, reader, f"urn:x:{number}"), clock)
        clock.advance(minutes=1)
    with database.reading() as stores:
        two_minutes_ago = clock.now - timedelta(minutes=2)
        for selector, expected in (
            (MailboxSelector(), ["urn:x:3", "urn:x:1", "urn:x:2"]),
            (MailboxSelector(("URN:X:2",)), ["urn:x:2"]),
            (
                MailboxSelector(delivered_from=two_minutes_ago),
                ["urn:x:1", "urn:x:2"],
            ),
            (MailboxSelector(delivered_to=clock.now - timedelta(minutes=3)), ["urn:x:3"]),
            (MailboxSelector(is_only_new=True), ["urn:x:3", "urn:x:1", "urn:x:2"]),
        ):
            listed = stores.messages.list_mailbox(reader.mandant.key, selector, 9)
            assert [message.head.message_id for message in listed] == expected
            assert stores.messages.count_mailbox(reader.mandant.key, selector) == len(expected)
        assert stores.messages.list_mailbox(author.mandant.key, MailboxSelector(), 9) == ()


def test_order_is_claimed_once_until_its_lease_ends(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    key = deliver(database, new_message(author, reader), clock)
    lease = timedelta(minutes=5)
    with database.writing() as stores:
        stores.orders.add(key, clock.now, clock.now)
    with database.writing() as stores:
        first = stores.orders.claim_due(clock.now, lease)
        assert first is not None
        assert stores.orders.claim_due(clock.now, lease) is None
    clock.advance(minutes=6)
    with database.writing() as stores:
        again = stores.orders.claim_due(clock.now, lease)
        assert again is not None
        assert (again.key, again.attempts) == (first.key, 2)
        stores.orders.park(again.key, "Grund")
        assert stores.orders.claim_due(clock.now + lease, lease) is None
        assert stores.orders.count_by_state() == {OrderState.PARKED: 1}
        assert [order.cause for order in stores.orders.list_parked()] == ["Grund"]


def test_order_not_yet_due_is_left_alone(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    key = deliver(database, new_message(author, reader), clock)
    with database.writing() as stores:
        stores.orders.add(key, clock.now, clock.now + timedelta(hours=1))
        assert stores.orders.claim_due(clock.now, timedelta(1)) is None
        assert stores.orders.claim_due(clock.now + timedelta(hours=1), timedelta(1))


def test_mailbox_request_is_known_to_its_account_until_it_expires(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    expires = clock.now + timedelta(hours=1)
    with database.writing() as stores:
        iterator = MailboxIterator(
            "urn:r", MailboxSelector(("urn:m",), ("urn:n",), clock.now, clock.now, True)
        )
        stores.mailbox_requests.add(iterator, reader.mandant.key, clock.now, expires)
        find = stores.mailbox_requests.find
        assert find("urn:r", reader.mandant.key, clock.now) == iterator
        assert find("urn:r", author.mandant.key, clock.now) is None
        assert find("urn:r", reader.mandant.key, expires) is None
        assert stores.mailbox_requests.delete_expired(expires) == 1


def test_writing_rolled_back_on_error_stores_nothing(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    with pytest.raises(RuntimeError), database.writing() as stores:
        stores.messages.add(new_message(author, reader), clock.now)
        raise RuntimeError
    with database.reading() as stores:
        assert stores.messages.find("urn:x:1") is None


def test_writing_from_many_threads_waits_instead_of_failing(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    def store(number: int) -> None:
        deliver(database, new_message(author, reader, f"urn:x:{number}"), clock)

    threads = [threading.Thread(target=store, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as stores:
        assert stores.messages.count_by_state() == {MessageState.DELIVERED: 16}

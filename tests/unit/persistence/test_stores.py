"""Stores in a real database."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text, update

from persistence.database import Database, Stores
from persistence.engine import begin_writing, make_engine
from persistence.schema import DatabaseKind, is_schema_current, upgrade_schema
from persistence.stores.messages import MessageIdTaken
from persistence.stores.orders import DeliveryOrder, Lease, LeaseLost, OrderState
from persistence.tables import mandant
from server.domain.content import BlobRef
from server.domain.destination import Destination, DestinationKind, OrderQueue
from server.domain.mailbox import MailboxIterator, MailboxPosition, MailboxSelector
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState, decide
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, PartKind
from server.domain.transport_report import make_entry
from tests.unit.conftest import Backend, FixedClock, NewEngine

pytestmark = pytest.mark.both_databases


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


def test_sqlite_is_durable_and_checks_foreign_keys(tmp_path: Path) -> None:
    database = Database(make_engine(f"sqlite:///{tmp_path}/x.sqlite"))
    with database.engine.connect() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("kind", list(DatabaseKind))
def test_upgrade_schema_twice_is_current(new_engine: NewEngine, kind: DatabaseKind) -> None:
    engine = new_engine()
    assert not is_schema_current(engine, kind)
    for _ in range(2):
        upgrade_schema(engine, kind)
    assert is_schema_current(engine, kind)


@pytest.mark.parametrize("kind", list(DatabaseKind))
def test_migrations_make_the_tables_that_the_code_declares(
    new_engine: NewEngine, kind: DatabaseKind
) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from persistence import authority_tables, tables

    metadata = {
        DatabaseKind.XTA: tables.metadata,
        DatabaseKind.AUTHORITY: authority_tables.metadata,
    }[kind]
    engine = new_engine(kind)
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
            assert stores.messages.count_mailbox(reader.mandant.key, selector, 9) == len(expected)
        assert stores.messages.list_mailbox(author.mandant.key, MailboxSelector(), 9) == ()


LETTER = Destination(DestinationKind.LETTER, "folder")


def claim(stores: Stores, clock: FixedClock, token: str = "a") -> DeliveryOrder | None:
    """The order that is due longest, leased for five minutes."""
    lease = Lease(token, clock.now + timedelta(minutes=5))
    found = stores.orders.lock_due(clock.now, 1, OrderQueue.HERE)
    if not found:
        return None
    stores.orders.take([found[0].key], lease)
    return replace(found[0], attempts=found[0].attempts + 1, lease=lease)


@pytest.mark.parametrize("is_only_new", [False, True])
def test_mailbox_is_paged_and_counted_up_to_a_maximum(
    database: Database, author: Caller, reader: Caller, clock: FixedClock, is_only_new: bool
) -> None:
    # Several at the same moment, so that the key decides what comes next.
    for number in range(6):
        deliver(database, new_message(author, reader, f"urn:x:{number}"), clock)
        clock.advance(minutes=number % 2)
    mailbox, selector = reader.mandant.key, MailboxSelector(is_only_new=is_only_new)
    seen: list[str] = []
    position = None
    with database.reading() as stores:
        for pending in (4, 2, 0):
            page = stores.messages.list_mailbox(mailbox, selector, 2, position)
            seen += [message.head.message_id for message in page]
            assert page[-1].times.delivery is not None
            position = MailboxPosition(page[-1].times.delivery, page[-1].key)
            counted = [
                stores.messages.count_mailbox(mailbox, selector, maximum, position)
                for maximum in (3, 9)
            ]
            assert counted == [min(pending, 3), pending]
    assert seen == [f"urn:x:{number}" for number in range(6)]


# What PostgreSQL chooses depends on how full its tables are; bench/mailbox.py measures it there.
@pytest.mark.parametrize("backend", [Backend.SQLITE], indirect=True, ids=str)
@pytest.mark.parametrize("is_only_new", [False, True])
def test_mailbox_is_read_in_the_order_of_its_index(
    database: Database, reader: Caller, clock: FixedClock, is_only_new: bool
) -> None:
    selector = MailboxSelector(is_only_new=is_only_new)
    statements = _record_statements(database)
    with database.reading() as stores:
        for position in (None, MailboxPosition(clock.now, 1)):
            stores.messages.list_mailbox(reader.mandant.key, selector, 9, position)
            stores.messages.count_mailbox(reader.mandant.key, selector, 9, position)
    plans = [_explain(database, *item) for item in statements if item[0].startswith("SELECT")]
    index = "ix_message_mailbox_new" if is_only_new else "ix_message_mailbox"
    assert len(plans) == 4
    for plan in plans:
        assert re.search(rf"(INDEX|using) {index} ", plan), plan
        assert not re.search("TEMP B-TREE|Sort", plan), plan


@pytest.mark.parametrize("backend", [Backend.SQLITE], indirect=True, ids=str)
def test_messages_left_behind_are_read_by_the_index_of_their_mailbox(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    left = deliver(database, new_message(author, reader), clock)
    last_day = clock.now.date()
    ended = update(mandant).where(mandant.c.key == reader.mandant.key)
    with begin_writing(database.engine) as connection:
        connection.execute(ended.values(access_last_day=last_day))
    statements = _record_statements(database)
    with database.reading() as stores:
        assert stores.messages.list_left_behind(last_day, 9) == ()
        found = stores.messages.list_left_behind(last_day + timedelta(days=1), 9)
    assert [item.key for item in found] == [left]
    read = [item for item in statements if "FROM message " in " ".join(item[0].split())]
    assert len(read) == 2
    for item in read:
        assert "INDEX ix_message_mailbox" in _explain(database, *item)


def _record_statements(database: Database) -> list[tuple[str, Any]]:
    """What is sent to the database from now on, with its values."""
    statements: list[tuple[str, Any]] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, values, *_rest: statements.append(
            (statement, values)
        ),
    )
    return statements


def _explain(database: Database, statement: str, values: Any) -> str:
    """The plan; PostgreSQL would read a table this small from end to end."""
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        for way in () if is_sqlite else ("seqscan", "bitmapscan", "sort"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{explain} {statement}", values).all()
    return "\n".join(row[-1] for row in rows)


def test_order_is_claimed_once_until_its_lease_ends(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    key = deliver(database, new_message(author, reader), clock)
    with database.writing() as stores:
        assert stores.orders.add(key, LETTER, clock.now, clock.now)
    with database.writing() as stores:
        first = claim(stores, clock)
        assert first is not None
        assert claim(stores, clock) is None
    clock.advance(minutes=6)
    with database.writing() as stores:
        again = claim(stores, clock)
        assert again is not None
        assert (again.key, again.attempts) == (first.key, 2)
        stores.orders.park(again, "Grund")
        assert claim(stores, clock) is None
        assert stores.orders.count_by_state() == {OrderState.PARKED: 1}
        assert [order.cause for order in stores.orders.list_parked()] == ["Grund"]


def test_order_of_another_lease_cannot_be_changed(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    key = deliver(database, new_message(author, reader), clock)
    with database.writing() as stores:
        stores.orders.add(key, LETTER, clock.now, clock.now)
        late = claim(stores, clock, "late")
        clock.advance(minutes=6)
        second = claim(stores, clock, "second")
        assert late and second
        changes: list[Callable[[], None]] = [
            lambda: stores.orders.complete(late),
            lambda: stores.orders.park(late, ""),
            lambda: stores.orders.postpone(late, clock.now, ""),
            lambda: stores.orders.wait_for(late, clock.now, "", ""),
            lambda: stores.orders.continue_at(late, clock.now),
            lambda: stores.orders.withdraw(late, ""),
            lambda: stores.orders.readdress(late, Destination(DestinationKind.OPEN), clock.now),
        ]
        for change in changes:
            with pytest.raises(LeaseLost):
                change()
        assert stores.orders.renew([late.key], late.lease) == frozenset()
        stores.orders.complete(second)


def test_order_of_the_same_destination_is_added_once(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    key = deliver(database, new_message(author, reader), clock)
    with database.writing() as stores:
        added = [
            stores.orders.add(key, destination, clock.now, clock.now)
            for destination in (LETTER, LETTER, Destination(DestinationKind.DATA_CENTRE, "nord"))
        ]
        assert added == [True, False, True]


def test_order_not_yet_due_is_left_alone(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    key = deliver(database, new_message(author, reader), clock)
    with database.writing() as stores:
        stores.orders.add(key, LETTER, clock.now, clock.now + timedelta(hours=1))
        assert claim(stores, clock) is None
        clock.advance(hours=1)
        assert claim(stores, clock)


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

"""Many threads at once on a real PostgreSQL: nothing twice, nothing lost, nobody stuck.

SQLite lets one transaction write after the other, so that there is nothing of this to show.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

import pytest

from persistence.database import Database, Stores
from server.domain.behoerde import PartyIdentifier
from server.domain.codeliste import Codeliste
from server.domain.destination import OPEN, OrderQueue
from server.domain.mailbox import MailboxIterator, MailboxSelector
from server.domain.mandant import Caller
from server.domain.vorgang import VorgangCriteria
from server.domain.vorgang_facts import VorgangEvent
from server.services.codelist_import import CodelistImport
from server.services.delivering.claims import Claims
from server.services.mailbox import FetchedMessage
from tests.unit.conftest import Backend, FixedClock, add_caller
from tests.unit.persistence.test_stores import deliver, new_message
from tests.unit.services.test_following import Scene, scene

__all__ = ["scene"]

pytestmark = pytest.mark.parametrize("backend", [Backend.POSTGRESQL], indirect=True, ids=str)

WORKERS = 8


def run_at_once(tasks: Iterable[Callable[[], object]]) -> None:
    """Runs all tasks in threads that start together; raises what one of them raised."""
    made = list(tasks)
    start = threading.Barrier(len(made))
    errors: list[BaseException] = []

    def run(task: Callable[[], object]) -> None:
        start.wait()
        try:
            task()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]


def test_claim_by_many_workers_hands_out_each_order_once(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    with database.writing() as stores:
        for number in range(1000):
            key = stores.messages.add(new_message(author, reader, f"urn:x:{number}"), clock.now)
            stores.orders.add(key, OPEN, clock.now, clock.now)
    claimed: list[int] = []

    def work() -> None:
        claims = Claims(database, clock, timedelta(minutes=5))
        while found := claims.claim(7):
            for order, _ in found:
                claimed.append(order.message_key)
                with database.writing() as stores:
                    stores.orders.complete(order)

    run_at_once([work] * WORKERS)
    assert len(claimed) == 1000
    assert len(set(claimed)) == 1000


def test_claim_passes_over_an_order_that_another_transaction_holds(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    with database.writing() as stores:
        for number in range(2):
            key = stores.messages.add(new_message(author, reader, f"urn:x:{number}"), clock.now)
            stores.orders.add(key, OPEN, clock.now, clock.now)
    with database.writing() as first, database.writing() as second:
        found = [
            stores.orders.lock_due(clock.now, 1, OrderQueue.HERE) for stores in (first, second)
        ]
    assert len({order.key for orders in found for order in orders}) == 2


def test_first_ersuchen_of_one_matter_at_once_open_one_vorgang(scene: Scene) -> None:
    for number in range(10):
        aktenzeichen = (b"VS-2026-0815", f"VS {number}".encode())
        commands = [
            scene.write(scene.potsdam, "ersuchen", f"urn:x:{number}:{copy}", aktenzeichen)
            for copy in range(4)
        ]
        run_at_once([partial(scene.sending.send, item) for item in commands])
    for caller in (scene.potsdam, scene.jena):
        found = scene.vorgaenge.find(caller, VorgangCriteria())
        assert len(found.views) == 10
        entries = [[entry.event for entry in view.entries] for view in found.views]
        assert {events.count(VorgangEvent.ERSUCHEN) for events in entries} == {4}


def test_close_of_several_messages_crosswise_waits_instead_of_failing(
    scene: Scene, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for round_number in range(10):
        tasks = []
        for copy in range(2):
            for matter in range(2):
                aktenzeichen = (b"VS-2026-0815", f"VS {round_number} {matter}".encode())
                message_id = f"urn:x:{round_number}:{copy}:{matter}"
                scene.send(scene.potsdam, "ersuchen", message_id, aktenzeichen)
                fetched = scene.mailbox.fetch(scene.jena, MailboxSelector((message_id,)))
                assert isinstance(fetched, FetchedMessage)
            received = tuple(
                f"urn:x:{round_number}:{copy}:{matter}" for matter in ((0, 1) if copy else (1, 0))
            )
            tasks.append((open_iterator(scene, f"urn:r:{round_number}:{copy}"), received))
        with caplog.at_level(logging.WARNING, "persistence"):
            run_at_once(
                partial(scene.mailbox.close, scene.jena, request, ids) for request, ids in tasks
            )
    assert [record.message for record in caplog.records if record.name.startswith("persist")] == []
    with database.reading() as stores:
        assert stores.messages.count_mailbox(scene.jena.mandant.key, MailboxSelector(), 100) == 0


def open_iterator(scene: Scene, request_id: str) -> str:
    iterator = MailboxIterator(request_id, MailboxSelector())
    end = scene.clock.now + timedelta(hours=1)
    with scene.database.writing() as stores:
        stores.mailbox_requests.add(iterator, scene.jena.mandant.key, scene.clock.now, end)
    return request_id


def test_write_that_met_a_deadlock_is_repeated(
    database: Database,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    keys = [deliver(database, new_message(author, reader, f"urn:x:{n}"), clock) for n in range(2)]
    both_have_one = threading.Barrier(2)

    def lock_both(order: list[int]) -> None:
        runs: list[int] = []

        def change(stores: Stores) -> None:
            stores.messages.find_for_change(order[0])
            if not runs:
                runs.append(1)
                both_have_one.wait(10)
            stores.messages.find_for_change(order[1])
            stores.messages.add_entries(order[1], [])

        database.write(change)

    with caplog.at_level(logging.WARNING, "persistence"):
        run_at_once([lambda: lock_both(keys), lambda: lock_both(keys[::-1])])
    assert "deadlock" in caplog.text


def test_import_of_codelisten_at_once_all_are_there_with_revisions_of_their_own(
    database: Database, clock: FixedClock
) -> None:
    lists = [Codeliste(f"urn:x:{n}", "1", f"Liste {n}", {"a": "A"}) for n in range(6)]
    jobs = [CodelistImport(database, clock, {}) for _ in lists]
    run_at_once(
        partial(job.run, [item], is_replacing=False) for job, item in zip(jobs, lists, strict=True)
    )
    with database.reading() as stores:
        assert len(stores.codelisten.list_all()) == 6
        assert stores.codelisten.read_revision() == 6


def test_register_of_one_mandant_at_once_is_registered_once(
    database: Database, clock: FixedClock
) -> None:
    identifier = PartyIdentifier("ags:1", "xoev")

    def register() -> None:
        def change(stores: Stores) -> None:
            if stores.mandanten.find(identifier) is None:
                stores.mandanten.add(identifier, "Eins", True)

        database.write(change)

    run_at_once([register] * 6)
    with database.reading() as stores:
        assert len(stores.mandanten.list_all()) == 1


def test_reading_is_one_picture_while_others_write(database: Database, clock: FixedClock) -> None:
    with database.reading() as stores:
        before = len(stores.mandanten.list_all())
        add_caller(database, "jena", clock)
        assert len(stores.mandanten.list_all()) == before

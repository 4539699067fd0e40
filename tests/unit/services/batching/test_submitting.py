"""Handing batches over: held, refused, repeated, each once."""

import csv
import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.orders import OrderState
from server.domain.batch import BatchState
from server.domain.destination import read_destination
from server.domain.letter import LetterState
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.transport_report import ReportCode
from server.printing.marks import MarkKind, MarkStyle
from server.printing.output import BatchRefused, OutputUnavailable, PrintBatch
from server.services.delivering.claims import Claims
from server.services.delivery_control import DeliveryControl
from tests.support.delivering import PLAN, PrintRoom
from tests.support.lettering import (
    Draft,
    HookedOutput,
    add_letters,
    find_letter,
    find_state,
    list_batches,
    list_printed,
    list_reasons,
    require_printed_once,
)
from tests.unit.conftest import FixedClock
from tests.unit.printing.test_marks import read_marks
from tests.unit.services.test_concurrency import run_at_once
from tests.unit.services.test_sending import INSPECTOR

pytestmark = pytest.mark.both_databases

MARKS = MarkStyle(MarkKind.DATAMATRIX, size=12, left=3)


class Shop:
    """A print room with letters of one author, and the folder of a print shop."""

    def __init__(self, database: Database, folder: Path, author: Caller, clock: FixedClock) -> None:
        self.database, self.author, self.clock = database, author, clock
        self.blobs = FolderBlobs(folder / "inhalte")
        self.folder = folder / "druck"
        self.output = HookedOutput(self.folder)
        self.room = self.make_room()

    def make_room(self, **options: object) -> PrintRoom:
        return PrintRoom(self.database, self.blobs, [self.output], self.clock, **options)  # type: ignore[arg-type]

    def add(self, count: int = 3) -> list[str]:
        drafts = [Draft(f"{90000 - number:05d}") for number in range(count)]
        return add_letters(self.database, self.blobs, self.author, self.clock, drafts)

    def list_states(self) -> list[BatchState]:
        return [batch.state for batch in list_batches(self.database)]


@pytest.fixture
def shop(database: Database, tmp_path: Path, author: Caller, clock: FixedClock) -> Shop:
    return Shop(database, tmp_path, author, clock)


def be_away(_batch: PrintBatch) -> None:
    raise OutputUnavailable("voll")


def refuse(_batch: PrintBatch) -> None:
    raise BatchRefused("Papier „gold“ gibt es nicht.")


def break_down(_batch: PrintBatch) -> None:
    raise RuntimeError("kaputt")


def do_nothing(_batch: PrintBatch) -> None:
    return


def test_submit_hands_over_letters_and_ticket(shop: Shop) -> None:
    message_ids = shop.add()
    shop.room.work_off()
    require_printed_once(shop.database, shop.folder, message_ids)
    (batch,) = list_batches(shop.database)
    assert (batch.state, batch.is_told) == (BatchState.SUBMITTED, True)
    assert batch.reference == batch.batch_id
    assert batch.next_poll == shop.clock.now + timedelta(minutes=15)
    assert batch.news_until == shop.clock.now + timedelta(days=14)
    ticket = (shop.folder / batch.batch_id / f"{batch.batch_id}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(ticket), delimiter=";"))
    assert [row["sortierschluessel"] for row in rows] == ["89998", "89999", "90000"]
    assert [row["messageId"] for row in rows] == message_ids[::-1]
    assert {row["kostenstelle"] for row in rows} == {"4711"}
    for row in rows:
        content = (shop.folder / batch.batch_id / row["datei"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()


def test_submit_to_an_output_that_never_tells_ends_the_message(shop: Shop) -> None:
    message_ids = shop.add()
    shop.make_room(news=timedelta()).work_off()
    assert {find_state(shop.database, i) for i in message_ids} == {MessageState.LETTER_UNCONFIRMED}
    assert shop.list_states() == [BatchState.SETTLED]
    assert list_reasons(shop.database, message_ids[0], ReportCode.LETTER_UNCONFIRMED) == []


def test_submit_output_away_is_repeated_with_growing_distance_for_days(shop: Shop) -> None:
    message_ids = shop.add()
    shop.output.before = be_away
    shop.room.work_off()
    for wait in (5, 10, 20):
        shop.clock.advance(seconds=wait - 1)
        assert not shop.room.submitting.submit_next()
        shop.clock.advance(seconds=1)
        assert shop.room.submitting.submit_next()
    for _ in range(10):
        shop.clock.advance(days=1)
        shop.room.work_off()
    (batch,) = list_batches(shop.database)
    assert (batch.state, batch.cause) == (BatchState.CLOSED, "voll")
    assert find_state(shop.database, message_ids[0]) is MessageState.LETTER_READY
    shop.output.before = do_nothing
    shop.clock.advance(days=1)
    shop.room.work_off()
    require_printed_once(shop.database, shop.folder, message_ids)
    assert list_batches(shop.database)[0].cause == ""
    for message_id in message_ids:
        assert len(list_reasons(shop.database, message_id, ReportCode.DELIVERY_DELAYED)) == 1


def test_submit_output_away_one_probe_and_then_all_that_wait(shop: Shop) -> None:
    room = shop.make_room(max_letters=1)
    message_ids = shop.add(7)
    while room.closing.close_due():
        pass
    shop.output.before = be_away
    while room.submitting.submit_next():
        pass
    # After five failures the output is left alone.
    assert len(shop.output.submitted) == 5
    with shop.database.reading() as stores:
        (state,) = stores.destinations.list_all()
    assert str(state.destination) == "druckausgabe:folder"
    # Authors whose batch was not tried hear of it, too.
    delays = [
        list_reasons(shop.database, found, ReportCode.DELIVERY_DELAYED) for found in message_ids
    ]
    assert [len(found) for found in delays] == [1] * 7
    shop.clock.advance(seconds=31)
    # The engine of delivery has no order to try it with, and leaves it as it is.
    assert Claims(shop.database, shop.clock, PLAN.lease).claim(1) == ()
    with shop.database.reading() as stores:
        assert stores.destinations.list_all() == (state,)
    assert room.submitting.submit_next()
    assert not room.submitting.submit_next()
    assert len(shop.output.submitted) == 6
    shop.output.before = do_nothing
    shop.clock.advance(seconds=61)
    while room.work():
        pass
    require_printed_once(shop.database, shop.folder, message_ids)
    with shop.database.reading() as stores:
        assert stores.destinations.list_all() == ()


def test_submit_output_away_does_not_delay_another(shop: Shop, tmp_path: Path) -> None:
    other = HookedOutput(tmp_path / "andere")
    other.name = "andere"
    room = PrintRoom(shop.database, shop.blobs, [shop.output, other], shop.clock)
    shop.output.before = be_away
    add_letters(
        shop.database,
        shop.blobs,
        shop.author,
        shop.clock,
        [Draft(), Draft(output="andere")],
    )
    room.work_off()
    assert list_printed(tmp_path / "andere").total() == 1


def test_submit_refused_batch_parks_its_messages_and_a_retry_sets_new_letters(shop: Shop) -> None:
    message_ids = shop.add()
    shop.output.before = refuse
    shop.room.work_off()
    assert shop.list_states() == [BatchState.REFUSED]
    assert {find_state(shop.database, found) for found in message_ids} == {MessageState.PARKED}
    with shop.database.reading() as stores:
        causes = {parked.cause for parked in stores.orders.list_parked()}
        assert stores.orders.count_by_state() == {OrderState.PARKED: 3}
    (batch,) = list_batches(shop.database)
    assert causes == {f"Stapel {batch.batch_id}: Papier „gold“ gibt es nicht."}
    assert find_letter(shop.database, message_ids[0]).state is LetterState.FAILED
    assert not shop.room.work()


def test_submit_unexpected_error_never_gives_up(shop: Shop) -> None:
    message_ids = shop.add()
    # The output has the batch by now, and nobody knows it.
    shop.output.after = break_down
    shop.room.work_off()
    shop.clock.advance(days=30)
    shop.room.work_off()
    (batch,) = list_batches(shop.database)
    assert (batch.state, batch.cause) == (BatchState.CLOSED, "RuntimeError: kaputt")
    shop.output.after = do_nothing
    shop.clock.advance(hours=1)
    shop.room.work_off()
    require_printed_once(shop.database, shop.folder, message_ids)


def lose_letter(shop: Shop, message_id: str) -> None:
    lost = find_letter(shop.database, message_id).letter.pdf
    for path in (shop.folder.parent / "inhalte").rglob(f"*{lost.name}*"):
        path.unlink()


@pytest.mark.parametrize("is_all_or_nothing", [True, False])
def test_submit_lost_letter_refuses_the_batch_before_it_goes_anywhere(
    shop: Shop, is_all_or_nothing: bool
) -> None:
    shop.output.is_all_or_nothing = is_all_or_nothing
    message_ids = shop.add()
    lose_letter(shop, message_ids[1])
    shop.room.work_off()
    assert shop.list_states() == [BatchState.REFUSED]
    assert "lässt sich nicht lesen" in list_batches(shop.database)[0].cause
    assert {find_state(shop.database, i) for i in message_ids} == {MessageState.PARKED}
    assert not [path for path in shop.folder.rglob("*") if path.is_file()]
    # Only where the output keeps its promise may it see the batch before all was read.
    assert len(shop.output.submitted) == int(is_all_or_nothing)


@pytest.mark.parametrize(
    ("is_all_or_nothing", "state"), [(True, BatchState.REFUSED), (False, BatchState.CLOSED)]
)
def test_submit_letter_lost_before_a_repeat_refuses_only_what_cannot_have_gone_out(
    shop: Shop, is_all_or_nothing: bool, state: BatchState
) -> None:
    shop.output.is_all_or_nothing = is_all_or_nothing
    message_ids = shop.add()
    shop.output.before = be_away
    shop.room.work_off()
    lose_letter(shop, message_ids[1])
    shop.output.before = do_nothing
    shop.clock.advance(minutes=1)
    shop.room.work_off()
    assert shop.list_states() == [state]
    assert list_printed(shop.folder).total() == 0


def test_submit_letter_lost_after_the_hand_over_changes_nothing(shop: Shop) -> None:
    shop.output.is_all_or_nothing = True
    message_ids = shop.add()
    shop.output.after = break_down
    shop.room.work_off()
    lose_letter(shop, message_ids[1])
    shop.output.after = do_nothing
    shop.clock.advance(hours=1)
    shop.room.work_off()
    require_printed_once(shop.database, shop.folder, message_ids)


def test_submit_marks_name_batch_and_number_and_are_drawn_once(shop: Shop) -> None:
    message_ids = shop.add(2)
    shop.output.before = be_away
    room = shop.make_room(marks=MARKS)
    room.work_off()
    before = [find_letter(shop.database, found).letter.pdf for found in message_ids]
    shop.output.before = do_nothing
    shop.clock.advance(minutes=1)
    room.work_off()
    assert [find_letter(shop.database, found).letter.pdf for found in message_ids] == before
    require_printed_once(shop.database, shop.folder, message_ids)
    (batch,) = list_batches(shop.database)
    for message_id, number in zip(message_ids, (2, 1), strict=True):
        letter = find_letter(shop.database, message_id)
        content = shop.blobs.find(letter.letter.pdf).read()
        assert read_marks(content) == [[f"D1;{batch.batch_id};{number};1;1;1"], []]
        (path,) = shop.folder.glob(f"*/*-{letter.letter.letter_id}.pdf")
        assert path.read_bytes() == content


def test_submit_repeat_brings_the_same_bytes(shop: Shop) -> None:
    seen = []

    def look(batch: PrintBatch) -> None:
        letters = [(item.filename, item.content.read()) for item in batch.letters]
        seen.append((batch.batch_id, batch.tickets, letters))
        raise OutputUnavailable("voll")

    shop.add()
    shop.output.before = look
    shop.make_room(marks=MARKS).work_off()
    shop.clock.advance(days=1)
    shop.make_room(marks=MARKS, worker="anderer").work_off()
    first, second = seen
    assert first == second


def test_submit_that_takes_long_keeps_its_lease(shop: Shop) -> None:
    message_ids = shop.add()
    other = shop.make_room(worker="anderer")
    found = []

    def read_slowly(batch: PrintBatch) -> None:
        for letter in batch.letters:
            shop.clock.advance(minutes=4)
            letter.content.read()
            found.append(other.submitting.submit_next())

    shop.output.before = read_slowly
    shop.room.work_off()
    assert found == [False, False, False]
    assert len(shop.output.submitted) == 1
    require_printed_once(shop.database, shop.folder, message_ids)


def test_submit_after_the_lease_was_lost_changes_nothing(shop: Shop) -> None:
    message_ids = shop.add()
    other = shop.make_room(worker="anderer")

    def be_overtaken(_batch: PrintBatch) -> None:
        shop.output.after = do_nothing
        shop.clock.advance(minutes=6)
        other.work_off()

    shop.output.after = be_overtaken
    shop.room.work_off()
    assert len(shop.output.submitted) == 2
    require_printed_once(shop.database, shop.folder, message_ids)


def test_submit_worker_that_is_to_end_gives_the_batch_back(shop: Shop) -> None:
    message_ids = shop.add()
    shop.make_room(is_stopping=lambda: True).work()
    (batch,) = list_batches(shop.database)
    assert (batch.state, batch.attempts, batch.lease_token) == (BatchState.CLOSED, 0, "")
    assert shop.output.submitted == []
    shop.room.work_off()
    require_printed_once(shop.database, shop.folder, message_ids)


def test_submit_by_two_workers_at_once_hands_each_batch_over_once(shop: Shop) -> None:
    message_ids = shop.add(12)
    rooms = [shop.make_room(max_letters=2, worker=name) for name in ("eins", "zwei")]
    run_at_once([room.work_off for room in rooms])
    # Who finds nothing to do has ended, while the other was still at it.
    rooms[0].work_off()
    assert len(shop.output.submitted) == len(set(shop.output.submitted)) == 6
    require_printed_once(shop.database, shop.folder, message_ids)


def test_tell_hundreds_of_letters_in_pieces(shop: Shop) -> None:
    message_ids = shop.add(230)
    shop.room.closing.close_due()
    shop.room.submitting.submit_next()
    for done in (100, 200):
        assert shop.room.telling.tell_some()
        states = [find_state(shop.database, found) for found in message_ids]
        assert states.count(MessageState.LETTER_HANDED_OVER) == done
    shop.room.work_off()
    require_printed_once(shop.database, shop.folder, message_ids)


@pytest.mark.parametrize("named", ["brief", "druckausgabe", "druckausgabe:folder"])
def test_retry_of_a_destination_tries_an_output_that_is_left_alone(shop: Shop, named: str) -> None:
    room = shop.make_room(max_letters=1)
    message_ids = shop.add(7)
    while room.closing.close_due():
        pass
    shop.output.before = be_away
    while room.submitting.submit_next():
        pass
    shop.output.before = do_nothing
    assert not room.submitting.submit_next()
    control = DeliveryControl(shop.database, shop.blobs, INSPECTOR, shop.clock, actor="x")
    target = read_destination(named)
    assert [str(found) for found in control.find_tried(target)] == ["druckausgabe:folder"]
    assert list(control.retry_all(target)) == []
    # At once: the clock stands still.
    while room.work():
        pass
    require_printed_once(shop.database, shop.folder, message_ids)
    assert control.find_tried(target) == ()


def test_retry_of_another_destination_leaves_an_output_alone(shop: Shop) -> None:
    shop.add(1)
    shop.output.before = be_away
    for _ in range(6):
        shop.room.work_off()
        shop.clock.advance(minutes=10)
    control = DeliveryControl(shop.database, shop.blobs, INSPECTOR, shop.clock, actor="x")
    before = control.list_destinations()
    for named in ("rechenzentrum", "druckausgabe:andere"):
        assert control.find_tried(read_destination(named)) == ()
        assert list(control.retry_all(read_destination(named))) == []
    assert control.list_destinations() == before != ()

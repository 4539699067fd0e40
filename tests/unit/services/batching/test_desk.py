"""What a person does about letters and batches, and what an author takes back."""

from datetime import timedelta
from pathlib import Path

import pytest

from persistence.database import Database
from persistence.stores.orders import OrderState
from server.domain.batch import BatchState
from server.domain.letter import LetterState
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.transport_report import ReportCode
from server.errors import AmtshilfeError
from server.printing.output import BatchReceipt, OutputUnavailable, PrintBatch
from server.services.batching.acknowledging import LetterRefused
from server.services.batching.closing import Closing
from server.services.batching.desk import LetterDesk
from server.services.cancelling import Cancelling
from server.services.delivery_control import DeliveryControl
from tests.support.delivering import make_delivery
from tests.support.lettering import (
    Draft,
    add_letters,
    find_letter,
    find_state,
    list_batches,
    list_printed,
    list_reasons,
    require_printed_once,
)
from tests.unit.conftest import FixedClock
from tests.unit.services.batching.test_submitting import Shop, be_away, do_nothing, refuse
from tests.unit.services.test_delivery import UnreliableLetters
from tests.unit.services.test_sending import (
    COCHEM,
    INSPECTOR,
    StandInDirectory,
    command,
    make_letters,
    make_sending,
)

pytestmark = pytest.mark.both_databases


class Office(Shop):
    """A print shop, an operator, and authors who change their minds."""

    def __init__(self, database: Database, folder: Path, author: Caller, clock: FixedClock) -> None:
        super().__init__(database, folder, author, clock)
        self.desk = LetterDesk(
            database,
            self.blobs,
            self.room.outputs,
            Closing(database, clock, 5000),
            clock=clock,
            actor="Betreiber (eva)",
        )
        self.cancelling = Cancelling(database, clock)
        directory = StandInDirectory()
        self.sending = make_sending(database, self.blobs, directory, clock)
        letters = UnreliableLetters(make_letters(database, clock, self.output))
        self.delivery = make_delivery(database, self.blobs, directory, letters, clock)
        self.control = DeliveryControl(
            database, self.blobs, INSPECTOR, clock, actor="Betreiber (eva)"
        )

    def send_real(self) -> str:
        """A message that is set as a letter, not only written as one."""
        return self.sending.send(command(self.author, COCHEM)).message_id

    def work_off(self) -> None:
        while self.delivery.deliver_due():
            pass
        self.room.work_off()


@pytest.fixture
def office(database: Database, tmp_path: Path, author: Caller, clock: FixedClock) -> Office:
    return Office(database, tmp_path, author, clock)


def test_cancel_letter_that_is_ready_takes_it_back(office: Office) -> None:
    message_ids = office.add()
    for _ in range(2):
        office.cancelling.cancel(office.author, message_ids[0])
    assert find_state(office.database, message_ids[0]) is MessageState.CANCELLED
    assert find_letter(office.database, message_ids[0]).state is LetterState.WITHDRAWN
    assert len(list_reasons(office.database, message_ids[0], ReportCode.CANCELLED)) == 1
    office.room.work_off()
    assert list_printed(office.folder).total() == 2


def test_cancel_letter_that_is_not_set_yet_takes_it_back(office: Office) -> None:
    message_id = office.send_real()
    office.cancelling.cancel(office.author, message_id)
    office.work_off()
    assert find_state(office.database, message_id) is MessageState.CANCELLED
    assert list_printed(office.folder).total() == 0
    with office.database.reading() as stores:
        assert stores.orders.count_by_state() == {OrderState.CANCELLED: 1}


@pytest.mark.parametrize("is_handed_over", [False, True])
def test_cancel_letter_in_a_batch_is_refused(office: Office, is_handed_over: bool) -> None:
    message_ids = office.add()
    office.room.closing.close_due()
    if is_handed_over:
        office.room.work_off()
    with pytest.raises(AmtshilfeError) as caught:
        office.cancelling.cancel(office.author, message_ids[0])
    assert caught.value.fault.code == "9100"
    office.room.work_off()
    require_printed_once(office.database, office.folder, message_ids)


def test_cancel_letter_of_another_author_is_refused(office: Office, reader: Caller) -> None:
    message_ids = office.add()
    with pytest.raises(AmtshilfeError) as caught:
        office.cancelling.cancel(reader, message_ids[0])
    assert caught.value.fault.code == "9022"
    assert find_state(office.database, message_ids[0]) is MessageState.LETTER_READY


def test_recall_before_the_batch_closes_withdraws_here(office: Office) -> None:
    message_ids = office.add()
    letter_id = find_letter(office.database, message_ids[0]).letter.letter_id
    assert "wird nicht gedruckt" in office.desk.recall(letter_id)
    assert "schon zurückgezogen" in office.desk.recall(message_ids[0])
    assert find_state(office.database, message_ids[0]) is MessageState.LETTER_WITHDRAWN
    (reason,) = list_reasons(office.database, message_ids[0], ReportCode.LETTER_WITHDRAWN)
    assert "Betreiber (eva)" in reason
    office.room.work_off()
    assert list_printed(office.folder).total() == 2


def test_recall_while_the_batch_waits_is_refused_and_the_letter_goes_out(office: Office) -> None:
    message_ids = office.add()
    office.room.closing.close_due()
    with pytest.raises(LetterRefused, match="nach der Übergabe noch einmal"):
        office.desk.recall(message_ids[0])
    office.room.work_off()
    require_printed_once(office.database, office.folder, message_ids)


def test_recall_after_the_hand_over_asks_the_output(office: Office) -> None:
    message_ids = office.add()
    office.room.work_off()
    assert "wird nicht versandt" in office.desk.recall(message_ids[0])
    assert "schon zurückgezogen" in office.desk.recall(message_ids[0])
    assert find_state(office.database, message_ids[0]) is MessageState.LETTER_WITHDRAWN
    (batch,) = list_batches(office.database)
    withdrawn = (office.folder / f"{batch.batch_id}.zurueckgezogen").read_text()
    assert find_letter(office.database, message_ids[0]).letter.letter_id in withdrawn


def test_recall_of_what_the_print_shop_has_taken_is_refused(office: Office) -> None:
    message_ids = office.add()
    office.room.work_off()
    (batch,) = list_batches(office.database)
    (office.folder / f"{batch.batch_id}.fertig").rename(
        office.folder / f"{batch.batch_id}.uebernommen"
    )
    with pytest.raises(LetterRefused, match="schon in Arbeit"):
        office.desk.recall(message_ids[0])
    assert find_state(office.database, message_ids[0]) is MessageState.LETTER_HANDED_OVER


def test_recall_output_away_is_told_and_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_gone(receipt: BatchReceipt, letter_ids: object) -> frozenset[str]:
        raise OutputUnavailable("voll")

    message_ids = office.add()
    office.room.work_off()
    monkeypatch.setattr(office.output, "cancel", be_gone)
    with pytest.raises(LetterRefused, match="nicht zurückgezogen"):
        office.desk.recall(message_ids[0])
    assert find_state(office.database, message_ids[0]) is MessageState.LETTER_HANDED_OVER


@pytest.mark.parametrize("name", ["urn:x:unbekannt", "brief-9999"])
def test_recall_of_what_is_not_there_is_refused(office: Office, name: str) -> None:
    with pytest.raises(LetterRefused, match="gibt es nicht"):
        office.desk.recall(name)


def test_retry_refused_batch_sets_new_letters_by_what_holds_now(office: Office) -> None:
    message_id = office.send_real()
    office.output.before = refuse
    office.work_off()
    (batch,) = list_batches(office.database)
    first = find_letter(office.database, message_id).letter.letter_id
    assert office.desk.retry(batch.batch_id) == (message_id,)
    office.control.retry(message_id)
    office.output.before = do_nothing
    office.work_off()
    require_printed_once(office.database, office.folder, [message_id])
    assert find_letter(office.database, message_id).letter.letter_id == f"{first}-2"
    assert [batch.state for batch in list_batches(office.database)] == [
        BatchState.REFUSED,
        BatchState.SUBMITTED,
    ]
    with pytest.raises(LetterRefused, match="nicht ausgegeben"):
        office.desk.recall(first)


def test_retry_batch_that_waits_is_handed_over_at_once(office: Office) -> None:
    message_ids = office.add()
    office.output.before = be_away
    office.room.work_off()
    for _ in range(6):
        office.clock.advance(hours=1)
        office.room.work_off()
    office.output.before = do_nothing
    assert not office.room.work()
    (batch,) = list_batches(office.database)
    assert office.desk.retry(batch.batch_id) is None
    office.room.work_off()
    require_printed_once(office.database, office.folder, message_ids)
    with pytest.raises(LetterRefused, match="schon übergeben"):
        office.desk.retry(batch.batch_id)


def test_give_up_parks_the_messages_of_a_batch_that_waits(office: Office) -> None:
    message_ids = office.add()
    office.output.before = be_away
    office.room.work_off()
    (batch,) = list_batches(office.database)
    assert f"print retry {batch.batch_id}" in office.desk.give_up(batch.batch_id)
    with pytest.raises(LetterRefused):
        office.desk.give_up(batch.batch_id)
    office.room.work_off()
    assert {find_state(office.database, found) for found in message_ids} == {MessageState.PARKED}
    (reason,) = list_reasons(office.database, message_ids[0], ReportCode.LETTER_FAILED)
    assert "Betreiber (eva) hat den Stapel aufgegeben. voll" in reason


def test_give_up_while_a_worker_hands_over_is_refused(office: Office) -> None:
    refused = []

    def interfere(batch: PrintBatch) -> None:
        with pytest.raises(LetterRefused, match="wird gerade") as caught:
            office.desk.give_up(batch.batch_id)
        refused.append(caught.value)

    message_ids = office.add()
    office.output.before = interfere
    office.room.work_off()
    assert len(refused) == 1
    require_printed_once(office.database, office.folder, message_ids)


def test_close_and_show_before_the_cut_off(office: Office) -> None:
    cut_off = office.clock.now + timedelta(days=1)
    add_letters(
        office.database,
        office.blobs,
        office.author,
        office.clock,
        [Draft(cut_off=cut_off, pages=3)] * 2,
    )
    assert office.desk.count_ready() == 2
    (batch,) = office.desk.close()
    assert office.desk.close() == ()
    assert office.desk.count_ready() == 0
    view = office.desk.show(batch.batch_id)
    assert view.states == {LetterState.BATCHED: 2}
    assert [letter.number for letter in office.desk.list_letters(batch)] == [1, 2]
    assert office.desk.list_batches([BatchState.CLOSED]) == (batch,)
    assert office.desk.list_batches([BatchState.SETTLED]) == ()
    with pytest.raises(LetterRefused, match="gibt es nicht"):
        office.desk.show("unbekannt")


def test_find_letter_gives_the_file_that_went_out(office: Office) -> None:
    message_ids = office.add(1)
    office.room.work_off()
    letter, content = office.desk.find_letter(message_ids[0])
    (path,) = office.folder.glob("*/*.pdf")
    assert content.read() == path.read_bytes()
    assert office.desk.find_letter(letter.letter.letter_id)[0] == letter

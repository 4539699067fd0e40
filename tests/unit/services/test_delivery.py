"""Delivery: retries, parking, and exactly one letter whatever crashes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.orders import OrderState
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.print_settings import PrintChoice
from server.domain.stored_message import StoredMessage
from server.printing.letter import LetterOrder
from server.printing.output import BatchReceipt, News, OutputSetup, PrintBatch
from server.printing.outputs.folder import FolderOutput
from server.services.delivering.delivery import Delivery
from server.services.directory import DirectoryUnavailable
from server.services.letters import LetterPlan, Letters, PrintPart, SetLetter
from tests.support.delivering import PrintRoom, make_delivery
from tests.unit.conftest import FixedClock
from tests.unit.printing.pdf_reading import read_texts
from tests.unit.services.test_sending import (
    COCHEM,
    StandInDirectory,
    command,
    make_letters,
    make_sending,
)

pytestmark = pytest.mark.both_databases


class UnreliableOutput:
    """The output `folder`, with a fault that a test puts in."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._output = FolderOutput(OutputSetup("folder", {"folder": str(folder)}))
        self.before: Callable[[], None] | None = None
        self.after: Callable[[], None] | None = None

    def poll(self, receipt: BatchReceipt) -> tuple[News, ...]:
        return self._output.poll(receipt)

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        return self._output.cancel(receipt, letter_ids)

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        if self.before:
            self.before()
        receipt = self._output.submit(batch)
        if self.after:
            self.after()
        return receipt


class UnreliableLetters:
    """Sets letters, with a fault that a test puts in."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self.before: Callable[[], None] | None = None
        self.after: Callable[[], None] | None = None

    def find_problem(self, parts: Sequence[PrintPart]) -> str | None:
        return self._letters.find_problem(parts)

    def plan_letter(
        self, parts: Sequence[PrintPart], recipient: Behoerde, message: StoredMessage
    ) -> LetterPlan:
        return self._letters.plan_letter(parts, recipient, message)

    def set_letter(
        self, plan: LetterPlan, parts: Sequence[PrintPart], order: LetterOrder
    ) -> SetLetter:
        if self.before:
            self.before()
        found = self._letters.set_letter(plan, parts, order)
        if self.after:
            self.after()
        return found


def fail() -> None:
    raise OSError("voll")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "druck"


@pytest.fixture
def output(folder: Path) -> UnreliableOutput:
    return UnreliableOutput(folder)


@pytest.fixture
def letters(database: Database, output: UnreliableOutput, clock: FixedClock) -> UnreliableLetters:
    return UnreliableLetters(make_letters(database, clock, output))


@pytest.fixture
def directory() -> StandInDirectory:
    return StandInDirectory()


@pytest.fixture
def delivery(
    database: Database,
    blobs: FolderBlobs,
    directory: StandInDirectory,
    letters: UnreliableLetters,
    clock: FixedClock,
) -> Delivery:
    return make_delivery(database, blobs, directory, letters, clock)


@pytest.fixture
def print_room(
    database: Database, blobs: FolderBlobs, output: UnreliableOutput, clock: FixedClock
) -> PrintRoom:
    return PrintRoom(database, blobs, [output], clock)


@pytest.fixture
def sent(
    database: Database,
    blobs: FolderBlobs,
    directory: StandInDirectory,
    clock: FixedClock,
    author: Caller,
) -> str:
    """A message that waits to become a letter."""
    sending = make_sending(database, blobs, directory, clock)
    return sending.send(command(author, COCHEM)).message_id


def state_of(database: Database, message_id: str) -> tuple[MessageState, list[str]]:
    with database.reading() as stores:
        message = stores.messages.find(message_id)
        assert message is not None
        entries = stores.messages.list_entries(message.key)
        return message.state, [entry.code.value for entry in entries]


def list_letters(folder: Path) -> list[Path]:
    return list(folder.glob("*/*.pdf"))


def test_deliver_due_sets_the_letter_and_has_nothing_more_to_do(
    delivery: Delivery, database: Database, sent: str, folder: Path, print_room: PrintRoom
) -> None:
    assert delivery.deliver_due()
    assert not delivery.deliver_due()
    state, codes = state_of(database, sent)
    assert state == MessageState.LETTER_READY
    assert codes == ["angenommen", "brief-beauftragt", "brief-gesetzt"]
    assert list_letters(folder) == []
    print_room.work_off()
    state, codes = state_of(database, sent)
    assert (state, codes[-1]) == (MessageState.LETTER_HANDED_OVER, "brief-ausgegeben")
    assert len(list_letters(folder)) == 1


@pytest.mark.usefixtures("sent")
def test_deliver_due_letter_names_what_the_message_has_as_keys(
    delivery: Delivery, folder: Path, print_room: PrintRoom
) -> None:
    assert delivery.deliver_due()
    print_room.work_off()
    (letter,) = list_letters(folder)
    text = read_texts(letter.read_bytes())[0]
    assert "Hundesteuer Bescheid vom 12.01.2026" in text
    assert "• Sachpfändung" in text


@pytest.mark.usefixtures("sent")
def test_deliver_due_letter_is_printed_as_its_author_chose(
    delivery: Delivery, database: Database, folder: Path, author: Caller, print_room: PrintRoom
) -> None:
    with database.writing() as stores:
        stores.print_choices.save(author.mandant.key, PrintChoice(duplex=False))
    assert delivery.deliver_due()
    print_room.work_off()
    (ticket,) = folder.glob("*/*.xml")
    assert "<druck>simplex</druck>" in ticket.read_text()


def test_deliver_due_chosen_output_is_gone_letter_waits(
    delivery: Delivery,
    database: Database,
    sent: str,
    folder: Path,
    author: Caller,
    print_room: PrintRoom,
) -> None:
    with database.writing() as stores:
        stores.print_choices.save(author.mandant.key, PrintChoice(output="weg"))
    assert delivery.deliver_due()
    print_room.work_off()
    assert state_of(database, sent)[0] == MessageState.LETTER_READY
    assert list_letters(folder) == []
    with database.reading() as stores:
        (batch,) = stores.batches.list_all()
    assert batch.cause == "Die Druckausgabe „weg“ steht nicht in den Einstellungen."


def test_deliver_due_setting_fails_is_retried_with_growing_distance(
    delivery: Delivery, database: Database, sent: str, letters: UnreliableLetters, clock: FixedClock
) -> None:
    letters.before = fail
    for wait in (5, 10, 20):
        assert delivery.deliver_due()
        clock.advance(seconds=wait - 1)
        assert not delivery.deliver_due()
        clock.advance(seconds=1)
    letters.before = None
    assert delivery.deliver_due()
    state, codes = state_of(database, sent)
    assert state == MessageState.LETTER_READY
    assert codes.count("zustellung-verzoegert") == 1


def test_deliver_due_crash_while_setting_prints_once(
    delivery: Delivery,
    database: Database,
    sent: str,
    letters: UnreliableLetters,
    clock: FixedClock,
    folder: Path,
    print_room: PrintRoom,
) -> None:
    def crash() -> None:
        raise KeyboardInterrupt

    letters.after = crash
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver_due()
    assert state_of(database, sent)[0] == MessageState.WAITING_FOR_DELIVERY
    letters.after = None
    assert not delivery.deliver_due()
    clock.advance(minutes=6)
    assert delivery.deliver_due()
    print_room.work_off()
    assert state_of(database, sent)[0] == MessageState.LETTER_HANDED_OVER
    assert len(list_letters(folder)) == 1


def test_deliver_due_blob_store_away_for_days_holds_the_message(
    delivery: Delivery, database: Database, sent: str, tmp_path: Path, clock: FixedClock
) -> None:
    (tmp_path / "inhalte").rename(tmp_path / "ausgehängt")
    for _ in range(5):
        assert delivery.deliver_due()
        clock.advance(hours=24)
    assert state_of(database, sent)[0] == MessageState.WAITING_FOR_DELIVERY
    (tmp_path / "ausgehängt").rename(tmp_path / "inhalte")
    assert delivery.deliver_due()
    assert state_of(database, sent)[0] == MessageState.LETTER_READY


def break_down() -> None:
    raise RuntimeError("voll")


def test_deliver_due_too_old_is_parked_with_its_cause(
    delivery: Delivery, database: Database, sent: str, letters: UnreliableLetters, clock: FixedClock
) -> None:
    letters.before = break_down
    delivery.deliver_due()
    clock.advance(hours=73)
    delivery.deliver_due()
    assert state_of(database, sent)[0] == MessageState.PARKED
    with database.reading() as stores:
        assert stores.orders.count_by_state() == {OrderState.PARKED: 1}
        assert "voll" in stores.orders.list_parked()[0].cause
    assert not delivery.deliver_due()


def test_deliver_due_store_away_for_days_holds_the_message(
    delivery: Delivery, database: Database, sent: str, letters: UnreliableLetters, clock: FixedClock
) -> None:
    letters.before = fail
    for _ in range(10):
        delivery.deliver_due()
        clock.advance(hours=24)
    assert state_of(database, sent) == (
        MessageState.WAITING_FOR_DELIVERY,
        ["angenommen", "brief-beauftragt", "zustellung-verzoegert"],
    )
    letters.before = None
    delivery.deliver_due()
    assert state_of(database, sent)[0] == MessageState.LETTER_READY


def test_deliver_due_blob_lost_is_not_forgotten(
    delivery: Delivery, database: Database, sent: str, tmp_path: Path
) -> None:
    for path in (tmp_path / "inhalte").rglob("*"):
        if path.is_file():
            path.unlink()
    delivery.deliver_due()
    assert state_of(database, sent)[0] == MessageState.WAITING_FOR_DELIVERY
    with database.reading() as stores:
        assert stores.orders.count_by_state() == {OrderState.DUE: 1}


def park_for_recipient(delivery: Delivery, directory: StandInDirectory) -> None:
    directory.kanal = Kanal.ELEKTRONISCH
    assert delivery.deliver_due()


def test_deliver_due_recipient_without_way_is_parked_and_reported(
    delivery: Delivery, database: Database, directory: StandInDirectory, sent: str
) -> None:
    park_for_recipient(delivery, directory)
    assert state_of(database, sent)[0] == MessageState.PARKED
    assert directory.doubts == [(COCHEM.value, "Stadt Cochem hat auf diesem Server kein Postfach.")]
    assert not delivery.deliver_due()
    assert len(directory.doubts) == 1


def test_deliver_due_report_that_fails_changes_nothing(
    delivery: Delivery,
    database: Database,
    directory: StandInDirectory,
    sent: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(identifier: PartyIdentifier, reason: str) -> None:
        raise DirectoryUnavailable

    monkeypatch.setattr(directory, "report_doubt", refuse)
    park_for_recipient(delivery, directory)
    assert state_of(database, sent)[0] == MessageState.PARKED


def test_deliver_due_old_message_says_nothing_of_the_recipient(
    delivery: Delivery, directory: StandInDirectory, sent: str, clock: FixedClock
) -> None:
    directory.is_down = True
    clock.advance(hours=73)
    assert delivery.deliver_due()
    assert directory.doubts == []


def test_deliver_due_address_that_fits_no_window_is_parked_with_its_cause(
    delivery: Delivery,
    database: Database,
    sent: str,
    directory: StandInDirectory,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behoerde = directory.find_behoerde(COCHEM)
    assert behoerde is not None
    endless = replace(behoerde, name="W" * 200)
    monkeypatch.setattr(directory, "find_behoerde", lambda identifier: endless)
    assert delivery.deliver_due()
    assert not delivery.deliver_due()
    assert list_letters(folder) == []
    assert state_of(database, sent)[0] == MessageState.PARKED
    with database.reading() as stores:
        cause = stores.orders.list_parked()[0].cause
    assert "passt auch mit Abkürzungen nicht in 6 Zeilen" in cause

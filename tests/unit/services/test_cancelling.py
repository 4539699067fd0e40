"""Taking back a message that becomes a letter: until its batch closes, and honestly afterwards."""

from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.letter import LetterState
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState
from server.errors import AmtshilfeError
from server.services.cancelling import Cancelling
from server.services.message_events import record_event
from tests.support.delivering import PrintRoom
from tests.support.lettering import find_state, list_printed
from tests.support.printed_letters import LetterRows
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases


@pytest.fixture
def rows(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, tmp_path: Path
) -> LetterRows:
    return LetterRows(database, blobs, clock, author, tmp_path / "druck")


@pytest.fixture
def room(rows: LetterRows) -> PrintRoom:
    return rows.make_room()


@pytest.fixture
def cancelling(database: Database, clock: FixedClock) -> Cancelling:
    return Cancelling(database, clock)


def record(database: Database, message_id: str, event: MessageEvent, clock: FixedClock) -> None:
    with database.writing() as stores:
        message = stores.messages.find_named_for_change(message_id)
        assert message is not None
        record_event(stores, message, event, clock(), detail="Stapel")


def test_cancel_ready_letter_is_never_printed(
    cancelling: Cancelling, rows: LetterRows, room: PrintRoom, author: Caller
) -> None:
    gone, kept = rows.add_ready("b1"), rows.add_ready("b2")
    cancelling.cancel(author, gone)
    cancelling.cancel(author, gone)
    room.work_off()
    assert list_printed(rows.folder) == {"b2": 1}
    assert find_state(rows.database, gone) is MessageState.CANCELLED
    assert find_state(rows.database, kept) is MessageState.LETTER_HANDED_OVER
    assert rows.find("b1").state is LetterState.WITHDRAWN


def test_cancel_closed_batch_comes_too_late(
    cancelling: Cancelling, rows: LetterRows, room: PrintRoom, author: Caller
) -> None:
    message_id = rows.add_ready("b1")
    room.closing.close_due()
    with pytest.raises(AmtshilfeError, match="Annahmeschluss") as caught:
        cancelling.cancel(author, message_id)
    assert caught.value.fault.code == "9100"
    assert find_state(rows.database, message_id) is MessageState.LETTER_READY


@pytest.mark.parametrize(
    "event",
    [
        None,
        MessageEvent.LETTER_POSTED,
        MessageEvent.LETTER_RETURNED,
        MessageEvent.NEWS_ENDED,
    ],
)
def test_cancel_letter_that_is_handed_over_comes_too_late(
    cancelling: Cancelling,
    rows: LetterRows,
    author: Caller,
    clock: FixedClock,
    event: MessageEvent | None,
) -> None:
    message_id = rows.add_ready("b1")
    rows.hand_over()
    if event:
        record(rows.database, message_id, event, clock)
    before = find_state(rows.database, message_id)
    with pytest.raises(AmtshilfeError, match="an die Druckausgabe übergeben") as caught:
        cancelling.cancel(author, message_id)
    assert caught.value.fault.code == "9100"
    assert find_state(rows.database, message_id) is before


def test_cancel_letter_that_the_output_took_back_changes_nothing(
    cancelling: Cancelling, rows: LetterRows, author: Caller, clock: FixedClock
) -> None:
    message_id = rows.add_ready("b1")
    rows.hand_over()
    record(rows.database, message_id, MessageEvent.LETTER_WITHDRAWN, clock)
    cancelling.cancel(author, message_id)
    assert find_state(rows.database, message_id) is MessageState.LETTER_WITHDRAWN

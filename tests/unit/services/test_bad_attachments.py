"""Attachments that cannot be printed: refused at the door, or parked with their cause."""

from pathlib import Path

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.errors import AmtshilfeError
from tests.support.evil_attachments import EVIL, make_nested_drawings
from tests.support.letter_attachments import make_text
from tests.unit.conftest import FixedClock
from tests.unit.services.test_delivery_control import Desk
from tests.unit.services.test_sending import COCHEM, command

NAMES = ["contents unfold twice", "objects unfold twice", "page without size", "huge page"]


@pytest.fixture
def desk(database: Database, tmp_path: Path, clock: FixedClock, author: Caller) -> Desk:
    return Desk(database, tmp_path, clock, author)


def send(desk: Desk, message_id: str, content: bytes) -> None:
    desk.sending.send(command(desk.author, COCHEM, content, message_id=message_id))


def last_reason(desk: Desk, message_id: str) -> str:
    with desk.database.reading() as stores:
        message = stores.messages.find(message_id)
        assert message is not None
        return stores.messages.list_entries(message.key)[-1].reason


@pytest.mark.parametrize("name", NAMES)
def test_send_letter_with_evil_attachment_is_refused_with_its_reason(desk: Desk, name: str) -> None:
    make, reason = EVIL[name]
    with pytest.raises(AmtshilfeError) as caught:
        send(desk, "urn:x:1", make())
    assert caught.value.fault.code == "9052"
    assert f"Die Anlage „Anlage 1“ {reason}." in caught.value.reason


@pytest.mark.parametrize("name", NAMES)
def test_deliver_evil_attachment_is_parked_and_the_operator_decides(desk: Desk, name: str) -> None:
    make, reason = EVIL[name]
    desk.directory.is_down = True
    send(desk, "urn:x:1", make())
    send(desk, "urn:x:2", make_text())
    desk.directory.is_down = False
    desk.print_all()
    assert desk.find_state("urn:x:1") is MessageState.PARKED
    assert f"Die Anlage „Anlage 1“ {reason}." in last_reason(desk, "urn:x:1")
    # What comes after it goes on.
    assert desk.find_state("urn:x:2") is MessageState.LETTER_HANDED_OVER
    desk.control.retry("urn:x:1")
    desk.print_all()
    assert desk.find_state("urn:x:1") is MessageState.PARKED
    desk.control.cancel("urn:x:1", "Die Anlage ist nicht lesbar.")
    assert desk.find_state("urn:x:1") is MessageState.RETURNED


def test_deliver_attachment_that_ends_its_check_is_parked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.printing.attachment_guard._CPU_SECONDS", 1)
    desk.directory.is_down = True
    send(desk, "urn:x:1", make_nested_drawings(9, 10))
    desk.directory.is_down = False
    desk.print_all()
    assert desk.find_state("urn:x:1") is MessageState.PARKED
    assert "zu aufwendig" in last_reason(desk, "urn:x:1")

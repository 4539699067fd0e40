"""The same content under another MessageID: delivered, and marked for author and reader."""

import threading
from datetime import timedelta

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.transport_report import ReportCode, ReportStatus
from server.domain.vorgang import VorgangCriteria
from server.errors import AmtshilfeError
from server.services.cancelling import Cancelling
from server.services.mailbox import FetchedMessage, Mailbox
from server.services.reporting import Reporting
from server.services.sending import Sending
from server.services.vorgaenge import Vorgaenge
from tests.support.installation import read_sample
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.services.test_sending import StandInDirectory, command, make_sending

ERSUCHEN = read_sample("valid", "ersuchen.xml")


class Desk:
    """An author, a reader, and what both are told."""

    def __init__(
        self,
        database: Database,
        blobs: FolderBlobs,
        clock: FixedClock,
        callers: tuple[Caller, Caller],
    ) -> None:
        self.database, self.blobs, self.clock = database, blobs, clock
        self.author, self.reader = callers
        self.sending = self.make_sending(30)

    def make_sending(self, days: int) -> Sending:
        window = timedelta(days=days)
        return make_sending(
            self.database, self.blobs, StandInDirectory(), self.clock, window=window
        )

    def send(
        self,
        message_id: str,
        message: bytes = ERSUCHEN,
        *attachments: bytes,
        author: Caller | None = None,
        reader: Caller | None = None,
        **head: object,
    ) -> None:
        to = (reader or self.reader).mandant.identifier
        sent = command(
            author or self.author, to, *attachments, message_id=message_id, message=message, **head
        )
        self.sending.send(sent)

    def warnings(self, message_id: str, caller: Caller | None = None) -> list[str]:
        report = Reporting(self.database, self.clock).find_report(caller or self.author, message_id)
        return [
            entry.reason for entry in report.entries if entry.code is ReportCode.POSSIBLE_DUPLICATE
        ]


@pytest.fixture
def desk(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, reader: Caller
) -> Desk:
    return Desk(database, blobs, clock, (author, reader))


def test_send_same_content_under_another_id_is_delivered_and_marked_for_both(desk: Desk) -> None:
    desk.send("urn:x:1")
    desk.clock.advance(days=1)
    desk.send("urn:x:2")
    expected = [
        "Mögliche Dublette: Denselben Inhalt zu demselben Aktenzeichen enthält die Nachricht "
        "urn:x:1 vom 23.11.2026."
    ]
    assert desk.warnings("urn:x:1") == []
    assert desk.warnings("urn:x:2") == expected
    assert desk.warnings("urn:x:2", desk.reader) == expected
    with desk.database.reading() as stores:
        message = stores.messages.find("urn:x:2")
        assert message is not None
        assert message.state is MessageState.DELIVERED


def test_send_duplicate_stands_in_the_vorgang_and_in_what_is_fetched(desk: Desk) -> None:
    desk.send("urn:x:1")
    desk.send("urn:x:2")
    vorgaenge = Vorgaenge(desk.database, desk.clock, 14)
    for caller in (desk.author, desk.reader):
        (view,) = vorgaenge.find(caller, VorgangCriteria()).views
        hints = [entry.hint for entry in view.entries if entry.message_id == "urn:x:2"]
        assert len(hints) == 1
        assert "enthält die Nachricht urn:x:1 vom 23.11.2026." in hints[0]
    mailbox = Mailbox(
        desk.database, desk.blobs, desk.clock, max_list_items=9, iterator_lifetime=timedelta(1)
    )
    fetched = mailbox.fetch(desk.reader, MailboxSelector(("urn:x:2",)))
    assert isinstance(fetched, FetchedMessage)
    assert fetched.message.facts is not None
    assert "urn:x:1" in fetched.message.facts.hint


def test_send_same_id_and_same_content_stays_one_message_without_mark(desk: Desk) -> None:
    desk.send("urn:x:1")
    desk.send("urn:x:1")
    assert desk.warnings("urn:x:1") == []
    with desk.database.reading() as stores:
        assert sum(stores.messages.count_by_state().values()) == 1


def test_send_same_id_and_other_content_is_refused(desk: Desk) -> None:
    desk.send("urn:x:1")
    with pytest.raises(AmtshilfeError) as caught:
        desk.send("urn:x:1", ERSUCHEN, b"Anlage")
    assert caught.value.fault.code == "9024"


@pytest.mark.parametrize(("days", "is_marked"), [(30, True), (31, False)])
def test_send_duplicate_counts_within_the_window(desk: Desk, days: int, is_marked: bool) -> None:
    desk.send("urn:x:1")
    desk.clock.advance(days=days)
    desk.send("urn:x:2")
    assert bool(desk.warnings("urn:x:2")) is is_marked


def test_send_without_window_marks_nothing(desk: Desk) -> None:
    desk.sending = desk.make_sending(0)
    desk.send("urn:x:1")
    desk.send("urn:x:2")
    assert desk.warnings("urn:x:2") == []


def test_send_third_time_names_the_latest(desk: Desk) -> None:
    for number in range(3):
        desk.send(f"urn:x:{number}")
        desk.clock.advance(days=1)
    (warning,) = desk.warnings("urn:x:2")
    assert "urn:x:1 vom 24.11.2026" in warning


def change_aktenzeichen(message: bytes) -> bytes:
    assert b"<aktenzeichen>VS-2026-0815" in message
    return message.replace(b"<aktenzeichen>VS-2026-0815", b"<aktenzeichen>VS-2026-0816")


def test_send_other_aktenzeichen_is_no_duplicate(desk: Desk) -> None:
    desk.send("urn:x:1")
    desk.send("urn:x:2", change_aktenzeichen(ERSUCHEN))
    assert desk.warnings("urn:x:2") == []


def test_send_other_attachment_is_no_duplicate(desk: Desk) -> None:
    desk.send("urn:x:1", ERSUCHEN, b"eins")
    desk.send("urn:x:2", ERSUCHEN, b"zwei")
    desk.send("urn:x:3", ERSUCHEN, b"zwei")
    assert desk.warnings("urn:x:2") == []
    assert len(desk.warnings("urn:x:3")) == 1


def test_send_test_message_is_no_duplicate_of_a_real_one(desk: Desk) -> None:
    desk.send("urn:x:1", is_test=True)
    desk.send("urn:x:2")
    assert desk.warnings("urn:x:2") == []


def test_send_other_author_or_other_reader_is_no_duplicate(desk: Desk) -> None:
    erfurt = add_caller(desk.database, "erfurt", desk.clock)
    desk.send("urn:x:1")
    desk.send("urn:x:2", author=erfurt)
    desk.send("urn:x:3", reader=erfurt)
    assert desk.warnings("urn:x:2", erfurt) == []
    assert desk.warnings("urn:x:3") == []


def test_send_message_without_aktenzeichen_is_not_looked_for(desk: Desk) -> None:
    for number in (1, 2):
        desk.send(f"urn:x:{number}", b"Text", payload_schema="urn:fremd")
    assert desk.warnings("urn:x:2") == []


def test_send_again_after_cancelling_is_no_duplicate(desk: Desk) -> None:
    desk.send("urn:x:1", not_before=desk.clock.now + timedelta(hours=1))
    Cancelling(desk.database, desk.clock).cancel(desk.author, "urn:x:1")
    desk.send("urn:x:2")
    assert desk.warnings("urn:x:2") == []


def test_send_at_the_same_moment_marks_all_but_one(desk: Desk) -> None:
    start = threading.Barrier(4)

    def send(number: int) -> None:
        start.wait()
        desk.send(f"urn:x:{number}")

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(desk.warnings(f"urn:x:{number}")) for number in range(4)) == [0, 1, 1, 1]
    report = Reporting(desk.database, desk.clock).find_report(desk.author, "urn:x:0")
    assert report.status is ReportStatus.OPEN

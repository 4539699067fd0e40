"""Messages that come while the scanner is away: accepted, and going nowhere before it is back.

The scanner is a stand-in that tests can switch off; tests/integration has the real one.
"""

import base64
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.scanner import ScannerFailed
from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.reader_key_files import ReaderKeyFiles
from persistence.stores.orders import OrderState
from server.domain.destination import Destination, DestinationKind
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode, ReportStatus
from server.errors import AmtshilfeError
from server.printing.output import OutputSetup
from server.printing.outputs.folder import FolderOutput
from server.services.admission import Admission
from server.services.cancelling import Cancelling
from server.services.delivering.channel import Channel, Ways
from server.services.delivering.delivery import Delivery
from server.services.delivering.mailbox_channel import MailboxChannel
from server.services.delivering.plan import Worker
from server.services.delivering.resolver import DestinationResolver
from server.services.delivering.scan_channel import ScanChannel
from server.services.delivery_control import DeliveryControl
from server.services.delivery_control import DeliveryRefused as Refused
from server.services.mailbox import FetchedMessage, Mailbox, NothingWaiting
from server.services.opening import Opening
from server.services.reader_keys import ReaderKeys
from server.services.reporting import Reporting
from server.services.scanning import Scanning
from server.services.sending import Sending
from server.xmlio.content_encryption import ContentDecryption
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from tests.support.delivering import PLAN, make_letter_channel
from tests.support.installation import SAMPLES, read_sample
from tests.unit.conftest import FixedClock, make_rules
from tests.unit.services.test_sending import (
    COCHEM,
    StandInDirectory,
    command,
    make_letters,
    make_sending,
)

BAD = b"boese"
INSPECTOR = PayloadInspector(SchemaCatalogue(SAMPLES / "schemata"), XmlLimits())


class StandInScanner:
    """Finds one word, until it is switched off."""

    def __init__(self) -> None:
        self.is_down = False
        self.is_alive_at_least = False
        self.answers_left = -1

    def find_malware(self, chunks: Iterable[bytes]) -> str | None:
        if self.is_down or self.answers_left == 0:
            raise ScannerFailed("away")
        self.answers_left -= 1
        return "Testfund" if BAD in b"".join(chunks) else None

    def is_alive(self) -> bool:
        return self.is_alive_at_least or (not self.is_down and self.answers_left != 0)


class Desk:
    """A server with a scanner; each delivery is that of a new worker."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock) -> None:
        self.database, self.folder, self.clock = database, folder, clock
        self.blobs = FolderBlobs(folder / "inhalte")
        decryption = ContentDecryption(XmlLimits(20_000, 64))
        self.opening = Opening(ReaderKeys(ReaderKeyFiles(folder / "schluessel")), decryption)
        self.scanner = StandInScanner()
        self.directory = StandInDirectory()
        self.sending = self.make_sending()
        self.mailbox = Mailbox(
            database, self.blobs, clock, max_list_items=9, iterator_lifetime=timedelta(1)
        )

    def make_scanning(self, *, holds: bool = True, is_configured: bool = True) -> Scanning:
        scanner: Any = self.scanner
        return Scanning(scanner if is_configured else None, holds=holds)

    def make_sending(self, *, holds: bool = True) -> Sending:
        scanning = self.make_scanning(holds=holds)
        return make_sending(
            self.database, self.blobs, self.directory, self.clock, scanning=scanning
        )

    def make_delivery(self, *, is_configured: bool = True) -> Delivery:
        known: Any = self.directory
        output = FolderOutput(OutputSetup("folder", {"folder": str(self.folder / "druck")}))
        letters = make_letters(self.database, self.clock, output)
        scanning = self.make_scanning(is_configured=is_configured)
        channels: dict[DestinationKind, Channel] = {
            DestinationKind.SCANNER: ScanChannel(
                self.blobs, INSPECTOR, scanning, self.opening, self.clock
            ),
            DestinationKind.MAILBOX: MailboxChannel(self.database, self.clock),
            DestinationKind.LETTER: make_letter_channel(self.database, self.blobs, known, letters),
        }
        resolver = DestinationResolver(self.database, known, self.clock)
        worker = Worker("worker", jitter=lambda: 1.0)
        ways = Ways(resolver, channels)
        return Delivery(self.database, known, self.clock, ways=ways, plan=PLAN, worker=worker)

    def deliver_all(self) -> None:
        delivery = self.make_delivery()
        while delivery.deliver_next():
            pass

    def find(self, message_id: str = "urn:x:1") -> StoredMessage:
        with self.database.reading() as stores:
            message = stores.messages.find(message_id)
        assert message is not None
        return message

    def codes(self, message_id: str = "urn:x:1") -> list[ReportCode]:
        key = self.find(message_id).key
        with self.database.reading() as stores:
            return [entry.code for entry in stores.messages.list_entries(key)]

    def is_fetched(self, reader: Caller) -> bool:
        return not isinstance(self.mailbox.fetch(reader, MailboxSelector()), NothingWaiting)


@pytest.fixture
def desk(database: Database, tmp_path: Path, clock: FixedClock) -> Desk:
    made = Desk(database, tmp_path, clock)
    made.scanner.is_down = True
    return made


def test_send_scanner_away_is_accepted_and_waits_outside_the_mailbox(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.sending.send(command(author, reader.mandant.identifier))
    assert desk.find().state is MessageState.WAITING_FOR_DELIVERY
    assert desk.codes() == [ReportCode.ACCEPTED, ReportCode.SCAN_PENDING]
    for _ in range(3):
        desk.deliver_all()
        desk.clock.advance(hours=1)
    assert not desk.is_fetched(reader)
    assert desk.codes()[2:] == [ReportCode.DELIVERY_DELAYED]


def test_send_scanner_away_and_back_clean_message_reaches_the_mailbox(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.sending.send(command(author, reader.mandant.identifier))
    desk.sending.send(command(author, reader.mandant.identifier))
    desk.scanner.is_down = False
    desk.deliver_all()
    assert desk.codes() == [
        ReportCode.ACCEPTED,
        ReportCode.SCAN_PENDING,
        ReportCode.SCAN_PASSED,
        ReportCode.DELIVERED_ELECTRONICALLY,
    ]
    assert isinstance(desk.mailbox.fetch(reader, MailboxSelector()), FetchedMessage)


def test_send_scanner_away_for_days_holds_and_never_parks(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.sending.send(command(author, reader.mandant.identifier))
    for _ in range(10):
        desk.deliver_all()
        desk.clock.advance(days=1)
    assert desk.find().state is MessageState.WAITING_FOR_DELIVERY
    desk.scanner.is_down = False
    desk.deliver_all()
    assert desk.find().state is MessageState.DELIVERED


def test_send_scanner_away_and_back_infected_message_ends_and_is_never_delivered(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    sent = command(author, reader.mandant.identifier, b"gut", BAD)
    desk.sending.send(sent)
    desk.scanner.is_down = False
    desk.deliver_all()
    report = Reporting(desk.database, desk.clock).find_report(author, "urn:x:1")
    assert report.message.state is MessageState.INFECTED
    assert report.status is ReportStatus.RED
    assert report.entries[-1].code is ReportCode.INFECTED
    assert "Im Teil „Nr. 3“ wurde Testfund gefunden." in report.entries[-1].reason
    assert not desk.is_fetched(reader)
    with pytest.raises(AmtshilfeError) as caught:
        desk.sending.send(sent)
    assert caught.value.fault.code == "9060"


def test_send_scanner_away_malware_in_a_document_within_is_found_later(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    pdf = base64.b64encode(b"%PDF-1.4\n" + BAD).decode()
    antrag = read_sample("valid", "antrag-with-pdf.xml", PDF=pdf)
    head = {"payload_schema": "urn:beispiel:antrag:2"}
    desk.sending.send(command(author, reader.mandant.identifier, message=antrag, **head))
    desk.scanner.is_down = False
    desk.deliver_all()
    assert desk.find().state is MessageState.INFECTED


def test_send_scanner_fails_after_it_has_found_something_refuses_at_once(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.scanner.is_down = False
    desk.scanner.answers_left = 2
    with pytest.raises(AmtshilfeError) as caught:
        desk.sending.send(command(author, reader.mandant.identifier, BAD, b"gut"))
    assert caught.value.fault.code == "9060"


def test_send_scanner_away_other_violations_are_refused_at_once(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    with pytest.raises(AmtshilfeError) as caught:
        desk.sending.send(command(author, reader.mandant.identifier, message=b"<kaputt>"))
    assert caught.value.fault.code == "9050"


def test_send_scanner_away_is_refused_where_the_setting_says_so(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    with pytest.raises(AmtshilfeError) as caught:
        desk.make_sending(holds=False).send(command(author, reader.mandant.identifier))
    assert caught.value.fault.code == "9030"
    with desk.database.reading() as stores:
        assert stores.messages.count_by_state() == {}


def test_admit_scanner_away_refuses_what_cannot_wait(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    rules = make_rules(desk.database, desk.clock)
    admission = Admission(
        desk.database, INSPECTOR, desk.make_scanning(), rules, container_bytes=10_000
    )
    sent = command(author, reader.mandant.identifier)
    assert admission.admit(sent, may_wait=True).is_unscanned
    with pytest.raises(AmtshilfeError) as caught:
        admission.admit(sent)
    assert caught.value.fault.code == "9030"
    assert [found.fault.code for found in admission.find_violations(sent)] == ["9030"]


def test_send_scanner_away_letter_is_printed_after_the_scan(desk: Desk, author: Caller) -> None:
    desk.sending.send(command(author, COCHEM))
    desk.deliver_all()
    assert desk.find().state is MessageState.WAITING_FOR_DELIVERY
    desk.clock.advance(hours=1)
    desk.scanner.is_down = False
    desk.deliver_all()
    assert desk.find().state is MessageState.LETTER_READY


def test_send_scanner_away_not_before_holds_after_the_scan(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    due = desk.clock.now + timedelta(days=1)
    desk.sending.send(command(author, reader.mandant.identifier, not_before=due))
    desk.scanner.is_down = False
    desk.deliver_all()
    assert desk.codes()[-1] is ReportCode.SCAN_PASSED
    assert not desk.is_fetched(reader)
    desk.clock.advance(days=1)
    desk.deliver_all()
    assert desk.is_fetched(reader)


def test_cancel_while_the_scan_is_pending_ends_the_message(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    due = desk.clock.now + timedelta(days=1)
    desk.sending.send(command(author, reader.mandant.identifier, not_before=due))
    Cancelling(desk.database, desk.clock).cancel(author, "urn:x:1")
    desk.scanner.is_down = False
    desk.deliver_all()
    assert desk.find().state is MessageState.CANCELLED


def test_deliver_unscanned_message_is_scanned_whatever_its_order_says(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.sending.send(command(author, reader.mandant.identifier, BAD))
    mailbox = Destination(DestinationKind.MAILBOX, str(reader.mandant.identifier))
    with desk.database.writing() as stores:
        (order,) = stores.orders.lock_due(desk.clock.now, 9)
        stores.order_desk.redirect(order.key, mailbox)
    desk.deliver_all()
    assert not desk.is_fetched(reader)
    desk.clock.advance(hours=1)
    desk.scanner.is_down = False
    desk.deliver_all()
    assert desk.find().state is MessageState.INFECTED


def test_redirect_to_print_is_refused_while_the_scan_is_pending(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.sending.send(command(author, reader.mandant.identifier))
    control = DeliveryControl(desk.database, desk.blobs, INSPECTOR, desk.clock, actor="Eva Ahorn")
    with pytest.raises(Refused, match="Prüfung auf Schadsoftware"):
        control.redirect("urn:x:1")


def test_deliver_scanner_no_longer_configured_keeps_waiting(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.sending.send(command(author, reader.mandant.identifier))
    desk.make_delivery(is_configured=False).deliver_next()
    assert desk.find().state is MessageState.WAITING_FOR_DELIVERY
    with desk.database.reading() as stores:
        assert stores.orders.count_by_state() == {OrderState.DUE: 1}


def test_send_scanner_that_refuses_a_content_refuses_the_message(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.scanner.is_alive_at_least = True
    with pytest.raises(AmtshilfeError, match="zu groß"):
        desk.sending.send(command(author, reader.mandant.identifier))


def test_deliver_scanner_that_refuses_a_content_parks_the_message_and_holds_no_other(
    desk: Desk, author: Caller, reader: Caller
) -> None:
    desk.sending.send(command(author, reader.mandant.identifier))
    desk.scanner.is_alive_at_least = True
    desk.make_delivery().deliver_next()
    desk.clock.advance(hours=73)
    desk.make_delivery().deliver_next()
    assert desk.find().state is MessageState.PARKED
    with desk.database.reading() as stores:
        assert stores.destinations.list_all() == ()

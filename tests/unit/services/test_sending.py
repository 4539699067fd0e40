"""Sending: checks, routes, repeats. The directory is a stand-in here; integration has the real."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.content import InlineContent
from server.domain.destination import OrderQueue
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.print_settings import PrintSettings
from server.domain.stored_message import MessageHead, PartKind
from server.errors import AmtshilfeError
from server.printing.letter import LetterStyle
from server.printing.output import OutputPlugin
from server.services.admission import Admission
from server.services.codelisten import Codelisten
from server.services.directory import DirectoryUnavailable
from server.services.duplicates import Duplicates
from server.services.letters import Letters
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.peers import RequireAuthor
from server.services.print_settings import PrintChoices
from server.services.reader_places import ReaderPlaces
from server.services.routes import Routes
from server.services.scanning import Scanning
from server.services.send_command import IncomingPart, SendCommand
from server.services.sending import Door, Sending
from server.services.standard_massnahmen import read_standard_massnahmen
from server.services.tenancy import require_own_name
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.installation import read_sample
from tests.unit.conftest import FixedClock, make_rules

pytestmark = pytest.mark.both_databases

INSPECTOR = PayloadInspector(SchemaCatalogue(), XmlLimits())
COCHEM = PartyIdentifier("ags:cochem", "xoev")
ANSCHRIFT = Anschrift("Markt", "1", "56812", "Cochem")


class StandInDirectory:
    """Knows one authority, or is down."""

    def __init__(self) -> None:
        self.is_down = False
        self.kanal = Kanal.BRIEF
        self.doubts: list[tuple[str, str]] = []

    def report_doubt(self, identifier: PartyIdentifier, reason: str) -> None:
        if self.is_down:
            raise DirectoryUnavailable
        self.doubts.append((identifier.value, reason))

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        if self.is_down:
            raise DirectoryUnavailable
        known = identifier.is_same_party(COCHEM)
        return Behoerde(COCHEM, "Stadt Cochem", ANSCHRIFT, self.kanal) if known else None


@pytest.fixture
def directory() -> StandInDirectory:
    return StandInDirectory()


def make_sending(
    database: Database,
    blobs: FolderBlobs,
    directory: StandInDirectory,
    clock: FixedClock,
    *,
    scanning: Scanning | None = None,
    window: timedelta = timedelta(days=30),
    require_author: RequireAuthor = require_own_name,
) -> Sending:
    known: Any = directory
    rules = make_rules(database, clock)
    places = ReaderPlaces(database, known, clock)
    door = Door(
        Admission(
            database,
            INSPECTOR,
            scanning or Scanning(None),
            rules,
            container_bytes=10_000,
            require_author=require_author,
        ),
        Routes(database, known, INSPECTOR, clock, places=places),
        Duplicates(database, INSPECTOR, window),
    )
    return Sending(database, blobs, INSPECTOR, clock, door=door)


def make_letters(database: Database, clock: FixedClock, output: OutputPlugin | None) -> Letters:
    """Letters for this output; without one, none that could be handed over."""
    codelisten = Codelisten(database, clock, read_shipped_codelisten())
    kataloge = Massnahmenkataloge(database, read_standard_massnahmen())
    named = {output.name: output} if output else {}
    default = next(iter(named), "keine")
    choices = PrintChoices(database, PrintSettings(default), named)
    return Letters(INSPECTOR, choices, LetterStyle(), codelisten, kataloge)


@pytest.fixture
def sending(
    database: Database, blobs: FolderBlobs, directory: StandInDirectory, clock: FixedClock
) -> Sending:
    return make_sending(database, blobs, directory, clock)


def command(
    caller: Caller,
    reader: PartyIdentifier,
    *attachments: bytes,
    message_id: str = "urn:x:1",
    message: bytes = b"",
    **head: Any,
) -> SendCommand:
    values: dict[str, Any] = {
        "message_id": message_id,
        "author": caller.mandant.identifier,
        "reader": reader,
        "service": "urn:dienst",
        "business_scenario": "szenario",
        "message_type": "vollstreckungshilfeersuchen",
        "payload_schema": "urn:damtshilfe:amtshilfe:1",
        "metadata_xml": b"<m/>",
        **head,
    }
    content = message or read_sample("valid", "ersuchen.xml")
    parts = [
        IncomingPart(PartKind.MESSAGE, InlineContent(content), {"contentType": "application/xml"})
    ]
    parts += [IncomingPart(PartKind.ATTACHMENT, InlineContent(item), {}) for item in attachments]
    return SendCommand(caller, MessageHead(**values), tuple(parts))


def find_state(database: Database, message_id: str = "urn:x:1") -> MessageState | None:
    with database.reading() as stores:
        found = stores.messages.find(message_id)
    return found.state if found else None


def test_send_reader_with_mailbox_is_delivered_at_once(
    sending: Sending, database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    receipt = sending.send(command(author, reader.mandant.identifier))
    assert (receipt.message_id, receipt.accepted) == ("urn:x:1", clock.now)
    assert find_state(database) == MessageState.DELIVERED


def test_send_not_before_in_the_future_waits_for_its_time(
    sending: Sending, database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> None:
    due = clock.now + timedelta(hours=2)
    sending.send(command(author, reader.mandant.identifier, not_before=due))
    assert find_state(database) == MessageState.WAITING_FOR_DELIVERY
    with database.writing() as stores:
        assert stores.orders.lock_due(clock.now, 1, OrderQueue.HERE) == ()
        assert len(stores.orders.lock_due(due, 1, OrderQueue.HERE)) == 1


def test_send_reader_without_mailbox_becomes_a_letter(
    sending: Sending, database: Database, author: Caller
) -> None:
    sending.send(command(author, COCHEM))
    assert find_state(database) == MessageState.WAITING_FOR_DELIVERY
    with database.reading() as stores:
        message = stores.messages.find("urn:x:1")
        assert message is not None
        codes = [entry.code for entry in stores.messages.list_entries(message.key)]
    assert codes == ["angenommen", "brief-beauftragt"]


def test_send_directory_down_is_accepted_and_held(
    sending: Sending, database: Database, author: Caller, directory: StandInDirectory
) -> None:
    directory.is_down = True
    sending.send(command(author, COCHEM))
    assert find_state(database) == MessageState.WAITING_FOR_DELIVERY


def find_names(database: Database) -> tuple[str, str]:
    """What the one message calls its author and its reader."""
    with database.reading() as stores:
        message = stores.messages.find("urn:x:1")
    assert message is not None
    return message.head.author.name, message.head.reader.name


def test_send_without_names_is_kept_with_those_that_are_known(
    sending: Sending, database: Database, author: Caller, reader: Caller
) -> None:
    sending.send(command(author, reader.mandant.identifier))
    assert find_names(database) == ("potsdam", "jena")
    with database.reading() as stores:
        (partner,) = stores.vorgang_lists.list_partners(author.mandant.key)
    assert partner.name == "jena"


def test_send_letter_without_names_is_kept_with_that_of_the_directory(
    sending: Sending, database: Database, author: Caller
) -> None:
    sending.send(command(author, COCHEM))
    assert find_names(database) == ("potsdam", "Stadt Cochem")


def test_send_with_names_is_kept_with_them(
    sending: Sending, database: Database, author: Caller, reader: Caller
) -> None:
    named = replace(reader.mandant.identifier, name="Stadt Jena, Kasse")
    calling = replace(author.mandant.identifier, name="Potsdam, Team 4")
    sending.send(command(author, named, author=calling))
    assert find_names(database) == ("Potsdam, Team 4", "Stadt Jena, Kasse")


def test_send_without_names_to_somebody_unknown_while_the_directory_is_down_is_kept(
    sending: Sending, database: Database, author: Caller, directory: StandInDirectory
) -> None:
    directory.is_down = True
    sending.send(command(author, COCHEM))
    assert find_names(database) == ("potsdam", "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"message_id": "ohne-schema"}, "9021"),
        ({"message_id": "urn:x:mit leer"}, "9021"),
        ({"author": PartyIdentifier("ags:x", "xoev")}, "9014"),
        ({"author": PartyIdentifier("ags:potsdam", "anders")}, "9014"),
        ({"sender": PartyIdentifier("ags:x", "xoev")}, "9014"),
        ({"reader": PartyIdentifier("ags:niemand", "xoev")}, "9022"),
        ({"message": b"x" * 10_001, "payload_schema": "urn:f"}, "9023"),
        ({"message": b"<a/>"}, "9050"),
        ({"message": b"<!DOCTYPE a><a/>", "payload_schema": "urn:f"}, "9050"),
        ({"reader": COCHEM, "message": b"x", "payload_schema": "urn:f"}, "9052"),
    ],
)
def test_send_bad_command_gets_its_fault_and_stores_nothing(
    sending: Sending,
    database: Database,
    author: Caller,
    reader: Caller,
    changes: dict[str, Any],
    code: str,
) -> None:
    changed = {"reader": reader.mandant.identifier, **changes}
    target = changed.pop("reader")
    with pytest.raises(AmtshilfeError) as caught:
        sending.send(command(author, target, **changed))
    assert caught.value.fault.code == code
    with database.reading() as stores:
        assert stores.messages.count_by_state() == {}


def test_send_letter_with_attachment_that_is_no_pdf_gets_9052(
    sending: Sending, author: Caller
) -> None:
    with pytest.raises(AmtshilfeError) as caught:
        sending.send(command(author, COCHEM, b"no pdf"))
    assert caught.value.fault.code == "9052"
    assert "keine PDF-Datei" in caught.value.reason


def test_send_electronic_reader_of_another_data_centre_is_refused(
    sending: Sending, author: Caller, directory: StandInDirectory
) -> None:
    directory.kanal = Kanal.ELEKTRONISCH
    with pytest.raises(AmtshilfeError, match="kein Postfach"):
        sending.send(command(author, COCHEM))


def test_send_repeated_is_answered_as_before_even_when_the_directory_is_down(
    sending: Sending,
    database: Database,
    author: Caller,
    directory: StandInDirectory,
    clock: FixedClock,
) -> None:
    first = sending.send(command(author, COCHEM))
    directory.is_down = True
    clock.advance(hours=1)
    assert sending.send(command(author, COCHEM, origin=clock.now)) == first
    with database.reading() as stores:
        assert sum(stores.orders.count_by_state().values()) == 1


def test_send_same_id_with_other_attachment_gets_9024(
    sending: Sending, author: Caller, reader: Caller
) -> None:
    sending.send(command(author, reader.mandant.identifier, b"a"))
    with pytest.raises(AmtshilfeError) as caught:
        sending.send(command(author, reader.mandant.identifier, b"b"))
    assert caught.value.fault.code == "9024"


def test_send_id_of_another_author_gets_9024_whatever_the_content(
    sending: Sending, author: Caller, reader: Caller
) -> None:
    sending.send(command(author, reader.mandant.identifier))
    with pytest.raises(AmtshilfeError) as caught:
        sending.send(command(reader, author.mandant.identifier))
    assert caught.value.fault.code == "9024"


def test_send_from_many_threads_books_once(
    sending: Sending, database: Database, author: Caller, reader: Caller
) -> None:
    receipts: list[object] = []

    def send() -> None:
        receipts.append(sending.send(command(author, reader.mandant.identifier)))

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 12
    with database.reading() as stores:
        assert stores.messages.count_by_state() == {MessageState.DELIVERED: 1}

"""Mandanten on a real database: the life of an access, its history, its end by the calendar."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.mandant import Caller
from server.domain.mandant_access import AccessEvent, AccessState
from server.domain.message import MessageState
from server.domain.transport_report import ReportCode, ReportStatus
from server.errors import AmtshilfeError
from server.services.access_calendar import AccessCalendar, CalendarRules
from server.services.lookup import Lookup
from server.services.mandanten import Mandanten, MandantRefused, Registration, UnknownMandant
from server.services.reader_places import ReaderPlaces
from server.services.reporting import Reporting
from server.services.tenancy import Tenancy
from tests.support.delivering import make_delivery
from tests.unit.conftest import FixedClock
from tests.unit.services.test_delivery import UnreliableOutput
from tests.unit.services.test_sending import (
    StandInDirectory,
    command,
    make_letters,
    make_sending,
)

pytestmark = pytest.mark.both_databases

ERFURT = PartyIdentifier("ags:16051000", "xoev", "Stadt Erfurt")
KENNUNG = "xoev:ags:16051000"
JENA = "xoev:ags:jena"


@pytest.fixture
def mandanten(database: Database, clock: FixedClock) -> Mandanten:
    return Mandanten(database, clock, 30)


@pytest.fixture
def calendar(database: Database, clock: FixedClock) -> AccessCalendar:
    return AccessCalendar(database, clock, CalendarRules((10, 1), 14))


def register(mandanten: Mandanten, contact: str = "Eva Ahorn") -> None:
    mandanten.register(Registration(ERFURT, "Stadt Erfurt", contact))


def put_in_mailbox(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, reader: Caller
) -> str:
    sending = make_sending(database, blobs, StandInDirectory(), clock)
    return sending.send(command(author, reader.mandant.identifier)).message_id


def refused(database: Database, clock: FixedClock, caller: Caller) -> str:
    """Why the caller is not let in; empty where it is."""
    try:
        Tenancy(database, clock).identify(caller.certificate_fingerprint)
    except AmtshilfeError as error:
        assert error.fault.code == "9011"
        return error.reason
    return ""


def test_access_from_registration_to_its_end_is_kept_in_the_history(
    mandanten: Mandanten, clock: FixedClock, calendar: AccessCalendar
) -> None:
    register(mandanten)
    mandanten.change(KENNUNG, AccessEvent.CONFIRMED)
    mandanten.change_contact(KENNUNG, "Ole Birke")
    mandanten.change(KENNUNG, AccessEvent.ORDERED)
    mandanten.change(KENNUNG, AccessEvent.CANCELLED)
    clock.advance(days=8)
    assert mandanten.show(KENNUNG).state is AccessState.ENDED
    assert calendar.note_changes()
    assert not calendar.note_changes()
    view = mandanten.show(KENNUNG)
    assert [(entry.actor, entry.state.value) for entry in view.history] == [
        ("Betreiber", "angemeldet"),
        ("Betreiber", "testzugang"),
        ("Betreiber", "testzugang"),
        ("Betreiber", "bestellt"),
        ("Betreiber", "gekuendigt"),
        ("Kalender", "beendet"),
    ]
    assert view.history[1].last_day == date(2026, 12, 22)
    assert view.history[2].text == "Kontaktperson: Ole Birke (bisher: Eva Ahorn)"
    assert view.history[-1].last_day == date(2026, 11, 30)
    assert view.mandant.access.contact == "Ole Birke"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (AccessEvent.ORDERED, "noch nicht bestätigt"),
        (AccessEvent.CANCELLED, "noch nicht bestätigt"),
    ],
)
def test_change_that_cannot_come_is_refused_and_leaves_no_trace(
    mandanten: Mandanten, event: AccessEvent, words: str
) -> None:
    register(mandanten)
    with pytest.raises(MandantRefused, match=words):
        mandanten.change(KENNUNG, event)
    assert len(mandanten.show(KENNUNG).history) == 1


def test_register_who_is_known_is_refused_until_its_access_is_over(
    mandanten: Mandanten,
) -> None:
    register(mandanten)
    with pytest.raises(MandantRefused, match="noch nicht bestätigt"):
        register(mandanten)
    mandanten.change(KENNUNG, AccessEvent.DEACTIVATED)
    new = Registration(ERFURT, "Landeshauptstadt Erfurt", "Ole Birke", is_electronic=False)
    view = mandanten.register(new)
    assert (view.mandant.name, view.mandant.is_electronic) == ("Landeshauptstadt Erfurt", False)
    assert (view.state, view.mandant.access.contact) == (AccessState.REGISTERED, "Ole Birke")
    assert len(mandanten.list_all()) == 1


@pytest.mark.parametrize("contact", ["", "  ", "a\nb", "x" * 256])
def test_register_contact_that_is_none_is_refused(mandanten: Mandanten, contact: str) -> None:
    with pytest.raises(MandantRefused, match="Die Kontaktperson"):
        register(mandanten, contact)
    assert mandanten.list_all() == ()


def test_change_unknown_mandant_is_told(mandanten: Mandanten) -> None:
    with pytest.raises(UnknownMandant, match="xoev:niemand gibt es hier nicht"):
        mandanten.change("xoev:niemand", AccessEvent.CONFIRMED)


def test_identify_follows_the_day_and_not_the_worker(
    mandanten: Mandanten, database: Database, clock: FixedClock, reader: Caller
) -> None:
    assert refused(database, clock, reader) == ""
    mandanten.change(JENA, AccessEvent.CANCELLED)
    clock.advance(days=7)
    assert refused(database, clock, reader) == ""
    clock.advance(days=1)
    assert refused(database, clock, reader) == "Der Zugang von jena endete am 30.11.2026."


def test_identify_registered_mandant_is_let_in_when_it_is_confirmed(
    mandanten: Mandanten, database: Database, clock: FixedClock, reader: Caller
) -> None:
    mandanten.change(JENA, AccessEvent.DEACTIVATED)
    assert "deaktiviert" in refused(database, clock, reader)
    mandanten.register(Registration(reader.mandant.identifier, "Jena", "Eva Ahorn"))
    assert "noch nicht bestätigt" in refused(database, clock, reader)
    mandanten.change(JENA, AccessEvent.CONFIRMED)
    assert refused(database, clock, reader) == ""
    clock.advance(days=30)
    assert "Der Testzugang von Jena endete am 22.12.2026" in refused(database, clock, reader)


def test_reminders_come_once_each_and_only_while_testing(
    mandanten: Mandanten, clock: FixedClock, calendar: AccessCalendar
) -> None:
    register(mandanten)
    mandanten.change(KENNUNG, AccessEvent.CONFIRMED)
    for _ in range(35):
        while calendar.note_changes():
            pass
        clock.advance(days=1)
    texts = [entry.text for entry in mandanten.show(KENNUNG).history[2:]]
    assert texts == [
        "Der Testzugang endet in 10 Tagen, am 22.12.2026.",
        "Der Testzugang endet morgen, am 22.12.2026.",
        "Der Testzugang von Stadt Erfurt endete am 22.12.2026.",
    ]


def test_send_to_a_mandant_that_ended_is_refused_at_the_door(
    mandanten: Mandanten,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    author: Caller,
    reader: Caller,
) -> None:
    mandanten.change(JENA, AccessEvent.DEACTIVATED)
    with pytest.raises(AmtshilfeError, match="jena ist deaktiviert") as caught:
        put_in_mailbox(database, blobs, clock, author, reader)
    assert caught.value.fault.code == "9022"
    directory: Any = StandInDirectory()
    question = [(reader.mandant.identifier, "urn:dienst")]
    assert (
        not Lookup(directory, ReaderPlaces(database, directory, clock))
        .find(question)[0]
        .is_available
    )


def test_message_that_waited_for_delivery_goes_back_when_its_reader_ended(
    mandanten: Mandanten,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    author: Caller,
    reader: Caller,
    tmp_path: Path,
) -> None:
    sending = make_sending(database, blobs, StandInDirectory(), clock)
    early = command(author, reader.mandant.identifier, not_before=clock.now + timedelta(days=10))
    message_id = sending.send(early).message_id
    mandanten.change(JENA, AccessEvent.CANCELLED)
    clock.advance(days=11)
    directory: Any = StandInDirectory()
    letters = make_letters(database, clock, UnreliableOutput(tmp_path / "druck"))
    delivery = make_delivery(database, blobs, directory, letters, clock)
    assert delivery.deliver_due()
    assert not delivery.deliver_due()
    report = Reporting(database, clock).find_report(author, message_id)
    assert report.message.state is MessageState.RETURNED
    assert (report.status, report.entries[-1].code) == (ReportStatus.RED, ReportCode.RETURNED)
    assert "endete am 30.11.2026" in report.entries[-1].reason


def test_mailbox_of_an_ended_access_is_kept_for_a_while_and_then_given_back(
    mandanten: Mandanten,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    calendar: AccessCalendar,
    author: Caller,
    reader: Caller,
) -> None:
    message_id = put_in_mailbox(database, blobs, clock, author, reader)
    mandanten.change(JENA, AccessEvent.DEACTIVATED)
    clock.advance(days=14)
    assert not calendar.return_messages()
    clock.advance(days=1)
    assert calendar.return_messages()
    assert not calendar.return_messages()
    report = Reporting(database, clock).find_report(author, message_id)
    assert report.message.state is MessageState.RETURNED
    assert report.status is ReportStatus.RED


def test_mailbox_of_who_came_back_in_time_is_kept(
    mandanten: Mandanten,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    calendar: AccessCalendar,
    author: Caller,
    reader: Caller,
) -> None:
    message_id = put_in_mailbox(database, blobs, clock, author, reader)
    mandanten.change(JENA, AccessEvent.DEACTIVATED)
    clock.advance(days=10)
    mandanten.register(Registration(reader.mandant.identifier, "Jena", "Eva Ahorn"))
    clock.advance(days=10)
    assert not calendar.return_messages()
    with database.reading() as stores:
        message = stores.messages.find(message_id)
    assert message is not None
    assert message.state is MessageState.DELIVERED

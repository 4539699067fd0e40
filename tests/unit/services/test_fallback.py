"""Fallback: letters and returns by the rules of the author, exactly one way for each message."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.engine import begin_writing
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.content import BlobRef
from server.domain.destination import Destination, DestinationKind
from server.domain.fallback import FallbackAction, FallbackReason, FallbackRules
from server.domain.mailbox import MailboxSelector
from server.domain.mandant_access import AccessState, MandantAccess
from server.domain.message import MessageState
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode
from server.domain.vorgang import VorgangCriteria
from server.errors import AmtshilfeError
from server.printing.output import OutputSetup
from server.printing.outputs.folder import FolderOutput
from server.services.access_calendar import AccessCalendar, CalendarRules
from server.services.delivering.channel import (
    Channel,
    Fallback,
    Outcome,
    RefusedByReader,
    Ways,
)
from server.services.delivering.delivery import Delivery
from server.services.delivering.mailbox_channel import MailboxChannel
from server.services.delivering.plan import Worker
from server.services.delivering.resolver import DestinationResolver
from server.services.directory import DirectoryUnavailable
from server.services.fallback import Fallbacks
from server.services.mailbox import FetchedMessage, Mailbox, NothingWaiting
from server.services.unread import UnreadMessages
from server.services.vorgaenge import Vorgaenge
from tests.support.delivering import PLAN, PrintRoom, make_letter_channel
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.services.test_sending import (
    ANSCHRIFT,
    INSPECTOR,
    StandInDirectory,
    command,
    make_letters,
    make_sending,
)

LETTER = FallbackAction.LETTER
ELSEWHERE = PartyIdentifier("ags:woanders", "xoev")


class FullDirectory(StandInDirectory):
    """Knows every authority but one; all take part electronically."""

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        if self.is_down:
            raise DirectoryUnavailable
        if identifier.value == "ags:unbekannt":
            return None
        return Behoerde(identifier, "Stadt Jena", ANSCHRIFT, Kanal.ELEKTRONISCH)


class RefusingChannel:
    """A reader's server that takes nothing."""

    def deliver(self, order: Any, message: StoredMessage, destination: Destination) -> Outcome:
        raise RefusedByReader("Der Server des Lesers hat abgelehnt (9022).")


class Desk:
    """A server with a print output, one author with rules, one reader with a mailbox."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock) -> None:
        self.database, self.folder, self.clock = database, folder, clock
        self.blobs = FolderBlobs(folder / "inhalte")
        self.author = add_caller(database, "potsdam", clock)
        self.reader = add_caller(database, "jena", clock)
        self.directory = FullDirectory()
        known: Any = self.directory
        self.sending = make_sending(database, self.blobs, self.directory, clock)
        self.fallbacks = Fallbacks(database, self.blobs, known, INSPECTOR, clock)
        self.unread = UnreadMessages(database, self.fallbacks.find, clock)
        self.mailbox = Mailbox(
            database, self.blobs, clock, max_list_items=99, iterator_lifetime=timedelta(1)
        )
        self.calendar = AccessCalendar(
            database, clock, CalendarRules((10,), 14), self.fallbacks.find
        )
        self.output = FolderOutput(OutputSetup("folder", {"folder": str(folder / "druck")}))
        self.print_room = PrintRoom(database, self.blobs, [self.output], clock)
        self.delivery = self.make_delivery()

    def make_delivery(self, further: dict[DestinationKind, Channel] | None = None) -> Delivery:
        known: Any = self.directory
        letters = make_letters(self.database, self.clock, self.output)
        find = self.fallbacks.find
        channels: dict[DestinationKind, Channel] = {
            DestinationKind.MAILBOX: MailboxChannel(self.database, self.clock, fall_back=find),
            DestinationKind.LETTER: make_letter_channel(self.database, self.blobs, known, letters),
            **(further or {}),
        }
        resolver = DestinationResolver(self.database, known, self.clock)
        worker = Worker("worker", jitter=lambda: 1.0)
        ways = Ways(resolver, channels, find)
        return Delivery(self.database, known, self.clock, ways=ways, plan=PLAN, worker=worker)

    def rule(self, **rules: Any) -> None:
        with self.database.writing() as stores:
            stores.fallback_rules.save(self.author.mandant.key, FallbackRules(**rules))

    def send(self, message_id: str = "urn:x:1", *, message: bytes = b"", **head: Any) -> str:
        reader = head.pop("reader", self.reader.mandant.identifier)
        sent = command(self.author, reader, message_id=message_id, message=message, **head)
        return self.sending.send(sent).message_id

    def find(self, message_id: str = "urn:x:1") -> StoredMessage:
        with self.database.reading() as stores:
            message = stores.messages.find(message_id)
        assert message is not None
        return message

    def codes(self, message_id: str = "urn:x:1") -> list[ReportCode]:
        message = self.find(message_id)
        with self.database.reading() as stores:
            return [entry.code for entry in stores.messages.list_entries(message.key)]

    def last_reason(self, message_id: str = "urn:x:1") -> str:
        message = self.find(message_id)
        with self.database.reading() as stores:
            return stores.messages.list_entries(message.key)[-1].reason

    def end_access(self) -> None:
        yesterday = self.clock.now.date() - timedelta(days=1)
        with self.database.writing() as stores:
            access = MandantAccess(AccessState.ENDED, yesterday)
            stores.mandanten.set_access(self.reader.mandant.key, access)

    def count_letters(self) -> int:
        return len(list((self.folder / "druck").glob("*/*.pdf")))

    def deliver_all(self) -> None:
        while self.delivery.deliver_next():
            pass
        self.print_room.work_off()


@pytest.fixture
def desk(database: Database, tmp_path: Path, clock: FixedClock) -> Desk:
    return Desk(database, tmp_path, clock)


def test_order_letters_unread_for_the_days_of_the_rule_becomes_one_letter(desk: Desk) -> None:
    desk.rule(unread_days=14)
    desk.send()
    desk.clock.advance(days=14, seconds=-1)
    assert not desk.unread.order_letters()
    desk.clock.advance(seconds=1)
    assert desk.unread.order_letters()
    assert desk.find().state is MessageState.WAITING_FOR_DELIVERY
    assert isinstance(desk.mailbox.fetch(desk.reader, MailboxSelector()), NothingWaiting)
    assert not desk.unread.order_letters()
    desk.deliver_all()
    assert desk.find().state is MessageState.LETTER_HANDED_OVER
    assert desk.codes() == [
        ReportCode.ACCEPTED,
        ReportCode.DELIVERED_ELECTRONICALLY,
        ReportCode.FALLBACK_LETTER,
        ReportCode.LETTER_SET,
        ReportCode.LETTER_HANDED_OVER,
    ]
    assert desk.count_letters() == 1


def test_order_letters_is_told_to_author_and_reader_in_their_vorgaenge(desk: Desk) -> None:
    desk.rule(unread_days=1)
    desk.send()
    desk.clock.advance(days=1)
    desk.unread.order_letters()
    vorgaenge = Vorgaenge(desk.database, desk.clock, 14)
    for caller in (desk.author, desk.reader):
        (view,) = vorgaenge.find(caller, VorgangCriteria()).views
        assert view.entries[-1].event == "ersatzbrief"
        assert view.vorgang.state == "zugestellt"


def test_order_letters_without_a_rule_of_the_author_leaves_messages_alone(desk: Desk) -> None:
    desk.rule(refused=LETTER, no_endpoint=LETTER)
    with desk.database.writing() as stores:
        stores.fallback_rules.save(desk.reader.mandant.key, FallbackRules(unread_days=1))
    desk.send()
    desk.clock.advance(days=400)
    assert not desk.unread.order_letters()
    assert desk.find().state is MessageState.DELIVERED


def test_order_letters_fetched_or_test_message_stays(desk: Desk) -> None:
    desk.rule(unread_days=1)
    desk.send("urn:x:1")
    desk.send("urn:x:2", is_test=True)
    desk.mailbox.fetch(desk.reader, MailboxSelector(("urn:x:1",)))
    desk.clock.advance(days=30)
    assert not desk.unread.order_letters()
    assert desk.find("urn:x:1").state is MessageState.FETCHED
    assert desk.find("urn:x:2").state is MessageState.DELIVERED


def test_order_letters_unprintable_message_stays_and_is_noted_once(desk: Desk) -> None:
    desk.rule(unread_days=1)
    desk.send("urn:x:1", message=b"Text", payload_schema="urn:fremd")
    desk.send("urn:x:2")
    desk.clock.advance(days=2)
    for _ in range(3):
        desk.unread.order_letters()
        desk.clock.advance(minutes=2)
    assert desk.find("urn:x:1").state is MessageState.DELIVERED
    assert desk.codes("urn:x:1").count(ReportCode.FALLBACK_IMPOSSIBLE) == 1
    assert "Drucken lässt sich nur" in desk.last_reason("urn:x:1")
    assert desk.find("urn:x:2").state is MessageState.WAITING_FOR_DELIVERY
    assert isinstance(desk.mailbox.fetch(desk.reader, MailboxSelector()), FetchedMessage)


def test_order_letters_directory_away_waits_a_minute_and_goes_on(desk: Desk) -> None:
    desk.rule(unread_days=1)
    desk.send()
    desk.clock.advance(days=2)
    desk.directory.is_down = True
    assert not desk.unread.order_letters()
    desk.directory.is_down = False
    assert not desk.unread.order_letters()
    desk.clock.advance(minutes=1)
    assert desk.unread.order_letters()
    assert ReportCode.FALLBACK_IMPOSSIBLE not in desk.codes()


def test_order_letters_takes_a_hundred_at_once(desk: Desk) -> None:
    desk.rule(unread_days=1)
    desk.send()
    own = {"message_id_folded", "message_id", "key"}
    columns = [item["name"] for item in inspect(desk.database.engine).get_columns("message")]
    copied = ", ".join(name for name in columns if name not in own)
    copy = text(
        f"INSERT INTO message (message_id_folded, message_id, {copied}) "
        f"SELECT :id, :id, {copied} FROM message WHERE message_id = 'urn:x:1'"
    )
    with begin_writing(desk.database.engine) as connection:
        connection.execute(copy, [{"id": f"urn:x:{number}"} for number in range(2, 102)])
    desk.clock.advance(days=1)
    with desk.database.reading() as stores:
        before = desk.clock.now
        assert len(stores.fallback_rules.list_unread(desk.author.mandant.key, before, 999)) == 101
        assert len(stores.fallback_rules.list_unread(desk.author.mandant.key, before, 100)) == 100


def test_unread_messages_are_found_by_an_index(desk: Desk) -> None:
    if desk.database.engine.dialect.name != "sqlite":
        pytest.skip("the plan is asked for in the words of SQLite")
    query = (
        "EXPLAIN QUERY PLAN SELECT key FROM message WHERE author_mandant = 1 AND "
        "state = 'zugestellt' AND is_fallback_noted = 0 AND delivery <= '2026-01-01' "
        "AND is_test = 0 ORDER BY delivery LIMIT 100"
    )
    with desk.database.engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.execute(text(query)))
    assert "ix_message_unread" in plan
    assert "TEMP B-TREE" not in plan


def run_together(*works: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("round_number", range(5))
def test_order_letters_and_fetch_at_the_same_moment_end_with_one_of_both(
    desk: Desk, round_number: int
) -> None:
    desk.rule(unread_days=1)
    ids = [f"urn:x:{round_number}:{number}" for number in range(6)]
    for message_id in ids:
        desk.send(message_id)
    desk.clock.advance(days=1)
    start = threading.Barrier(3)
    fetched: list[str] = []

    def fetch() -> None:
        start.wait()
        for message_id in ids:
            try:
                found = desk.mailbox.fetch(desk.reader, MailboxSelector((message_id,)))
            except AmtshilfeError as error:
                assert error.fault.code == "9070"
                continue
            if isinstance(found, FetchedMessage):
                fetched.append(found.message.head.message_id)

    def order() -> None:
        start.wait()
        UnreadMessages(desk.database, desk.fallbacks.find, desk.clock).order_letters()

    run_together(fetch, order, order)
    desk.deliver_all()
    letters = [i for i in ids if desk.find(i).state is MessageState.LETTER_HANDED_OVER]
    assert sorted(letters + fetched) == sorted(ids)
    assert all(desk.find(i).state is MessageState.FETCHED for i in fetched)
    assert desk.count_letters() == len(letters)
    assert all(desk.codes(i).count(ReportCode.FALLBACK_LETTER) == 1 for i in letters)


def test_return_messages_letter_rule_makes_letters_of_what_nobody_fetched(desk: Desk) -> None:
    desk.rule(no_endpoint=LETTER)
    desk.send("urn:x:1")
    desk.send("urn:x:2")
    desk.send("urn:x:3", message=b"Text", payload_schema="urn:fremd")
    desk.mailbox.fetch(desk.reader, MailboxSelector(("urn:x:2",)))
    desk.end_access()
    desk.clock.advance(days=15)
    assert desk.calendar.return_messages()
    assert not desk.calendar.return_messages()
    assert desk.find("urn:x:1").state is MessageState.WAITING_FOR_DELIVERY
    assert "endete am" in desk.last_reason("urn:x:1")
    assert desk.find("urn:x:2").state is MessageState.RETURNED
    assert desk.find("urn:x:3").state is MessageState.RETURNED
    assert "Drucken lässt sich nur" in desk.last_reason("urn:x:3")


def test_return_messages_directory_away_keeps_them_in_the_mailbox(desk: Desk) -> None:
    desk.rule(no_endpoint=LETTER)
    desk.send()
    desk.end_access()
    desk.clock.advance(days=15)
    desk.directory.is_down = True
    assert not desk.calendar.return_messages()
    assert desk.find().state is MessageState.DELIVERED
    desk.directory.is_down = False
    desk.clock.advance(minutes=1)
    assert desk.calendar.return_messages()
    assert desk.find().state is MessageState.WAITING_FOR_DELIVERY


@pytest.mark.parametrize("rules", [{}, {"no_endpoint": FallbackAction.PARK}, {"unread_days": 99}])
def test_return_messages_without_letter_rule_go_back(desk: Desk, rules: dict[str, Any]) -> None:
    desk.rule(**rules)
    desk.send()
    desk.end_access()
    desk.clock.advance(days=15)
    assert desk.calendar.return_messages()
    assert desk.find().state is MessageState.RETURNED


def test_deliver_reader_whose_access_ended_meanwhile_gets_a_letter_by_the_rule(desk: Desk) -> None:
    desk.rule(no_endpoint=LETTER)
    desk.send(not_before=desk.clock.now + timedelta(days=1))
    desk.end_access()
    desk.clock.advance(days=1)
    desk.deliver_all()
    assert desk.find().state is MessageState.LETTER_HANDED_OVER
    assert desk.codes().count(ReportCode.FALLBACK_LETTER) == 1
    assert desk.count_letters() == 1


def test_send_to_reader_without_access_is_a_letter_by_the_rule_and_refused_without(
    desk: Desk,
) -> None:
    desk.end_access()
    with pytest.raises(AmtshilfeError) as caught:
        desk.send()
    assert caught.value.fault.code == "9022"
    desk.rule(no_endpoint=LETTER)
    desk.send()
    assert desk.codes() == [ReportCode.ACCEPTED, ReportCode.FALLBACK_LETTER]
    with pytest.raises(AmtshilfeError) as caught:
        desk.send("urn:x:2", is_test=True)
    assert caught.value.fault.code == "9022"
    desk.deliver_all()
    assert desk.find().state is MessageState.LETTER_HANDED_OVER
    assert desk.count_letters() == 1


def test_send_to_reader_without_mailbox_anywhere_is_a_letter_by_the_rule(desk: Desk) -> None:
    desk.rule(no_endpoint=LETTER)
    desk.send(reader=ELSEWHERE)
    desk.deliver_all()
    assert desk.find().state is MessageState.LETTER_HANDED_OVER
    with pytest.raises(AmtshilfeError, match="nicht bekannt"):
        desk.send("urn:x:2", reader=PartyIdentifier("ags:unbekannt", "xoev"))


def test_deliver_reader_without_mailbox_after_the_directory_was_away(desk: Desk) -> None:
    desk.directory.is_down = True
    for number in (1, 2):
        desk.send(f"urn:x:{number}", reader=ELSEWHERE, is_test=number == 2)
    desk.directory.is_down = False
    desk.rule(no_endpoint=LETTER)
    desk.deliver_all()
    assert desk.find("urn:x:1").state is MessageState.LETTER_HANDED_OVER
    assert desk.find("urn:x:2").state is MessageState.PARKED


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        ({}, MessageState.PARKED),
        ({"refused": FallbackAction.RETURN}, MessageState.RETURNED),
        ({"refused": LETTER}, MessageState.LETTER_HANDED_OVER),
        ({"no_endpoint": LETTER}, MessageState.PARKED),
    ],
)
def test_deliver_refused_goes_by_the_rule(
    desk: Desk, rules: dict[str, Any], state: MessageState
) -> None:
    desk.rule(**rules)
    desk.send(not_before=desk.clock.now + timedelta(days=1))
    desk.clock.advance(days=1)
    desk.delivery = desk.make_delivery({DestinationKind.MAILBOX: RefusingChannel()})
    desk.deliver_all()
    assert desk.find().state is state
    assert "abgelehnt (9022)" in desk.last_reason() or state is MessageState.LETTER_HANDED_OVER


def test_deliver_refused_and_unprintable_is_parked_with_both_causes(desk: Desk) -> None:
    desk.rule(refused=LETTER)
    due = desk.clock.now + timedelta(days=1)
    desk.send(message=b"Text", payload_schema="urn:fremd", not_before=due)
    desk.clock.advance(days=1)
    desk.delivery = desk.make_delivery({DestinationKind.MAILBOX: RefusingChannel()})
    desk.deliver_all()
    assert desk.find().state is MessageState.PARKED
    assert "abgelehnt (9022)" in desk.last_reason()
    assert "Drucken lässt sich nur" in desk.last_reason()


def test_find_content_missing_is_a_problem_of_this_message_alone(desk: Desk) -> None:
    desk.rule(unread_days=1)
    desk.send()
    message = desk.find()
    lost = replace(message, parts=(replace(message.parts[0], blob=BlobRef("0" * 64, 1, "0" * 64)),))
    found = desk.fallbacks.find(lost, FallbackReason.UNREAD, "")
    assert found.outcome is None
    assert "er fehlt in der Ablage" in found.problem
    assert desk.fallbacks.find(message, FallbackReason.REFUSED, "") == Fallback()

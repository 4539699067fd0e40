"""What an operator may do about deliveries, and what not."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.order_desk import OrderFilter
from persistence.stores.orders import AttemptEvent, OrderState
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.destination import LETTER, Destination, DestinationKind
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.services.delivering.delivery import Delivery
from server.services.delivery_control import DeliveryControl, DeliveryRefused
from server.services.reporting import Reporting
from tests.support.delivering import PrintRoom, make_delivery
from tests.unit.conftest import FixedClock
from tests.unit.services.test_delivery import (
    UnreliableLetters,
    UnreliableOutput,
    break_down,
    fail,
    list_letters,
)
from tests.unit.services.test_sending import (
    COCHEM,
    INSPECTOR,
    StandInDirectory,
    command,
    make_letters,
    make_sending,
)


class Desk:
    """A server with an operator."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock, author: Caller) -> None:
        self.database = database
        self.clock = clock
        self.author = author
        self.folder = folder / "druck"
        blobs = FolderBlobs(folder / "inhalte")
        self.directory = StandInDirectory()
        self.output = UnreliableOutput(self.folder)
        self.sending = make_sending(database, blobs, self.directory, clock)
        self.letters = UnreliableLetters(make_letters(database, clock, self.output))
        self.delivery: Delivery = make_delivery(
            database, blobs, self.directory, self.letters, clock
        )
        self.print_room = PrintRoom(database, blobs, [self.output], clock)
        self.control = DeliveryControl(database, blobs, INSPECTOR, clock, actor="Betreiber (eva)")

    def send(self, message_id: str, **head: Any) -> str:
        return self.sending.send(
            command(self.author, COCHEM, message_id=message_id, **head)
        ).message_id

    def deliver(self) -> None:
        while self.delivery.deliver_due():
            pass

    def print_all(self) -> None:
        self.deliver()
        self.print_room.work_off()

    def park(self, message_id: str) -> str:
        """A message whose reader has neither a mailbox here nor gets letters."""
        self.send(message_id)
        self.directory.kanal = Kanal.ELEKTRONISCH
        self.deliver()
        self.directory.kanal = Kanal.BRIEF
        assert self.find_state(message_id) is MessageState.PARKED
        return message_id

    def find_state(self, message_id: str) -> MessageState:
        with self.database.reading() as stores:
            message = stores.messages.find(message_id)
        assert message is not None
        return message.state

    def list_codes(self, message_id: str) -> list[str]:
        report = Reporting(self.database, self.clock).find_report(self.author, message_id)
        return [entry.code.value for entry in report.entries]

    def list_events(self, message_id: str) -> list[tuple[str, AttemptEvent]]:
        return [(a.actor, a.event) for a in self.control.show(message_id).attempts]


@pytest.fixture
def desk(database: Database, clock: FixedClock, author: Caller, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path, clock, author)


def test_retry_parked_message_is_delivered_and_the_author_hears_of_it(desk: Desk) -> None:
    message_id = desk.park("urn:x:1")
    for _ in range(2):
        desk.control.retry(message_id)
    assert desk.find_state(message_id) is MessageState.WAITING_FOR_DELIVERY
    desk.print_all()
    assert desk.list_codes(message_id) == [
        "angenommen",
        "brief-beauftragt",
        "zustellung-angehalten",
        "zustellung-fortgesetzt",
        "brief-gesetzt",
        "brief-ausgegeben",
    ]
    assert desk.list_events(message_id) == [
        ("worker", AttemptEvent.PARKED),
        ("Betreiber (eva)", AttemptEvent.RESUMED),
        ("worker", AttemptEvent.DELIVERED),
    ]


def test_retry_parked_for_its_age_counts_anew(desk: Desk) -> None:
    message_id = desk.send("urn:x:1")
    desk.letters.before = break_down
    desk.clock.advance(hours=73)
    desk.deliver()
    assert desk.find_state(message_id) is MessageState.PARKED
    desk.control.retry(message_id)
    desk.deliver()
    assert desk.find_state(message_id) is MessageState.WAITING_FOR_DELIVERY
    desk.clock.advance(hours=73)
    desk.deliver()
    assert desk.find_state(message_id) is MessageState.PARKED


def test_retry_postponed_message_comes_at_once(desk: Desk) -> None:
    message_id = desk.send("urn:x:1")
    desk.letters.before = break_down
    desk.deliver()
    desk.letters.before = None
    assert not desk.delivery.deliver_due()
    desk.control.retry(message_id)
    assert desk.delivery.deliver_due()
    assert desk.find_state(message_id) is MessageState.LETTER_READY
    assert "zustellung-fortgesetzt" not in desk.list_codes(message_id)


def test_retry_message_held_for_its_destination_tries_it_at_once(desk: Desk) -> None:
    message_ids = [desk.send(f"urn:x:{number}") for number in range(6)]
    desk.letters.before = fail
    desk.deliver()
    assert [busy.waiting for busy in desk.control.list_destinations()] == [6]
    desk.letters.before = None
    assert not desk.delivery.deliver_due()
    assert desk.control.retry(message_ids[3]).endswith("wird sofort wieder zugestellt.")
    desk.deliver()
    assert {desk.find_state(found) for found in message_ids} == {MessageState.LETTER_READY}
    assert desk.control.list_destinations() == ()


def set_letter(desk: Desk) -> str:
    message_id = desk.send("urn:x:1")
    desk.deliver()
    return message_id


def print_all(desk: Desk) -> str:
    message_id = desk.send("urn:x:1")
    desk.print_all()
    return message_id


def send_early(desk: Desk) -> str:
    return desk.send("urn:x:1", not_before=desk.clock.now + timedelta(days=3))


def give_back(desk: Desk) -> str:
    message_id = desk.park("urn:x:1")
    desk.control.cancel(message_id, "Falsch adressiert.")
    return message_id


def name_unknown(_desk: Desk) -> str:
    return "urn:x:unbekannt"


RETRY = pytest.param(lambda desk, found: desk.control.retry(found), id="retry")
REDIRECT = pytest.param(lambda desk, found: desk.control.redirect(found), id="redirect")
CANCEL = pytest.param(lambda desk, found: desk.control.cancel(found, "Grund"), id="cancel")
Act = Callable[[Desk, str], str]


@pytest.mark.parametrize("act", [RETRY, REDIRECT, CANCEL])
@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (set_letter, "brief-bereit"),
        (print_all, "als-brief-ausgegeben"),
        (name_unknown, "gibt es nicht"),
    ],
)
def test_act_on_what_is_at_its_end_is_refused(
    desk: Desk, act: Act, prepare: Callable[[Desk], str], reason: str
) -> None:
    message_id = prepare(desk)
    with pytest.raises(DeliveryRefused, match=reason):
        act(desk, message_id)


@pytest.mark.parametrize("act", [RETRY, REDIRECT])
def test_act_on_what_was_given_back_is_refused(desk: Desk, act: Act) -> None:
    with pytest.raises(DeliveryRefused, match="zurueckgegeben"):
        act(desk, give_back(desk))


def test_retry_before_its_time_is_refused(desk: Desk) -> None:
    with pytest.raises(DeliveryRefused, match=r"NotBefore auf 26\.11\.2026"):
        desk.control.retry(send_early(desk))


def test_cancel_what_is_being_delivered_is_refused(desk: Desk) -> None:
    message_id = desk.send("urn:x:1")
    refusals = []

    def cancel_meanwhile() -> None:
        with pytest.raises(DeliveryRefused, match="wird gerade zugestellt") as caught:
            desk.control.cancel(message_id, "Grund")
        refusals.append(caught.value)

    desk.letters.before = cancel_meanwhile
    desk.deliver()
    assert len(refusals) == 1
    assert desk.find_state(message_id) is MessageState.LETTER_READY


def test_redirect_electronic_message_is_printed_once(desk: Desk) -> None:
    message_id = desk.park("urn:x:1")
    desk.directory.kanal = Kanal.ELEKTRONISCH
    for _ in range(2):
        desk.control.redirect(message_id)
    desk.print_all()
    assert desk.find_state(message_id) is MessageState.LETTER_HANDED_OVER
    assert desk.list_codes(message_id)[-2:] == ["brief-gesetzt", "brief-ausgegeben"]
    assert len(list_letters(desk.folder)) == 1


def test_redirect_message_that_waits_for_a_mailbox_is_printed_instead(
    desk: Desk, reader: Caller
) -> None:
    message_id = desk.sending.send(
        command(desk.author, reader.mandant.identifier, not_before=desk.clock.now + timedelta(1))
    ).message_id
    assert desk.control.redirect(message_id).endswith("geht jetzt als Brief.")
    (order,) = desk.control.show(message_id).orders
    assert (order.destination, order.is_redirected) == (LETTER, True)
    assert order.due == desk.clock.now + timedelta(1)


def test_redirect_message_that_cannot_be_printed_is_refused(desk: Desk, reader: Caller) -> None:
    message_id = desk.sending.send(
        command(
            desk.author,
            reader.mandant.identifier,
            b"kein PDF",
            not_before=desk.clock.now + timedelta(1),
        )
    ).message_id
    with pytest.raises(DeliveryRefused, match="Anlage"):
        desk.control.redirect(message_id)
    assert [order.is_redirected for order in desk.control.show(message_id).orders] == [False]


def test_redirect_letter_that_is_on_its_way_changes_nothing(desk: Desk) -> None:
    message_id = desk.send("urn:x:1")
    assert desk.control.redirect(message_id).endswith("geht bereits als Brief.")
    assert desk.list_codes(message_id) == ["angenommen", "brief-beauftragt"]


def test_cancel_gives_the_message_back_with_the_reason(desk: Desk) -> None:
    message_id = desk.park("urn:x:1")
    for _ in range(2):
        desk.control.cancel(message_id, "Falsch adressiert.")
    assert desk.find_state(message_id) is MessageState.RETURNED
    report = Reporting(desk.database, desk.clock).find_report(desk.author, message_id)
    assert [entry.code.value for entry in report.entries].count("zurueckgegeben") == 1
    assert report.entries[-1].reason.endswith(
        "Der Betreiber hat die Zustellung abgebrochen. Falsch adressiert."
    )
    desk.print_all()
    assert list_letters(desk.folder) == []


def test_retry_all_resumes_what_is_parked_and_nothing_else(desk: Desk) -> None:
    message_ids = [desk.park(f"urn:x:{number}") for number in range(3)]
    desk.send("urn:x:waiting")
    assert list(desk.control.retry_all()) == [3]
    assert {desk.find_state(found) for found in message_ids} == {MessageState.WAITING_FOR_DELIVERY}
    assert list(desk.control.retry_all()) == []


def test_retry_all_of_a_destination_leaves_others_alone(desk: Desk) -> None:
    message_id = desk.park("urn:x:1")
    other = Destination(DestinationKind.DATA_CENTRE, "nord")
    assert list(desk.control.retry_all(other)) == []
    assert desk.find_state(message_id) is MessageState.PARKED
    assert list(desk.control.retry_all(LETTER)) == [1]


def test_retry_all_of_a_destination_takes_what_was_postponed_but_nothing_before_its_time(
    desk: Desk,
) -> None:
    desk.send("urn:x:1")
    desk.letters.before = break_down
    desk.deliver()
    desk.letters.before = None
    desk.send("urn:x:2", not_before=desk.clock.now + timedelta(hours=1))
    desk.send("urn:x:3")
    assert list(desk.control.retry_all()) == []
    assert desk.control.count_resumable(LETTER) == 1
    assert list(desk.control.retry_all(LETTER)) == [1]
    assert list(desk.control.retry_all(LETTER)) == []
    desk.print_all()
    assert [desk.find_state(f"urn:x:{number}") for number in (1, 2, 3)] == [
        MessageState.LETTER_HANDED_OVER,
        MessageState.WAITING_FOR_DELIVERY,
        MessageState.LETTER_HANDED_OVER,
    ]


def test_list_orders_by_state_destination_and_mandant(desk: Desk) -> None:
    desk.park("urn:x:1")
    desk.send("urn:x:2")

    def list_ids(**chosen: object) -> list[str]:
        found, total = desk.control.list_orders(OrderFilter(**chosen), 10)  # type: ignore[arg-type]
        assert total == len(found)
        return [order.message_id for order in found]

    assert list_ids() == ["urn:x:1", "urn:x:2"]
    assert list_ids(states=(OrderState.PARKED,)) == ["urn:x:1"]
    assert list_ids(destination=LETTER) == ["urn:x:1", "urn:x:2"]
    assert list_ids(destination=Destination(DestinationKind.LETTER, "andere")) == []
    assert list_ids(mandant=COCHEM) == ["urn:x:1", "urn:x:2"]
    assert list_ids(mandant=PartyIdentifier("ags:jena", "xoev")) == []


@pytest.mark.both_databases
def test_waiting_orders_of_a_mandant_are_read_by_either_side_page_by_page(desk: Desk) -> None:
    for number in range(3):
        desk.park(f"urn:x:{number}")
    author = desk.author.mandant.identifier

    def read(mandant: PartyIdentifier, state: OrderState = OrderState.PARKED) -> list[list[str]]:
        chosen, pages, after = OrderFilter((state,), mandant=mandant), [], 0
        with desk.database.reading() as stores:
            while found := stores.order_desk.list_orders(chosen, 2, after):
                pages.append([order.message_id for order in found])
                after = found[-1].key
        return pages

    assert read(COCHEM) == read(author) == [["urn:x:0", "urn:x:1"], ["urn:x:2"]]
    assert read(PartyIdentifier(author.value, "anders")) == []
    assert read(COCHEM, OrderState.HELD) == []

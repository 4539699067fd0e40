"""Vorgänge as services make them: what each event of a message leaves on both sides."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import Caller
from server.domain.message import ImpossibleTransition, MessageEvent, MessageState
from server.domain.stored_message import PartKind
from server.domain.vorgang import VorgangCriteria
from server.domain.vorgang_decision import TRANSPORT_MOVES
from server.domain.vorgang_facts import ProcessRef, VorgangEvent, VorgangFacts
from server.services.cancelling import Cancelling
from server.services.expiry import Expiry
from server.services.following import IGNORED_EVENTS, SENDING_EVENTS, TRANSPORT_EVENTS
from server.services.mailbox import FetchedMessage, Mailbox
from server.services.message_events import (
    lock_messages,
    record_event,
    record_event_of_letters,
)
from server.services.send_command import SendCommand
from server.services.vorgaenge import Vorgaenge, VorgangView
from tests.support.delivering import make_delivery
from tests.support.installation import read_sample
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.services.test_sending import (
    COCHEM,
    StandInDirectory,
    command,
    make_letters,
    make_sending,
)

pytestmark = pytest.mark.both_databases

ALL = VorgangCriteria()
Line = tuple[str, str, str, bool]


class Scene:
    """Potsdam asks Jena; the services are real, the clock stands still."""

    def __init__(
        self,
        database: Database,
        blobs: FolderBlobs,
        clock: FixedClock,
        sides: tuple[Caller, Caller],
    ) -> None:
        self.directory = StandInDirectory()
        known: Any = self.directory
        self.clock, self.database = clock, database
        self.potsdam, self.jena = sides
        self.sending = make_sending(database, blobs, self.directory, clock)
        self.mailbox = Mailbox(
            database, blobs, clock, max_list_items=9, iterator_lifetime=timedelta(hours=1)
        )
        self.cancelling = Cancelling(database, clock)
        self.expiry = Expiry(database, clock)
        self.vorgaenge = Vorgaenge(database, clock, 14)
        letters = make_letters(database, clock, None)
        self.delivery = make_delivery(database, blobs, known, letters, clock)

    def write(
        self,
        author: Caller,
        sample: str,
        message_id: str,
        *changes: tuple[bytes, bytes],
        reader: PartyIdentifier | None = None,
        **head: Any,
    ) -> SendCommand:
        other = self.jena if author is self.potsdam else self.potsdam
        content = read_sample("valid", f"{sample}.xml")
        for old, new in ((b"urn:de:xta:messageid:beispiel:1", b"urn:x:1"), *changes):
            content = content.replace(old, new)
        target = reader or other.mandant.identifier
        return command(author, target, message_id=message_id, message=content, **head)

    def send(self, *arguments: Any, **head: Any) -> None:
        self.sending.send(self.write(*arguments, **head))

    def close(self, reader: Caller, message_id: str) -> None:
        fetched = self.mailbox.fetch(reader, MailboxSelector((message_id,)))
        assert isinstance(fetched, FetchedMessage)
        for _ in range(2):
            self.mailbox.confirm(reader, message_id)

    def find(self, caller: Caller, criteria: VorgangCriteria = ALL) -> tuple[VorgangView, ...]:
        return self.vorgaenge.find(caller, criteria).views

    def tell(self, caller: Caller) -> list[Line]:
        """The history of the only Vorgang."""
        (view,) = self.find(caller)
        return tell(view)


def tell(view: VorgangView) -> list[Line]:
    return [(e.direction.value, e.event.value, e.state.value, e.fits) for e in view.entries]


@pytest.fixture
def scene(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, reader: Caller
) -> Scene:
    return Scene(database, blobs, clock, (author, reader))


SENT: Line = ("ausgang", "ersuchen", "gesendet", True)
DELIVERED: Line = ("system", "zugestellt", "zugestellt", True)
ARRIVED: Line = ("eingang", "ersuchen", "zugestellt", True)
RECEIVED: Line = ("system", "empfangen", "empfangen", True)


def test_follow_knows_every_event_of_a_message() -> None:
    assert SENDING_EVENTS | TRANSPORT_EVENTS.keys() | IGNORED_EVENTS == set(MessageEvent)
    assert not IGNORED_EVENTS & (SENDING_EVENTS | TRANSPORT_EVENTS.keys())
    assert set(TRANSPORT_EVENTS.values()) == TRANSPORT_MOVES.keys()


def test_follow_repeated_send_and_close_are_entered_once(scene: Scene) -> None:
    for _ in range(2):
        scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.close(scene.jena, "urn:x:1")
    assert scene.tell(scene.potsdam) == [SENT, DELIVERED, RECEIVED]
    assert scene.tell(scene.jena) == [ARRIVED, RECEIVED]


def test_follow_reader_learns_of_the_message_when_the_worker_delivers_it(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", not_before=scene.clock.now + timedelta(days=3))
    assert (scene.tell(scene.potsdam), scene.find(scene.jena)) == ([SENT], ())
    scene.clock.advance(days=3)
    assert scene.delivery.deliver_due()
    assert scene.tell(scene.potsdam) == [SENT, DELIVERED]
    assert scene.tell(scene.jena) == [ARRIVED]
    due = scene.clock.now.date() + timedelta(days=14)
    assert [view.due for view in scene.find(scene.potsdam)] == [due]


def test_follow_ersuchen_taken_back_is_known_to_its_author_only(scene: Scene) -> None:
    later = scene.clock.now + timedelta(days=3)
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", not_before=later)
    for _ in range(2):
        scene.cancelling.cancel(scene.potsdam, "urn:x:1")
    assert scene.tell(scene.potsdam) == [
        SENT,
        ("system", "zurueckgezogen", "zurueckgenommen", True),
    ]
    assert scene.find(scene.jena) == ()


def test_follow_later_message_taken_back_has_changed_nothing(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    later = scene.clock.now + timedelta(days=3)
    scene.send(scene.potsdam, "ruecknahme", "urn:x:2", not_before=later)
    assert scene.find(scene.potsdam)[0].vorgang.state == "zurueckgenommen"
    scene.cancelling.cancel(scene.potsdam, "urn:x:2")
    assert scene.find(scene.potsdam)[0].vorgang.state == "zugestellt"
    assert scene.tell(scene.jena) == [ARRIVED]


def test_follow_ersuchen_expired_makes_room_for_the_next(scene: Scene) -> None:
    day = scene.clock.now.date()
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", obsolete_after=day)
    scene.clock.advance(days=2)
    assert scene.expiry.end_obsolete() == 1
    expired = ("system", "verfallen", "angelegt", True)
    assert scene.tell(scene.potsdam) == [SENT, DELIVERED, expired]
    assert scene.tell(scene.jena) == [ARRIVED, expired]
    scene.send(scene.potsdam, "ersuchen", "urn:x:2")
    assert len(scene.find(scene.potsdam)) == 1


def test_follow_second_ersuchen_is_entered_in_the_running_vorgang_and_marked(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.send(scene.potsdam, "ersuchen", "urn:x:2")
    scene.close(scene.jena, "urn:x:2")
    assert scene.tell(scene.potsdam) == [
        SENT,
        DELIVERED,
        ("ausgang", "ersuchen", "zugestellt", False),
    ]
    assert scene.tell(scene.jena) == [ARRIVED, ("eingang", "ersuchen", "zugestellt", False)]
    hint = scene.find(scene.jena)[0].entries[1].hint
    assert hint == (
        "Zu diesem Vorgang gibt es bereits ein Ersuchen. Denselben Inhalt zu demselben "
        "Aktenzeichen enthält die Nachricht urn:x:1 vom 23.11.2026."
    )


@pytest.mark.parametrize("ending", ["zurueckweisung", "abgabe"])
def test_follow_ersuchen_after_the_end_opens_another_vorgang(scene: Scene, ending: str) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.send(scene.jena, ending, "urn:x:2")
    scene.clock.advance(hours=1)
    scene.send(scene.potsdam, "ersuchen", "urn:x:3")
    for caller in (scene.potsdam, scene.jena):
        newest, oldest = scene.find(caller)
        assert (newest.vorgang.state, len(oldest.entries)) == (
            "zugestellt",
            3 if caller is scene.potsdam else 2,
        )
    # The Aktenzeichen stand for the one that runs, the MessageID for the one it names.
    scene.send(scene.jena, "eingangsbestaetigung", "urn:x:4", (b"urn:x:1", b"urn:x:unbekannt"))
    assert scene.find(scene.jena)[0].vorgang.state == "empfangen"
    scene.clock.advance(hours=1)
    scene.send(scene.jena, "sachstand", "urn:x:5")
    assert tell(scene.find(scene.jena)[0])[-1][1:] == (
        "sachstand",
        {"zurueckweisung": "zurueckgewiesen", "abgabe": "abgegeben"}[ending],
        False,
    )


def test_follow_ersuchen_in_return_is_a_matter_of_its_own(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.clock.advance(hours=1)
    scene.send(
        scene.jena, "ersuchen", "urn:x:2", in_reply_to=("urn:x:1",), process=ProcessRef("p", "")
    )
    assert [view.vorgang.rolle for view in scene.find(scene.potsdam)] == [
        "ersuchter",
        "ersuchender",
    ]
    assert [view.vorgang.rolle for view in scene.find(scene.jena)] == ["ersuchender", "ersuchter"]


def test_follow_message_without_vorgang_opens_a_marked_one(scene: Scene) -> None:
    scene.send(scene.jena, "rueckfrage", "urn:x:5")
    for caller, rolle, direction in (
        (scene.jena, "ersuchter", "ausgang"),
        (scene.potsdam, "ersuchender", "eingang"),
    ):
        (view,) = scene.find(caller)
        assert (view.vorgang.rolle, view.vorgang.state, view.due) == (rolle, "angelegt", None)
        assert tell(view) == [(direction, "rueckfrage", "angelegt", False)]
        assert view.entries[0].hint == "Zu dieser Nachricht gibt es keinen Vorgang."
    scene.send(scene.potsdam, "antwort", "urn:x:6", (b"urn:x:1", b"urn:x:5"))
    (view,) = scene.find(scene.potsdam)
    assert view.entries[1].hint == "Zu diesem Vorgang liegt kein Ersuchen vor."


def test_follow_ersuchen_that_comes_after_its_answer_settles_the_roles(scene: Scene) -> None:
    scene.send(scene.potsdam, "zahlungsmitteilung", "urn:x:5", (b"J 4711/26", b"VS-2026-0815"))
    assert scene.find(scene.potsdam)[0].vorgang.rolle == "ersuchter"
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    (view,) = scene.find(scene.potsdam)
    assert (view.vorgang.rolle, view.vorgang.state) == ("ersuchender", "zugestellt")


def test_follow_encrypted_answer_belongs_to_the_vorgang_and_ends_the_waiting(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    for message_id, related in (
        ("urn:x:2", ("URN:X:1",)),
        ("urn:x:3", ()),
        ("urn:x:4", ("urn:y",)),
    ):
        written = scene.write(scene.jena, "antwort", message_id, in_reply_to=related)
        sealed = replace(written.parts[0], kind=PartKind.ENCRYPTED)
        scene.sending.send(replace(written, parts=(sealed,)))
    assert scene.tell(scene.potsdam)[2:] == [("eingang", "sonstige", "zugestellt", True)]
    assert scene.tell(scene.jena)[1:] == [("ausgang", "sonstige", "zugestellt", True)]
    assert [view.due for view in scene.find(scene.potsdam)] == [None]


def test_follow_process_reference_goes_before_message_and_aktenzeichen(scene: Scene) -> None:
    first, second = ProcessRef("prozess-1", ""), ProcessRef("prozess-2", "")
    other = (b"VS-2026-0815", b"VS-2026-0816")
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", process=first)
    scene.send(scene.potsdam, "ersuchen", "urn:x:2", other, process=second)
    scene.clock.advance(hours=1)
    scene.send(scene.jena, "sachstand", "urn:x:3", process=second)
    for caller in (scene.potsdam, scene.jena):
        newest, oldest = scene.find(caller)
        assert tell(newest)[-1][1] == "sachstand"
        assert newest.vorgang.process == second
        assert tell(oldest)[-1][1] != "sachstand"


def test_follow_third_party_can_change_nothing_by_naming_a_message(
    scene: Scene, database: Database, clock: FixedClock
) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    stranger = add_caller(database, "weimar", clock)
    potsdam = scene.potsdam.mandant.identifier
    scene.send(stranger, "erledigung", "urn:x:9", reader=potsdam)
    (view,) = scene.find(scene.potsdam)
    assert tell(view)[-1] == ("eingang", "erledigung", "zugestellt", False)
    assert view.entries[-1].hint == "Der Vorgang wird mit einer anderen Behörde geführt."
    assert view.due is not None
    # The stranger has a matter of its own and sees nothing of the other.
    assert scene.tell(stranger) == [("ausgang", "erledigung", "angelegt", False)]
    # Without the MessageID the Aktenzeichen alone leads a stranger nowhere.
    scene.send(stranger, "erledigung", "urn:x:10", (b"urn:x:1", b"urn:x:0"), reader=potsdam)
    assert len(scene.find(scene.potsdam)) == 2


def test_follow_abgabe_the_other_behoerde_goes_on(
    scene: Scene, database: Database, clock: FixedClock
) -> None:
    weimar = add_caller(database, "weimar", clock)
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.send(scene.jena, "abgabe", "urn:x:2", (b"ags:16071000", b"ags:weimar"))
    potsdam = scene.potsdam.mandant.identifier
    scene.send(weimar, "sachstand", "urn:x:3", (b"J 4711/26", b"W 1"), reader=potsdam)
    (view,) = scene.find(scene.potsdam)
    assert tell(view)[-2:] == [
        ("eingang", "abgabe", "abgegeben", True),
        ("eingang", "sachstand", "in-bearbeitung", True),
    ]
    assert view.vorgang.partner.is_same_party(weimar.mandant.identifier)
    assert view.vorgang.partner_aktenzeichen == "W 1"
    assert scene.find(scene.jena)[0].vorgang.state == "abgegeben"


def test_follow_test_messages_have_a_vorgang_of_their_own(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.clock.advance(hours=1)
    scene.send(scene.jena, "erledigung", "urn:x:2", is_test=True)
    for caller in (scene.potsdam, scene.jena):
        tested, real = scene.find(caller)
        assert (tested.vorgang.is_test, real.vorgang.is_test) == (True, False)
        assert real.vorgang.state == "zugestellt"
        assert tested.entries[0].text.startswith("Testnachricht: ")


def test_follow_message_to_oneself_has_one_side(scene: Scene) -> None:
    own = scene.potsdam.mandant.identifier
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", reader=own)
    scene.close(scene.potsdam, "urn:x:1")
    assert scene.tell(scene.potsdam) == [SENT, DELIVERED, RECEIVED]


@pytest.mark.parametrize("is_together", [True, False])
def test_follow_letters_of_a_batch_are_told_together_as_each_alone(
    scene: Scene, is_together: bool
) -> None:
    scene.directory.kanal = Kanal.BRIEF
    other = (b"urn:x:1", b"urn:x:3"), (b"VS-2026-0815", b"VS-2026-0816")
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", reader=COCHEM)
    scene.send(scene.potsdam, "ersuchen", "urn:x:2", (b"urn:x:1", b"urn:x:2"), reader=COCHEM)
    scene.send(scene.potsdam, "ersuchen", "urn:x:3", *other, reader=COCHEM)
    assert scene.delivery.deliver_due()
    scene.cancelling.cancel(scene.potsdam, "urn:x:2")
    assert hand_over(scene, is_together=is_together) == ["urn:x:2"]
    handed_over: Line = ("system", "brief-ausgegeben", "zugestellt", True)
    repeated: list[Line] = [
        ("ausgang", "ersuchen", "gesendet", False),
        ("system", "zurueckgezogen", "gesendet", True),
    ]
    histories = {view.vorgang.own_aktenzeichen: tell(view) for view in scene.find(scene.potsdam)}
    assert histories == {
        "VS-2026-0815": [SENT, *repeated, handed_over],
        "VS-2026-0816": [SENT, handed_over],
    }
    with scene.database.reading() as stores:
        found = [stores.messages.find(f"urn:x:{number}") for number in (1, 2, 3)]
        last = [stores.messages.list_entries(message.key)[-1] for message in found if message]
    assert [message.state for message in found if message] == [
        MessageState.LETTER_HANDED_OVER,
        MessageState.CANCELLED,
        MessageState.LETTER_HANDED_OVER,
    ]
    assert ["Brief" in entry.reason for entry in last] == [True, False, True]


def hand_over(scene: Scene, *, is_together: bool) -> list[str]:
    """Tells the messages that their letters are handed over; those for which it was impossible."""
    event, moment = MessageEvent.LETTER_HANDED_OVER, scene.clock.now
    with scene.database.writing() as stores:
        found = [stores.messages.find(f"urn:x:{number}") for number in (1, 2, 3)]
        told = [(message, f"Brief {message.key}") for message in found if message]
        lock_messages(stores, [message.key for message, _ in told])
        if is_together:
            impossible = record_event_of_letters(stores, told, event, moment)
            return [message.head.message_id for message in impossible]
        refused = []
        for message, detail in told:
            try:
                record_event(stores, message, event, moment, detail=detail)
            except ImpossibleTransition:
                refused.append(message.head.message_id)
        return refused


def test_follow_letter_that_was_a_test_leaves_room_for_the_real_one(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", reader=COCHEM, is_test=True)
    assert scene.delivery.deliver_due()
    assert scene.tell(scene.potsdam) == [SENT, ("system", "test-beendet", "angelegt", True)]


def test_follow_ersuchen_held_up_is_told_and_stays_where_it_is(scene: Scene) -> None:
    day = scene.clock.now.date()
    scene.send(scene.potsdam, "ersuchen", "urn:x:1", reader=COCHEM, obsolete_after=day)
    scene.directory.kanal = Kanal.ELEKTRONISCH
    assert scene.delivery.deliver_due()
    held_up = ("system", "angehalten", "gesendet", True)
    assert scene.tell(scene.potsdam) == [SENT, held_up]
    scene.clock.advance(days=2)
    assert scene.expiry.end_obsolete() == 1
    assert scene.tell(scene.potsdam) == [SENT, held_up, ("system", "verfallen", "angelegt", True)]


def test_follow_later_message_that_expires_is_told_and_keeps_its_effect(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    day = scene.clock.now.date()
    scene.send(scene.jena, "sachstand", "urn:x:2", obsolete_after=day)
    scene.clock.advance(days=2)
    assert scene.expiry.end_obsolete() == 1
    for caller, direction in ((scene.potsdam, "eingang"), (scene.jena, "ausgang")):
        assert scene.tell(caller)[-2:] == [
            (direction, "sachstand", "in-bearbeitung", True),
            ("system", "verfallen", "in-bearbeitung", True),
        ]
        assert scene.find(caller)[0].entries[-1].text.startswith("Sachstand: verfallen")


def test_follow_closed_by_many_at_once_is_entered_once(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.mailbox.fetch(scene.jena, MailboxSelector(("urn:x:1",)))
    threads = [
        threading.Thread(target=scene.mailbox.confirm, args=(scene.jena, "urn:x:1"))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scene.tell(scene.jena) == [ARRIVED, RECEIVED]


def test_follow_facts_are_read_back_as_they_were_kept(scene: Scene) -> None:
    scene.send(scene.jena, "rueckfrage", "urn:x:5", process=ProcessRef("p", "q"))
    scene.send(scene.jena, "abgabe", "urn:x:6")
    with scene.database.reading() as stores:
        kept = [stores.messages.find(message_id) for message_id in ("urn:x:5", "urn:x:6")]
    rueckfrage, abgabe = (message.facts if message else None for message in kept)
    assert rueckfrage == VorgangFacts(
        VorgangEvent.RUECKFRAGE,
        "",
        "J 4711/26",
        "VS-2026-0815",
        ("urn:x:1",),
        ProcessRef("p", "q"),
        date(2026, 12, 1),
    )
    assert abgabe is not None
    assert abgabe.abgegeben_an == PartyIdentifier("ags:16071000", "xoev")


def test_follow_message_of_no_vorgang_has_no_facts(scene: Scene) -> None:
    scene.sending.send(
        command(
            scene.jena,
            scene.potsdam.mandant.identifier,
            message_id="urn:x:7",
            message=b"Text",
            payload_schema="urn:fremd",
        )
    )
    with scene.database.reading() as stores:
        message = stores.messages.find("urn:x:7")
    assert message is not None
    assert message.facts is None
    assert scene.find(scene.jena) == scene.find(scene.potsdam) == ()


def test_follow_many_at_once_loses_nothing(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    written = [
        scene.write(caller, sample, f"urn:{sample}:{number}")
        for number in range(6)
        for caller, sample in ((scene.jena, "zahlungsmitteilung"), (scene.potsdam, "antwort"))
    ]
    threads = [threading.Thread(target=scene.sending.send, args=(item,)) for item in written]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(scene.tell(scene.potsdam)) == 14
    assert len(scene.tell(scene.jena)) == 13


def test_remind_overdue_writes_one_line_for_each_deadline(scene: Scene) -> None:
    scene.send(scene.potsdam, "ersuchen", "urn:x:1")
    scene.clock.advance(days=14)
    assert not scene.vorgaenge.remind_overdue()
    scene.clock.advance(days=1)
    assert [view.is_overdue for view in scene.find(scene.potsdam)] == [True]
    assert scene.vorgaenge.remind_overdue()
    assert not scene.vorgaenge.remind_overdue()
    reminder: Line = ("system", "erinnerung", "zugestellt", True)
    assert scene.tell(scene.potsdam) == [SENT, DELIVERED, reminder]
    assert scene.tell(scene.jena) == [ARRIVED, reminder]
    texts = [scene.find(caller)[0].entries[-1].text for caller in (scene.potsdam, scene.jena)]
    assert texts == [
        "Bis zum 07.12.2026 ist keine Antwort eingegangen, sie fehlt seit einem Tag.",
        "Ihre Antwort war bis zum 07.12.2026 fällig und steht seit einem Tag aus.",
    ]
    # A second deadline gets its own reminder, an ended one none.
    scene.send(scene.jena, "rueckfrage", "urn:x:2", (b"2026-12-01", b"2026-12-10"))
    assert [view.due for view in scene.find(scene.potsdam)] == [date(2026, 12, 10)]
    scene.clock.advance(days=3)
    assert scene.vorgaenge.remind_overdue()
    assert scene.find(scene.jena)[0].entries[-1].text.startswith("Bis zum 10.12.2026 ist keine")
    scene.send(scene.potsdam, "antwort", "urn:x:3")
    scene.clock.advance(days=99)
    assert not scene.vorgaenge.remind_overdue()
    assert not any(view.is_overdue for view in scene.find(scene.potsdam))


def test_find_is_limited_and_counts_the_rest(scene: Scene) -> None:
    for number in range(3):
        aktenzeichen = (b"VS-2026-0815", f"VS {number}".encode())
        scene.send(scene.potsdam, "ersuchen", f"urn:x:{number}", aktenzeichen)
        scene.clock.advance(minutes=1)
    found = scene.vorgaenge.find(scene.potsdam, ALL, 2)
    assert [view.vorgang.own_aktenzeichen for view in found.views] == ["VS 2", "VS 1"]
    assert found.remaining == 1

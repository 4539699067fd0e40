"""A message that its author only wanted to try never becomes a letter, whatever way it takes.

Each way is gone twice: by a real message, which becomes one letter, and by a test message.
"""

import base64
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from persistence.database import Database
from persistence.letter_tables import letter, print_batch
from persistence.stores.letters import LetterOfTestMessage
from server.bootstrap_capture import make_capture
from server.bootstrap_parts import MessageParts, MessageServices
from server.domain.behoerde import Kanal
from server.domain.content import BlobRef
from server.domain.destination import DestinationKind
from server.domain.draft import Step, StepValues
from server.domain.fallback import FallbackAction
from server.domain.letter import LetterDetails, NewLetter
from server.domain.mandant import Caller, CentreCaller
from server.domain.message import MessageState
from server.domain.print_settings import Handling
from server.domain.rights import Role
from server.domain.web_user import Actor, NewUser
from server.errors import AmtshilfeError
from server.services.capture.services import Capture
from server.services.delivery_control import DeliveryControl
from server.services.directory import Directory
from server.settings import Settings
from server.soap.amtshilfe.messages import read_send_command
from server.soap.call import Call
from server.xmlio.safe_parsing import parse_own
from tests.support.capturing import CONTENT, WirelessAuthority, fill_with_places
from tests.support.directory import open_directory
from tests.support.installation import read_sample
from tests.unit.conftest import FixedClock
from tests.unit.services.test_fallback import ELSEWHERE, Desk, RefusingChannel
from tests.unit.services.test_sending import COCHEM, INSPECTOR, command, make_sending
from tests.unit.services.test_unscanned import Desk as UnscannedDesk

pytestmark = pytest.mark.both_databases

LETTER = FallbackAction.LETTER


class Ways(Desk):
    """Every way on which a message becomes a letter."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock) -> None:
        super().__init__(database, folder, clock)
        self.control = DeliveryControl(database, self.blobs, INSPECTOR, clock, actor="Betreiber")

    def by_directory(self, *, is_test: bool) -> None:
        """The reader takes no part electronically."""
        self.directory.kanal = Kanal.BRIEF
        self.send(reader=ELSEWHERE, is_test=is_test)

    def by_directory_later(self, *, is_test: bool) -> None:
        """As before; the directory was away when the message came."""
        self.directory.is_down = True
        self.send(reader=ELSEWHERE, is_test=is_test)
        self.deliver_all()
        self.directory.is_down, self.directory.kanal = False, Kanal.BRIEF
        self.clock.advance(hours=2)

    def without_endpoint(self, *, is_test: bool) -> None:
        """The rule is asked at the door."""
        self.rule(no_endpoint=LETTER)
        self.send(reader=ELSEWHERE, is_test=is_test)

    def without_endpoint_later(self, *, is_test: bool) -> None:
        """The rule is asked when the message is delivered."""
        self.directory.is_down = True
        self.send(reader=ELSEWHERE, is_test=is_test)
        self.directory.is_down = False
        self.rule(no_endpoint=LETTER)

    def after_end_of_access(self, *, is_test: bool) -> None:
        """The reader has left before the message comes."""
        self.end_access()
        self.rule(no_endpoint=LETTER)
        self.send(is_test=is_test)

    def access_ends_while_waiting(self, *, is_test: bool) -> None:
        """The reader leaves with the message in the mailbox."""
        self.rule(no_endpoint=LETTER)
        self.send(is_test=is_test)
        self.end_access()
        self.clock.advance(days=15)
        self.calendar.return_messages()

    def refused(self, *, is_test: bool) -> None:
        """The reader's side does not want it."""
        self.rule(refused=LETTER)
        self.send(is_test=is_test, not_before=self.clock.now + timedelta(days=1))
        self.clock.advance(days=1)
        self.delivery = self.make_delivery({DestinationKind.MAILBOX: RefusingChannel()})

    def unread_for_days(self, *, is_test: bool) -> None:
        """Nobody fetches it."""
        self.rule(unread_days=1)
        self.send(is_test=is_test)
        self.clock.advance(days=2)
        self.unread.order_letters()

    def redirected(self, *, is_test: bool) -> None:
        """The operator makes a letter of what is parked."""
        self.park(is_test=is_test)
        self.control.redirect("urn:x:1")

    def retried(self, *, is_test: bool) -> None:
        """The directory is right at the second attempt."""
        self.park(is_test=is_test)
        self.directory.kanal = Kanal.BRIEF
        self.control.retry("urn:x:1")

    def from_another_centre(self, *, is_test: bool) -> None:
        """The reader's server refuses what came from elsewhere; the operator redirects it."""
        sent = command(
            self.author,
            self.reader.mandant.identifier,
            is_test=is_test,
            not_before=self.clock.now + timedelta(days=1),
        )
        sending = make_sending(
            self.database,
            self.blobs,
            self.directory,
            self.clock,
            require_author=lambda caller, named: None,
        )
        sending.send(replace(sent, caller=CentreCaller("ost")))
        self.clock.advance(days=1)
        self.delivery = self.make_delivery({DestinationKind.MAILBOX: RefusingChannel()})
        self.deliver_all()
        self.control.redirect("urn:x:1")

    def by_facade(self, *, is_test: bool) -> None:
        """A Fachverfahren sends; a real message says nothing of tests."""
        self.directory.kanal = Kanal.BRIEF
        body = parse_own(write_senden("<fv:testnachricht>true</fv:testnachricht>" * is_test))
        self.sending.send(read_send_command(Call(caller=self.author, body=body), INSPECTOR))

    def by_web_client(self, *, is_test: bool) -> None:
        """A clerk captures an Ersuchen to a Behoerde without mailbox, and ticks the box."""
        self.directory.kanal = Kanal.BRIEF
        capture, actor = self.make_capture(), self.make_actor()
        draft_id, version = capture.drafts.begin(actor), 1
        last = {"empfaenger": "xoev|ags:cochem", "testnachricht": "y" * is_test}
        typed: dict[Step, StepValues] = {**CONTENT, Step.SENDEN: last}
        for step, values in typed.items():
            draft = capture.drafts.save(actor, draft_id, step, values, version)
            version = draft.version
        capture.dispatch.send(actor, draft, version)

    def make_capture(self) -> Capture:
        """Capturing with a directory of its own, into the same database."""
        places = open_directory(self.folder / "verzeichnis.sqlite")
        fill_with_places(places)
        wireless: Any = WirelessAuthority(places, self.clock)
        settings = Settings.model_validate({})
        parts = MessageParts(
            settings, 1, database=self.database, clock=self.clock, directory=Directory(wireless)
        )
        parts.blobs = self.blobs
        return make_capture(settings, parts, MessageServices(settings, parts))

    def make_actor(self) -> Actor:
        """A clerk of the author."""
        mandant = self.author.mandant
        new = NewUser("eva", "Eva Ahorn", "eva@behoerde.example", Role.MANAGER, mandant.key)
        with self.database.writing() as stores:
            user = stores.web_users.find(stores.web_users.add(new, "x", self.clock()))
        assert user is not None
        return Actor(user, mandant)

    def park(self, *, is_test: bool) -> None:
        """A message to a reader who has no mailbox anywhere."""
        self.directory.is_down = True
        self.send(reader=ELSEWHERE, is_test=is_test)
        self.directory.is_down = False
        self.deliver_all()

    def count_rows(self) -> tuple[int, int]:
        """Letters and batches."""
        with self.database.engine.connect() as connection:
            letters, batches = (
                connection.scalar(select(func.count()).select_from(table)) or 0
                for table in (letter, print_batch)
            )
        return letters, batches


WAYS: tuple[Callable[..., None], ...] = (
    Ways.by_directory,
    Ways.by_directory_later,
    Ways.without_endpoint,
    Ways.without_endpoint_later,
    Ways.after_end_of_access,
    Ways.access_ends_while_waiting,
    Ways.refused,
    Ways.unread_for_days,
    Ways.redirected,
    Ways.retried,
    Ways.from_another_centre,
    Ways.by_facade,
    Ways.by_web_client,
)


def write_senden(more: str) -> bytes:
    """The façade's request for a letter."""
    content = base64.b64encode(read_sample("valid", "ersuchen.xml")).decode()
    return (
        '<fv:senden xmlns:fv="urn:damtshilfe:fachverfahren:1">'
        f'<fv:leser typ="{ELSEWHERE.type}">{ELSEWHERE.value}</fv:leser>{more}'
        f"<fv:nachricht>{content}</fv:nachricht></fv:senden>"
    ).encode()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.__name__))
@pytest.mark.parametrize("is_test", [False, True], ids=["real", "test"])
def test_letters_come_of_real_messages_alone(
    database: Database,
    tmp_path: Path,
    clock: FixedClock,
    way: Callable[..., None],
    is_test: bool,
) -> None:
    desk = Ways(database, tmp_path, clock)
    # At the door some ways are refused, since no letter can come of them.
    with suppress(AmtshilfeError) if is_test else nullcontext():
        way(desk, is_test=is_test)
    for _ in range(3):
        desk.deliver_all()
        desk.clock.advance(days=1)
    expected = 0 if is_test else 1
    assert desk.count_rows() == (expected, expected)
    assert desk.count_letters() == expected


@pytest.mark.parametrize("is_test", [False, True], ids=["real", "test"])
def test_letters_come_of_real_messages_alone_after_the_scanner_was_away(
    database: Database, tmp_path: Path, clock: FixedClock, author: Caller, is_test: bool
) -> None:
    desk = UnscannedDesk(database, tmp_path, clock)
    desk.scanner.is_down = True
    desk.sending.send(command(author, COCHEM, is_test=is_test))
    desk.deliver_all()
    assert desk.find().is_unscanned
    desk.scanner.is_down = False
    desk.clock.advance(hours=2)
    desk.deliver_all()
    assert desk.find().state is (MessageState.TEST_ENDED if is_test else MessageState.LETTER_READY)


def test_add_letter_of_a_test_message_is_refused_by_the_store(
    database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    desk = Ways(database, tmp_path, clock)
    desk.by_directory(is_test=True)
    new = NewLetter(
        "20261123-000001-00000000",
        "folder",
        Handling(duplex=True, colour=False, stock="", envelope="", product=""),
        "",
        None,
        "07743",
        1,
        1,
        BlobRef("a" * 64, 1, "a" * 64),
        LetterDetails("", "", (), ()),
    )
    with database.writing() as stores, pytest.raises(LetterOfTestMessage):
        stores.letters.add(desk.find().key, 1, new, clock())
    assert desk.count_rows() == (0, 0)

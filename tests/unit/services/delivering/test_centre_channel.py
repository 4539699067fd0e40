"""The engine with the channel to another data centre, which a stand-in takes the place of."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.xta import ForwardedMessage, XtaError, XtaFault, XtaUnreachable
from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.orders import OrderState
from server.domain.data_centre import DataCentre
from server.domain.destination import DestinationKind
from server.domain.mandant import Caller
from server.domain.mandant_access import ORDERED_ACCESS
from server.domain.message import MessageState
from server.services.delivering.centre_channel import CentreChannel
from server.services.delivering.channel import Channel, Ways
from server.services.delivering.delivery import Delivery
from server.services.delivering.mailbox_channel import MailboxChannel
from server.services.delivering.plan import Worker
from server.services.delivering.resolver import DestinationResolver
from server.services.routes import Routes
from server.services.sending import Sending
from server.services.serving_centres import ServingCentres
from tests.support.delivering import PLAN
from tests.unit.conftest import FixedClock
from tests.unit.services.test_routes import OST, CentresDirectory
from tests.unit.services.test_sending import COCHEM, INSPECTOR, command, make_sending


class StandInCentre:
    """Takes what is forwarded, each content read to its end; before or after it a test acts."""

    def __init__(self) -> None:
        self.taken: list[tuple[ForwardedMessage, list[bytes]]] = []
        self.error: XtaError | None = None
        self.after: Callable[[], None] | None = None

    def connect(self, _centre: DataCentre) -> "StandInCentre":
        return self

    def forward(self, message: ForwardedMessage) -> None:
        if self.error:
            raise self.error
        contents = []
        for part in message.parts:
            with part.content.open() as stream:
                contents.append(stream.read())
        self.taken.append((message, contents))
        if self.after:
            self.after()


class Scene:
    """A server called `mitte`; Cochem is served by `ost`."""

    def __init__(self, database: Database, blobs: FolderBlobs, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.directory, self.centre = CentresDirectory(), StandInCentre()
        directory: Any = self.directory
        links: Any = self.centre
        centres = ServingCentres(directory, "mitte")
        self.sending: Sending = make_sending(database, blobs, self.directory, clock)
        self.sending._routes = Routes(database, directory, INSPECTOR, clock, centres=centres)
        channels: dict[DestinationKind, Channel] = {
            DestinationKind.MAILBOX: MailboxChannel(database, clock, centres),
            DestinationKind.DATA_CENTRE: CentreChannel(blobs, centres, links),
        }
        resolver = DestinationResolver(database, directory, clock, centres=centres)
        self.delivery = Delivery(
            database,
            directory,
            clock,
            ways=Ways(resolver, channels),
            plan=PLAN,
            worker=Worker("worker", jitter=lambda: 1.0),
        )

    def find_state(self) -> MessageState:
        with self.database.reading() as stores:
            found = stores.messages.find("urn:x:1")
        assert found
        return found.state

    def list_codes(self) -> list[str]:
        with self.database.reading() as stores:
            found = stores.messages.find("urn:x:1")
            assert found
            return [entry.code.value for entry in stores.messages.list_entries(found.key)]

    def claim_followed(self) -> list[str]:
        with self.database.writing() as stores:
            claimed = stores.forwarded.claim_due(self.clock.now, timedelta(minutes=5), 10)
        return [item.centre.name for item in claimed]


@pytest.fixture
def scene(database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller) -> Scene:
    made = Scene(database, blobs, clock)
    attachments = (b"x" * 5_000, b"")
    made.sending.send(command(author, COCHEM, *attachments, metadata_xml=b"<m>wie es kam</m>"))
    return made


def test_deliver_next_forwards_as_it_came_and_is_followed(scene: Scene) -> None:
    assert scene.delivery.deliver_next()
    ((message, contents),) = scene.centre.taken
    assert message.metadata_xml == b"<m>wie es kam</m>"
    assert contents[1:] == [b"x" * 5_000, b""]
    assert [part.content.size for part in message.parts] == [len(item) for item in contents]
    assert scene.find_state() == MessageState.FORWARDED
    assert scene.list_codes() == ["angenommen", "weitergeleitet"]
    assert scene.claim_followed() == ["ost"]
    assert not scene.delivery.deliver_next()


def test_deliver_next_crash_after_acceptance_forwards_the_same_again(scene: Scene) -> None:
    def crash() -> None:
        raise KeyboardInterrupt

    scene.centre.after = crash
    with pytest.raises(KeyboardInterrupt):
        scene.delivery.deliver_next()
    assert scene.find_state() == MessageState.WAITING_FOR_DELIVERY
    scene.centre.after = None
    scene.clock.advance(minutes=6)
    assert scene.delivery.deliver_next()
    first, second = ((item[0].metadata_xml, item[1]) for item in scene.centre.taken)
    assert first == second
    assert scene.list_codes() == ["angenommen", "weitergeleitet"]


def test_deliver_next_data_centre_down_holds_however_long_it_takes(scene: Scene) -> None:
    scene.centre.error = XtaUnreachable("weg", may_have_arrived=True)
    for _ in range(4):
        assert scene.delivery.deliver_next()
        scene.clock.advance(hours=100)
    scene.centre.error = None
    assert scene.delivery.deliver_next()
    assert scene.list_codes() == ["angenommen", "zustellung-verzoegert", "weitergeleitet"]


def test_deliver_next_refused_is_parked_with_code_and_text(scene: Scene) -> None:
    scene.centre.error = XtaFault("9022", "n", "x", "9022: kein Postfach")
    assert scene.delivery.deliver_next()
    assert scene.find_state() == MessageState.PARKED
    with scene.database.reading() as stores:
        (parked,) = stores.orders.list_parked()
    assert parked.cause == "Rechenzentrum Ost lehnt die Nachricht ab: 9022: kein Postfach"


def test_deliver_next_reader_that_moved_here_meanwhile_finds_it_in_its_mailbox(
    scene: Scene,
) -> None:
    scene.directory.serving = None
    with scene.database.writing() as stores:
        key = stores.mandanten.add(COCHEM, "Cochem", True, ORDERED_ACCESS)
    while scene.delivery.deliver_next():
        pass
    assert scene.centre.taken == []
    assert scene.find_state() == MessageState.DELIVERED
    with scene.database.reading() as stores:
        found = stores.messages.find("urn:x:1")
        assert found
        assert found.reader_mandant == key
        assert stores.orders.count_by_state() == {OrderState.DONE: 1}


def test_deliver_next_mandant_that_moves_before_its_message_is_due_gets_it_there(
    scene: Scene, author: Caller
) -> None:
    with scene.database.writing() as stores:
        stores.mandanten.add(COCHEM, "Cochem", True, ORDERED_ACCESS)
    scene.directory.serving = None
    later = scene.clock.now + timedelta(hours=1)
    sent = command(author, COCHEM, message_id="urn:x:2", not_before=later)
    scene.sending.send(sent)
    scene.directory.serving = OST
    scene.clock.advance(hours=1)
    while scene.delivery.deliver_next():
        pass
    assert scene.claim_followed() == ["ost", "ost"]


def test_deliver_next_reader_that_moved_on_is_forwarded_to_where_it_is_now(scene: Scene) -> None:
    scene.directory.serving = DataCentre("west", "West", "https://w", "https://w", "https://w")
    while scene.delivery.deliver_next():
        pass
    assert scene.claim_followed() == ["west"]


def test_deliver_next_content_lost_is_not_forgotten(scene: Scene, tmp_path: Path) -> None:
    for path in (tmp_path / "inhalte").rglob("*"):
        if path.is_file():
            path.unlink()
    assert scene.delivery.deliver_next()
    assert scene.find_state() == MessageState.WAITING_FOR_DELIVERY
    assert scene.centre.taken == []

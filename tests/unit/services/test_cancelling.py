"""Taking back: an author in time, another data centre what nobody has fetched."""

import threading
from pathlib import Path

import pytest

from persistence.database import Database
from persistence.engine import begin_writing
from persistence.tables import message
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import AnyCaller, CentreCaller
from server.domain.message import MessageState
from server.domain.transport_report import ReportCode
from server.domain.vorgang import VorgangCriteria
from server.errors import AmtshilfeError
from server.services.cancelling import Cancelling
from server.services.mailbox import FetchedMessage, NothingWaiting
from server.services.vorgaenge import Vorgaenge
from tests.unit.conftest import FixedClock
from tests.unit.services.test_fallback import Desk, run_together

pytestmark = pytest.mark.both_databases

OST = CentreCaller("ost")


class Scene(Desk):
    """Jena's mailbox, with what Ost forwarded."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock) -> None:
        super().__init__(database, folder, clock)
        self.cancelling = Cancelling(database, clock)

    def forward(self, message_id: str = "urn:x:1") -> None:
        self.send(message_id)
        values = {"author_mandant": None, "author_centre": OST.centre}
        is_sent = message.c.message_id == message_id
        with begin_writing(self.database.engine) as connection:
            connection.execute(message.update().where(is_sent).values(values))

    def refuse(self, caller: AnyCaller, message_id: str = "urn:x:1") -> str:
        """The code with which a recall is refused."""
        with pytest.raises(AmtshilfeError) as caught:
            self.cancelling.cancel(caller, message_id)
        return caught.value.fault.code


@pytest.fixture
def scene(database: Database, tmp_path: Path, clock: FixedClock) -> Scene:
    return Scene(database, tmp_path, clock)


def test_cancel_by_the_data_centre_that_sent_it_takes_an_unread_message_out(scene: Scene) -> None:
    scene.forward()
    for _ in range(2):
        scene.cancelling.cancel(OST, "urn:x:1")
    assert scene.find().state is MessageState.CANCELLED
    assert scene.codes() == [
        ReportCode.ACCEPTED,
        ReportCode.DELIVERED_ELECTRONICALLY,
        ReportCode.RECALLED,
    ]
    assert isinstance(scene.mailbox.fetch(scene.reader, MailboxSelector()), NothingWaiting)


def test_cancel_by_the_data_centre_is_told_to_the_reader_in_its_vorgang(scene: Scene) -> None:
    scene.forward()
    scene.cancelling.cancel(OST, "urn:x:1")
    (view,) = Vorgaenge(scene.database, scene.clock, 14).find(scene.reader, VorgangCriteria()).views
    assert view.entries[-1].event == "zurueckgeholt"
    assert view.vorgang.state == "zugestellt"


def test_cancel_of_what_was_fetched_is_denied_to_the_data_centre(scene: Scene) -> None:
    scene.forward()
    scene.mailbox.fetch(scene.reader, MailboxSelector())
    assert scene.refuse(OST) == "9101"
    assert scene.find().state is MessageState.FETCHED


def test_cancel_of_what_is_unread_is_denied_to_others_than_the_data_centre(scene: Scene) -> None:
    scene.forward()
    scene.send("urn:x:2")
    for caller in (CentreCaller("west"), scene.author, scene.reader):
        assert scene.refuse(caller) == "9022"
    assert scene.refuse(OST, "urn:x:2") == "9022"
    assert scene.refuse(scene.author, "urn:x:2") == "9101"
    for message_id in ("urn:x:1", "urn:x:2"):
        assert scene.find(message_id).state is MessageState.DELIVERED


@pytest.mark.parametrize("round_number", range(3))
def test_cancel_and_fetch_at_the_same_moment_end_with_one_of_both(
    scene: Scene, round_number: int
) -> None:
    ids = [f"urn:x:{round_number}:{number}" for number in range(6)]
    for message_id in ids:
        scene.forward(message_id)
    start = threading.Barrier(2)
    fetched: list[bool] = []
    refused: list[str] = []

    def fetch() -> None:
        start.wait()
        for message_id in ids:
            found = scene.mailbox.fetch(scene.reader, MailboxSelector((message_id,)))
            fetched.append(isinstance(found, FetchedMessage))

    def cancel() -> None:
        start.wait()
        for message_id in ids:
            try:
                scene.cancelling.cancel(OST, message_id)
                refused.append("")
            except AmtshilfeError as error:
                refused.append(error.fault.code)

    run_together(fetch, cancel)
    states = [scene.find(message_id).state for message_id in ids]
    expected = [MessageState.FETCHED if item else MessageState.CANCELLED for item in fetched]
    assert states == expected
    assert refused == ["9101" if item else "" for item in fetched]

"""The sweep: what no row names goes after a day, whatever happens at the same time."""

import threading
from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.content import BlobRef, InlineContent
from server.domain.mandant import Caller
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, PartKind
from server.services.blob_care import BlobCare
from server.services.blob_sweep import BlobSweep, Swept
from tests.unit.conftest import FixedClock


def commit(
    database: Database, clock: FixedClock, people: tuple[Caller, Caller], *refs: BlobRef
) -> None:
    """A message whose parts are these blobs."""
    author, reader = people
    head = MessageHead(
        message_id=f"urn:x:{refs[0].name}",
        author=author.mandant.identifier,
        reader=reader.mandant.identifier,
        service="urn:dienst",
        business_scenario="szenario",
        message_type="typ",
        payload_schema="urn:schema",
        metadata_xml=b"<m/>",
    )
    parts = tuple(ContentPart(PartKind.ATTACHMENT, ref) for ref in refs)
    message = NewMessage(head, author.mandant.key, reader.mandant.key, parts, "d" * 64)
    with database.writing() as stores:
        stores.messages.add(message, clock.now)


@pytest.fixture
def people(author: Caller, reader: Caller) -> tuple[Caller, Caller]:
    return author, reader


@pytest.fixture
def sweep(database: Database, blobs: FolderBlobs, clock: FixedClock) -> BlobSweep:
    return BlobSweep(database, blobs, clock)


def keep(blobs: FolderBlobs, text: bytes = b"inhalt") -> BlobRef:
    return blobs.keep(InlineContent(text))


def list_names(blobs: FolderBlobs) -> set[str]:
    return {name for batch in blobs.list_names() for name in batch}


def test_sweep_blob_without_a_row_goes_after_a_day_and_not_before(
    sweep: BlobSweep, blobs: FolderBlobs, clock: FixedClock
) -> None:
    ref = keep(blobs)
    assert sweep.sweep() == Swept(1, 1, 0)
    clock.advance(hours=23, minutes=59)
    assert sweep.sweep() == Swept(1, 0, 0)
    assert list_names(blobs) == {ref.name}
    clock.advance(minutes=1)
    assert sweep.sweep() == Swept(1, 0, 1)
    assert list_names(blobs) == set()


def test_sweep_old_file_that_was_never_seen_is_noted_first(
    sweep: BlobSweep, blobs: FolderBlobs, clock: FixedClock
) -> None:
    clock.advance(days=400)
    keep(blobs)
    assert sweep.sweep() == Swept(1, 1, 0)


def test_sweep_named_blobs_stay_however_old_they_are(
    sweep: BlobSweep,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
) -> None:
    refs = [keep(blobs) for _ in range(3)]
    commit(database, clock, people, *refs)
    for _ in range(3):
        assert sweep.sweep() == Swept(3, 0, 0)
        clock.advance(days=10)
    assert [blobs.find(ref).read() for ref in refs] == [b"inhalt"] * 3


def test_sweep_between_keep_and_commit_does_no_harm(
    sweep: BlobSweep,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
) -> None:
    ref = keep(blobs)
    assert sweep.sweep().noted == 1
    clock.advance(hours=1)
    commit(database, clock, people, ref)
    clock.advance(days=2)
    assert sweep.sweep() == Swept(1, 0, 0)
    with database.reading() as stores:
        assert stores.blobs.count_orphans() == 0
    assert blobs.find(ref).read() == b"inhalt"


def test_sweep_equal_content_of_an_orphan_and_of_a_message_are_two_blobs(
    sweep: BlobSweep,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
) -> None:
    orphan = keep(blobs)
    sweep.sweep()
    clock.advance(days=1)
    repeated = keep(blobs)
    commit(database, clock, people, repeated)
    assert sweep.sweep() == Swept(2, 0, 1)
    assert list_names(blobs) == {repeated.name}
    assert orphan.name != repeated.name


class PausingBlobs(FolderBlobs):
    """Stops before it deletes, until the test goes on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.is_deleting = threading.Event()
        self.may_delete = threading.Event()

    def delete(self, names: object) -> None:
        self.is_deleting.set()
        assert self.may_delete.wait(30)
        super().delete(names)  # type: ignore[arg-type]


def test_sweep_while_another_machine_commits_the_same_content_loses_nothing(
    database: Database, tmp_path: Path, clock: FixedClock, people: tuple[Caller, Caller]
) -> None:
    mine, others = PausingBlobs(tmp_path / "inhalte"), FolderBlobs(tmp_path / "inhalte")
    keep(others)
    sweep = BlobSweep(database, mine, clock)
    sweep.sweep()
    clock.advance(days=1)
    thread = threading.Thread(target=sweep.sweep)
    thread.start()
    # The sweep has decided and not deleted yet: now the same content comes in again.
    assert mine.is_deleting.wait(30)
    ref = keep(others)
    commit(database, clock, people, ref)
    mine.may_delete.set()
    thread.join()
    assert list_names(others) == {ref.name}
    assert others.find(ref).read() == b"inhalt"


class Machines:
    """Threads that send and sweep on one store, each with objects of its own."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock) -> None:
        self._database, self._folder, self._clock = database, folder, clock
        self.kept: list[BlobRef] = []
        self.is_over = threading.Event()
        self.errors: list[BaseException] = []

    def send(self, people: tuple[Caller, Caller]) -> None:
        blobs = FolderBlobs(self._folder)
        for number in range(20):
            ref = keep(blobs, bytes([number]))
            commit(self._database, self._clock, people, ref)
            self.kept.append(ref)

    def sweep(self) -> None:
        machine = BlobSweep(self._database, FolderBlobs(self._folder), self._clock)
        try:
            while not self.is_over.is_set():
                machine.sweep()
        except BaseException as error:
            self.errors.append(error)


def test_sweep_by_many_machines_while_others_send_loses_nothing(
    database: Database, tmp_path: Path, clock: FixedClock, people: tuple[Caller, Caller]
) -> None:
    blobs = FolderBlobs(tmp_path / "inhalte")
    for _ in range(40):
        keep(blobs)
    # All are noted before time goes on, however slow the machines are.
    BlobSweep(database, blobs, clock).sweep()
    machines = Machines(database, tmp_path / "inhalte", clock)
    sweepers = [threading.Thread(target=machines.sweep) for _ in range(3)]
    senders = [threading.Thread(target=machines.send, args=(people,)) for _ in range(2)]
    for thread in (*sweepers, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    clock.advance(days=1)
    machines.is_over.set()
    for thread in sweepers:
        thread.join()
    BlobSweep(database, blobs, clock).sweep()
    assert machines.errors == []
    assert len(machines.kept) == 40
    assert list_names(blobs) == {ref.name for ref in machines.kept}


def test_sweep_when_due_is_once_an_hour(
    sweep: BlobSweep, blobs: FolderBlobs, clock: FixedClock
) -> None:
    assert [sweep.sweep_when_due(), sweep.sweep_when_due()] == [True, False]
    clock.advance(hours=1)
    assert sweep.sweep_when_due()


def test_sweep_forgets_what_others_removed(
    sweep: BlobSweep, database: Database, blobs: FolderBlobs, clock: FixedClock
) -> None:
    ref = keep(blobs)
    sweep.sweep()
    blobs.delete([ref.name])
    clock.advance(days=3)
    sweep.sweep()
    assert BlobCare(database, blobs).count_orphans() == 0


def test_rewritten_blob_stays_for_a_day_for_who_reads_it(
    sweep: BlobSweep,
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
) -> None:
    old, new = keep(blobs), keep(blobs)
    commit(database, clock, people, old)
    reading = blobs.find(old)
    with database.writing() as stores:
        stores.blobs.rename(old.name, new.name)
    sweep.sweep()
    assert reading.read() == b"inhalt"
    assert BlobCare(database, blobs).count_orphans() == 1
    clock.advance(days=1)
    sweep.sweep()
    assert list_names(blobs) == {new.name}

"""A worker that dies at any step: whatever it was, each letter is printed once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.batch import BatchState
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.printing.output import BatchRefused, PrintBatch
from tests.support.delivering import PrintRoom
from tests.support.fragile import Crash, FragileDatabase, Fuse
from tests.support.lettering import (
    Draft,
    HookedOutput,
    add_letters,
    find_state,
    list_batches,
    list_printed,
    require_printed_once,
)
from tests.unit.conftest import FixedClock
from tests.unit.services.batching.test_submitting import MARKS

pytestmark = pytest.mark.both_databases


class FragileBlobs(FolderBlobs):
    """After each blob that is kept the worker may die."""

    def __init__(self, folder: Path, fuse: Fuse) -> None:
        super().__init__(folder)
        self._fuse = fuse

    def keep(self, content: Any) -> Any:
        ref = super().keep(content)
        self._fuse.burn()
        return ref


class CrashScene:
    """Two batches of two letters with marks, and an output."""

    def __init__(self, database: Database, folder: Path, author: Caller, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.folder, self.blob_folder = folder / "druck", folder / "inhalte"
        self.output = HookedOutput(self.folder)
        drafts = [Draft(f"{number:05d}") for number in range(4)]
        blobs = FolderBlobs(self.blob_folder)
        self.message_ids = add_letters(database, blobs, author, clock, drafts)

    def make_room(self, fuse: Fuse) -> PrintRoom:
        self.output.before = lambda batch: fuse.burn()
        self.output.after = lambda batch: fuse.burn()
        return PrintRoom(
            FragileDatabase(self.database.engine, fuse),
            FragileBlobs(self.blob_folder, fuse),
            [self.output],
            self.clock,
            max_letters=2,
            marks=MARKS,
        )

    def die_once(self, step: int) -> bool:
        """False where the work was done before that step came."""
        try:
            self.make_room(Fuse(step)).work_off()
        except Crash:
            return True
        return False

    def go_on(self) -> None:
        self.clock.advance(minutes=6)
        self.make_room(Fuse(0)).work_off()


@pytest.fixture
def scene(database: Database, tmp_path: Path, author: Caller, clock: FixedClock) -> CrashScene:
    return CrashScene(database, tmp_path, author, clock)


def test_whole_run_has_the_steps_that_are_tried_here(scene: CrashScene) -> None:
    fuse = Fuse(0)
    scene.make_room(fuse).work_off()
    require_printed_once(scene.database, scene.folder, scene.message_ids)
    # For each batch: closed, claimed, two letters marked (blob and row), ticket, handed over,
    # recorded, told; two for each commit and each hand-over, one for each blob. At the end one look
    # finds nothing to claim.
    assert fuse.steps == STEPS


STEPS = 2 * (2 + 2 + 2 * (1 + 2) + 2 + 2 + 2 + 2) + 2


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_crash_at_any_step_each_letter_is_printed_once(scene: CrashScene, step: int) -> None:
    assert scene.die_once(step)
    scene.go_on()
    require_printed_once(scene.database, scene.folder, scene.message_ids)


def test_crash_again_and_again_each_letter_is_printed_once(scene: CrashScene) -> None:
    crashes = 0
    while scene.die_once(3 + crashes % 5):
        scene.clock.advance(minutes=6)
        crashes += 1
    assert crashes > 5
    require_printed_once(scene.database, scene.folder, scene.message_ids)


def test_crash_while_a_refusal_is_told_parks_every_message_once(scene: CrashScene) -> None:
    def refuse(_batch: PrintBatch) -> None:
        raise BatchRefused("Papier „gold“ gibt es nicht.")

    for step in range(1, 40):
        room = scene.make_room(Fuse(step))
        scene.output.before = refuse
        try:
            room.work_off()
        except Crash:
            scene.clock.advance(minutes=6)
        else:
            break
    assert {batch.state for batch in list_batches(scene.database)} == {BatchState.REFUSED}
    assert {find_state(scene.database, i) for i in scene.message_ids} == {MessageState.PARKED}
    with scene.database.reading() as stores:
        for parked in stores.orders.list_parked():
            message = stores.messages.find(parked.message_id)
            assert message is not None
            codes = [entry.code.value for entry in stores.messages.list_entries(message.key)]
            assert codes.count("brief-fehlgeschlagen") == 1
        assert len(stores.orders.list_parked()) == 4
    assert list_printed(scene.folder).total() == 0
    assert timedelta(0) < scene.clock.now - list_batches(scene.database)[0].closed

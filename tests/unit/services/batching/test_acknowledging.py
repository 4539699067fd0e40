"""Differences that somebody has looked into, and what the operator is still warned of."""

from datetime import timedelta
from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database, Stores
from server.domain.batch import StoredBatch
from server.domain.mandant import Caller
from server.services.batching.acknowledging import (
    MAX_REASON_LENGTH,
    AcknowledgementNote,
    LetterRefused,
    acknowledge,
    find_open,
    find_valid,
)
from server.services.batching.news_problems import count_overdue
from tests.unit.conftest import FixedClock
from tests.unit.services.batching.test_polling import POSTED, Scene

pytestmark = pytest.mark.both_databases

ACTOR = "Betreiber (eva)"
LETTERS = "Briefe im Stapel: übergeben 2, gezählt 3."
SHEETS = "Blätter im Stapel: übergeben 2, gezählt 9."


@pytest.fixture
def scene(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, tmp_path: Path
) -> Scene:
    return Scene(database, blobs, clock, author, tmp_path)


def find_differing(scene: Scene, sums: str = 'briefe="3" blaetter="9"') -> StoredBatch:
    """A batch whose sums differ, told by the shop."""
    batch, _ = scene.hand_over("b1", "b2")
    scene.report(batch, f"b1;versandt;{POSTED}", f"b2;versandt;{POSTED}")
    scene.report_sums(batch, sums)
    scene.poll()
    return batch


def settle(
    scene: Scene, batch: StoredBatch, *lines: str, reason: str = "Druckerei nachgezählt"
) -> int:
    note = AcknowledgementNote(reason, ACTOR, scene.clock())
    with scene.database.writing() as stores:
        return acknowledge(stores, batch, note, list(lines) or None)


def list_differing(scene: Scene) -> dict[str, int]:
    with scene.database.reading() as stores:
        return dict(stores.letter_news.list_differing())


def list_audit(stores: Stores) -> list[tuple[str, str, str, str]]:
    entries = [entry for _, entry in stores.audit.list_newest(None, 10)]
    return [(entry.actor, entry.action, entry.subject, entry.text) for entry in entries]


def test_acknowledge_all_ends_the_warning_and_is_kept_with_its_reason(scene: Scene) -> None:
    batch = find_differing(scene)
    assert scene.news_of(batch).differences == (LETTERS, SHEETS)
    assert list_differing(scene) == {batch.batch_id: 2}
    assert settle(scene, batch, reason="  Druckerei\n nachgezählt ") == 2
    assert list_differing(scene) == {}
    with scene.database.reading() as stores:
        kept = stores.acknowledgements.list_of_batch(batch.key)
        audit = list_audit(stores)
    assert [(item.line, item.reason, item.actor) for item in kept] == [
        (LETTERS, "Druckerei nachgezählt", ACTOR),
        (SHEETS, "Druckerei nachgezählt", ACTOR),
    ]
    assert audit == [(ACTOR, "abweichung-geklaert", batch.batch_id, "2: Druckerei nachgezählt")]
    # What the output told stays as it was.
    assert scene.news_of(batch).difference_count == 2


def test_acknowledge_one_leaves_the_other_open(scene: Scene) -> None:
    batch = find_differing(scene)
    assert settle(scene, batch, SHEETS, SHEETS) == 1
    assert list_differing(scene) == {batch.batch_id: 1}
    with scene.database.reading() as stores:
        known = stores.acknowledgements.list_of_batch(batch.key)
    assert find_open(scene.news_of(batch).differences, known) == (LETTERS,)


def test_acknowledge_lasts_while_the_output_tells_the_same_and_no_longer(scene: Scene) -> None:
    batch = find_differing(scene)
    settle(scene, batch)
    scene.clock.advance(hours=6)
    scene.poll()
    assert list_differing(scene) == {}
    scene.report_sums(batch, 'briefe="3" blaetter="8"')
    scene.clock.advance(hours=6)
    scene.poll()
    assert list_differing(scene) == {batch.batch_id: 1}
    with scene.database.reading() as stores:
        known = stores.acknowledgements.list_of_batch(batch.key)
    valid = find_valid(scene.news_of(batch).differences, known)
    assert [item.line for item in valid] == [LETTERS]


@pytest.mark.parametrize(
    ("lines", "reason", "told"),
    [
        ((), " \n", "was die Klärung ergeben hat"),
        ((), "x" * (MAX_REASON_LENGTH + 1), "höchstens 500 Zeichen"),
        (("Brief 7 (b7): gibt es nicht.",), "geklärt", "hat diese Abweichung nicht mehr"),
    ],
)
def test_acknowledge_what_cannot_be_is_refused_and_changes_nothing(
    scene: Scene, lines: tuple[str, ...], reason: str, told: str
) -> None:
    batch = find_differing(scene)
    with pytest.raises(LetterRefused, match=told):
        settle(scene, batch, *lines, reason=reason)
    assert list_differing(scene) == {batch.batch_id: 2}


def test_acknowledge_twice_is_refused_and_keeps_the_first_reason(scene: Scene) -> None:
    batch = find_differing(scene)
    settle(scene, batch, SHEETS)
    with pytest.raises(LetterRefused, match="keine solche offene"):
        settle(scene, batch, SHEETS, reason="anders")
    with scene.database.reading() as stores:
        (kept,) = stores.acknowledgements.list_of_batch(batch.key)
    assert kept.reason == "Druckerei nachgezählt"


def test_count_overdue_counts_letters_of_which_no_end_was_told_for_days(scene: Scene) -> None:
    batch, _ = scene.hand_over("b1", "b2", "b3")
    scene.report(batch, f"b1;versandt;{POSTED}", "b2;gedruckt;2026-11-23T16:00:00+01:00")
    scene.poll()
    handed_over = scene.find(batch.key).submitted
    assert handed_over is not None
    with scene.database.reading() as stores:
        assert count_overdue(stores, handed_over + timedelta(days=5), 5) == 0
        assert count_overdue(stores, handed_over + timedelta(days=5, seconds=1), 5) == 2

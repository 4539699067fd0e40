"""The letter of a message, for its author and for nobody else."""

from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.destination import LETTER
from server.domain.letter import LetterState
from server.domain.mandant import Caller
from server.errors import AmtshilfeError
from server.services.sent_letters import SentLetters
from tests.support.delivering import add_order
from tests.support.lettering import make_pages
from tests.support.printed_letters import LetterRows
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases


@pytest.fixture
def rows(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, tmp_path: Path
) -> LetterRows:
    return LetterRows(database, blobs, clock, author, tmp_path / "druck")


@pytest.fixture
def letters(database: Database, blobs: FolderBlobs) -> SentLetters:
    return SentLetters(database, blobs)


def test_find_ready_letter_has_no_batch(
    letters: SentLetters, rows: LetterRows, author: Caller
) -> None:
    found = letters.find(author, rows.add_ready("b1"))
    assert found.content.read() == make_pages(2)
    assert (found.letter.state, found.batch_id) == (LetterState.READY, "")


def test_find_handed_over_letter_names_batch_and_number(
    letters: SentLetters, rows: LetterRows, author: Caller
) -> None:
    rows.add_ready("b1")
    message_id = rows.add_ready("b2")
    rows.hand_over()
    found = letters.find(author, message_id)
    assert (found.batch_id, found.letter.number) == (rows.find_batch("b2").batch_id, 2)
    assert found.letter.letter.letter_id == "b2"
    (printed,) = rows.folder.glob("*/*-b2.pdf")
    assert found.content.read() == printed.read_bytes()


def test_find_message_of_somebody_else_is_unknown(
    letters: SentLetters, rows: LetterRows, reader: Caller, author: Caller
) -> None:
    message_id = rows.add_ready("b1")
    told = []
    for caller, name in ((reader, message_id), (author, "urn:x:nie"), (reader, "urn:x:nie")):
        with pytest.raises(AmtshilfeError) as caught:
            letters.find(caller, name)
        assert caught.value.fault.code == "9070"
        told.append(caught.value.reason.replace(name, "…"))
    assert len(set(told)) == 1
    assert "Cochem" not in told[0]


def test_find_message_without_letter_is_told(
    letters: SentLetters, database: Database, clock: FixedClock, author: Caller
) -> None:
    add_order(database, author, clock, "urn:x:ohne", LETTER)
    with pytest.raises(AmtshilfeError, match="urn:x:ohne ist kein Brief entstanden") as caught:
        letters.find(author, "urn:x:ohne")
    assert caught.value.fault.code == "9022"

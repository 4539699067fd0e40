"""Closing: each letter into one batch, sorted and numbered."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.batch import BatchState, BatchSums
from server.domain.letter import LetterState
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.errors import AmtshilfeError
from server.services.batching.closing import Closing
from server.services.cancelling import Cancelling
from tests.support.lettering import (
    HANDLING,
    Draft,
    add_letters,
    find_letter,
    find_state,
    list_batches,
    list_numbers,
)
from tests.unit.conftest import Backend, FixedClock
from tests.unit.services.test_concurrency import run_at_once

pytestmark = pytest.mark.both_databases


@pytest.fixture
def closing(database: Database, clock: FixedClock) -> Closing:
    return Closing(database, clock, 5000, new_token=iter("abcdefgh").__next__)


def test_close_due_sorts_by_postal_code_and_numbers_without_gaps(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock, closing: Closing
) -> None:
    drafts = [Draft(code, pages=3) for code in ("99084", "01067", "56812", "01067")]
    message_ids = add_letters(database, blobs, author, clock, drafts)
    assert closing.close_due()
    assert not closing.close_due()
    (batch,) = list_batches(database)
    assert batch.batch_id == f"20261123-1300-{batch.key:06d}-a"
    assert (batch.state, batch.sums) == (BatchState.CLOSED, BatchSums(4, 12, 8))
    assert list_numbers(database, batch) == [(1, "01067"), (2, "01067"), (3, "56812"), (4, "99084")]
    # Of equal codes the name of the letter decides.
    assert [find_letter(database, found).number for found in message_ids] == [4, 1, 3, 2]
    assert {find_state(database, found) for found in message_ids} == {MessageState.LETTER_READY}


def test_close_due_each_output_handling_and_cut_off_has_its_batch(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock, closing: Closing
) -> None:
    cut_off = clock.now + timedelta(hours=3)
    simplex = replace(HANDLING, duplex=False)
    drafts = [
        Draft(),
        Draft(output="andere"),
        Draft(handling=simplex),
        Draft(handling=replace(HANDLING, product="Einwurf")),
        Draft(cut_off=cut_off),
        Draft(handling=simplex),
    ]
    add_letters(database, blobs, author, clock, drafts)
    clock.advance(hours=4)
    assert closing.close_due()
    found = {(b.group.output, b.group.handling, b.group.cut_off): b for b in list_batches(database)}
    assert len(found) == 5
    assert found["folder", simplex, None].sums.letters == 2
    assert found["folder", HANDLING, cut_off].cut_off == cut_off


def test_close_due_letters_wait_for_their_cut_off(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock, closing: Closing
) -> None:
    first, second = (clock.now + timedelta(hours=hours) for hours in (3, 27))
    add_letters(
        database, blobs, author, clock, [Draft(cut_off=cut_off) for cut_off in (first, second)]
    )
    clock.advance(hours=3, seconds=-1)
    assert not closing.close_due()
    clock.advance(seconds=1)
    assert closing.close_due()
    assert not closing.close_due()
    (batch,) = list_batches(database)
    assert batch.sums.letters == 1
    # The name tells the cut-off, and so does the batch, however late it is closed.
    clock.advance(hours=30)
    assert closing.close_due()
    late = list_batches(database)[1]
    assert late.batch_id.startswith("20261124-1600-")
    assert late.cut_off == second


def test_close_now_does_not_wait(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock
) -> None:
    cut_off = clock.now + timedelta(hours=3)
    add_letters(database, blobs, author, clock, [Draft(cut_off=cut_off)] * 5)
    batches = Closing(database, clock, 2).close_now()
    assert [batch.sums.letters for batch in batches] == [2, 2, 1]
    assert {batch.cut_off for batch in batches} == {clock.now}
    assert len({batch.batch_id for batch in batches}) == 3


def test_close_due_large_group_is_split_and_stays_sorted(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock
) -> None:
    codes = [f"{number:05d}" for number in (7, 3, 5, 1, 6, 2, 4)]
    add_letters(database, blobs, author, clock, [Draft(code) for code in codes])
    closing = Closing(database, clock, 3)
    while closing.close_due():
        pass
    found = [list_numbers(database, batch) for batch in list_batches(database)]
    assert found == [
        [(1, "00001"), (2, "00002"), (3, "00003")],
        [(1, "00004"), (2, "00005"), (3, "00006")],
        [(1, "00007")],
    ]


def test_close_due_withdrawn_letter_leaves_no_gap(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock, closing: Closing
) -> None:
    message_ids = add_letters(database, blobs, author, clock, [Draft()] * 3)
    Cancelling(database, clock).cancel(author, message_ids[1])
    closing.close_due()
    (batch,) = list_batches(database)
    assert [number for number, _ in list_numbers(database, batch)] == [1, 2]
    assert find_letter(database, message_ids[1]).state is LetterState.WITHDRAWN


@pytest.mark.parametrize("backend", [Backend.POSTGRESQL], indirect=True, ids=str)
def test_close_by_several_workers_puts_each_letter_into_one_batch(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock
) -> None:
    message_ids = add_letters(database, blobs, author, clock, [Draft()] * 40)

    def close() -> None:
        closing = Closing(database, clock, 7)
        while closing.close_due():
            pass

    run_at_once([close] * 4)
    batches = list_batches(database)
    assert sum(batch.sums.letters for batch in batches) == len(message_ids)
    for batch in batches:
        numbers = [number for number, _ in list_numbers(database, batch)]
        assert numbers == list(range(1, batch.sums.letters + 1))


@pytest.mark.parametrize("backend", [Backend.POSTGRESQL], indirect=True, ids=str)
def test_close_and_cancel_at_once_one_of_both_wins_for_each_letter(
    database: Database, blobs: FolderBlobs, author: Caller, clock: FixedClock
) -> None:
    message_ids = add_letters(database, blobs, author, clock, [Draft()] * 40)
    refused = []

    def cancel() -> None:
        for message_id in message_ids:
            try:
                Cancelling(database, clock).cancel(author, message_id)
            except AmtshilfeError as error:
                assert error.fault.code == "9100"
                refused.append(message_id)

    def close() -> None:
        closing = Closing(database, clock, 5)
        while closing.close_due():
            pass

    run_at_once([cancel, close, close])
    states = Counter(find_letter(database, found).state for found in message_ids)
    assert set(states) <= {LetterState.WITHDRAWN, LetterState.BATCHED}
    assert states[LetterState.BATCHED] == len(refused)
    assert sum(batch.sums.letters for batch in list_batches(database)) == len(refused)
    for message_id in message_ids:
        is_withdrawn = find_letter(database, message_id).state is LetterState.WITHDRAWN
        assert is_withdrawn == (find_state(database, message_id) is MessageState.CANCELLED)

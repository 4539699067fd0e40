"""Where a reader is, by what is known of it."""

import pytest

from server.domain.behoerde import Kanal
from server.domain.reader_place import MailboxState, ReaderFacts, ReaderPlace, decide_place

_M, _P = MailboxState, ReaderPlace


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        (ReaderFacts(_M.OPEN), _P.MAILBOX),
        (ReaderFacts(_M.CLOSED), _P.CLOSED_MAILBOX),
        (ReaderFacts(_M.NONE), _P.UNKNOWN),
        (ReaderFacts(_M.NONE, kanal=Kanal.BRIEF), _P.PAPER),
        (ReaderFacts(_M.NONE, kanal=Kanal.ELEKTRONISCH), _P.NOWHERE),
        (ReaderFacts(_M.OPEN, is_served_elsewhere=True), _P.DATA_CENTRE),
        (ReaderFacts(_M.CLOSED, is_served_elsewhere=True), _P.DATA_CENTRE),
        (
            ReaderFacts(_M.NONE, is_served_elsewhere=True, kanal=Kanal.ELEKTRONISCH),
            _P.DATA_CENTRE,
        ),
        # What was forwarded to here is not forwarded again.
        (ReaderFacts(_M.OPEN, is_forwarded=True, is_served_elsewhere=True), _P.MAILBOX),
        (ReaderFacts(_M.CLOSED, is_forwarded=True), _P.CLOSED_MAILBOX),
        (ReaderFacts(_M.NONE, is_forwarded=True), _P.NOWHERE),
    ],
)
def test_decide_place_by_mailbox_data_centre_and_kanal(
    facts: ReaderFacts, place: ReaderPlace
) -> None:
    assert decide_place(facts) is place

"""Claims of messages that were stored before claims were kept."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.engine import begin_writing
from persistence.figure_tables import message_claim
from server.domain.figure_query import FigureQuery
from server.domain.mandant import Caller
from server.services.figures.claims import ClaimProgress, ClaimReading
from server.services.figures.showing import Figures
from tests.unit.conftest import FixedClock
from tests.unit.services.test_sending import (
    INSPECTOR,
    StandInDirectory,
    command,
    make_sending,
)

pytestmark = pytest.mark.both_databases

YEAR = FigureQuery(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def reading(database: Database, blobs: FolderBlobs) -> ClaimReading:
    return ClaimReading(database, blobs, INSPECTOR)


@pytest.fixture
def sent(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, reader: Caller
) -> None:
    """An Ersuchen of our own set whose claims are lost."""
    sending = make_sending(database, blobs, StandInDirectory(), clock)
    sending.send(command(author, reader.mandant.identifier))


def forget_claims(database: Database) -> None:
    with begin_writing(database.engine) as connection:
        connection.execute(delete(message_claim))


@pytest.mark.usefixtures("sent")
def test_claims_that_were_lost_are_read_from_contents_and_counted(
    database: Database,
    figures: Figures,
    reading: ClaimReading,
    count_all: Callable[[], None],
    author: Caller,
) -> None:
    count_all()
    before = figures.show(author, YEAR)
    assert before.total.outgoing.claims > 0
    forget_claims(database)
    with database.writing() as stores:
        stores.figures.begin_anew()
    count_all()
    assert figures.show(author, YEAR).total.outgoing.claims == 0
    told: list[ClaimProgress] = []
    assert reading.read_all(told.append) == ClaimProgress(seen=1, found=1)
    assert told == [ClaimProgress(seen=1, found=1)]
    count_all()
    assert figures.show(author, YEAR) == before


@pytest.mark.usefixtures("sent")
def test_claims_that_are_there_are_not_read_again(reading: ClaimReading) -> None:
    assert reading.read_all(lambda _: None) == ClaimProgress()


@pytest.mark.usefixtures("sent")
def test_content_that_cannot_be_read_is_told_and_left_out(
    database: Database, blobs: FolderBlobs, reading: ClaimReading
) -> None:
    forget_claims(database)
    with database.reading() as stores:
        (key,) = stores.figures.list_without_claims(0, 9)
        (part, *_) = stores.messages.find_many([key])[key].parts
    blobs.delete([part.blob.name])
    assert reading.read_all(lambda _: None) == ClaimProgress(seen=1, unreadable=1)

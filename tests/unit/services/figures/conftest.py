"""Messages that are counted."""

from collections.abc import Callable

import pytest

from persistence.database import Database
from server.domain.message import MessageEvent
from server.domain.print_costs import PrintPrices
from server.services.codelisten import Codelisten
from server.services.figures.showing import Figures
from server.services.message_events import record_event
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.counting import Send, make_counting, make_sending
from tests.unit.conftest import FixedClock


@pytest.fixture
def figures(database: Database, clock: FixedClock) -> Figures:
    codelisten = Codelisten(database, clock, read_shipped_codelisten())
    return Figures(database, clock, codelisten, {"folder": PrintPrices()})


@pytest.fixture
def count_all(database: Database) -> Callable[[], None]:
    return make_counting(database)


@pytest.fixture
def send(database: Database, clock: FixedClock) -> Send:
    return make_sending(database, clock)


@pytest.fixture
def happen(database: Database, clock: FixedClock) -> Callable[[int, MessageEvent], None]:
    """Something happens to a message."""

    def happen(key: int, event: MessageEvent) -> None:
        with database.writing() as stores:
            message = stores.messages.find_for_change(key)
            assert message is not None
            record_event(stores, message, event, clock())

    return happen

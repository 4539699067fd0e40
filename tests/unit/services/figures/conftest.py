"""Messages that are counted."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from persistence.database import Database
from server.domain.figures import ClaimSum
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.print_costs import PrintPrices
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.services.codelisten import Codelisten
from server.services.figures.counting import FigureCounting
from server.services.figures.showing import Figures
from server.services.message_events import record_event
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_stores import new_message

Send = Callable[..., int]


@pytest.fixture
def figures(database: Database, clock: FixedClock) -> Figures:
    codelisten = Codelisten(database, clock, read_shipped_codelisten())
    return Figures(database, clock, codelisten, {"folder": PrintPrices()})


@pytest.fixture
def count_all(database: Database) -> Callable[[], None]:
    """Works off everything that is to be counted."""

    def count() -> None:
        counting = FigureCounting(database)
        while counting.count_due():
            pass

    return count


@pytest.fixture
def send(database: Database, clock: FixedClock) -> Send:
    """Sends a message into a mailbox (or with another event on its way); returns its key."""
    number = 0

    def send(
        author: Caller,
        reader: Caller,
        *claims: ClaimSum,
        event: VorgangEvent = VorgangEvent.ERSUCHEN,
        aktenzeichen: str = "",
        is_test: bool = False,
        way: MessageEvent = MessageEvent.SENT_TO_MAILBOX,
    ) -> int:
        nonlocal number
        number += 1
        new = new_message(author, reader, f"urn:x:{number}")
        facts = VorgangFacts(event, aktenzeichen=aktenzeichen or f"AZ-{number}")
        new = replace(new, facts=facts, head=replace(new.head, is_test=is_test))
        with database.writing() as stores:
            key = stores.messages.add(new, clock())
            stores.figures.add_claims(key, claims)
            message = stores.messages.find_for_change(key)
            assert message is not None
            record_event(stores, message, way, clock())
        return key

    return send


@pytest.fixture
def happen(database: Database, clock: FixedClock) -> Callable[[int, MessageEvent], None]:
    """Something happens to a message."""

    def happen(key: int, event: MessageEvent) -> None:
        with database.writing() as stores:
            message = stores.messages.find_for_change(key)
            assert message is not None
            record_event(stores, message, event, clock())

    return happen

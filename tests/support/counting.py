"""Messages to be counted, and their counting; for tests of services and of pages."""

from collections.abc import Callable
from dataclasses import replace

from persistence.database import Database
from server.domain.figures import ClaimSum
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.services.figures.counting import FigureCounting
from server.services.message_events import record_event
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_stores import new_message

Send = Callable[..., int]


def make_counting(database: Database) -> Callable[[], None]:
    """Works off everything that is to be counted."""

    def count() -> None:
        counting = FigureCounting(database)
        while counting.count_due():
            pass

    return count


def make_sending(database: Database, clock: FixedClock) -> Send:
    """Sends a message into a mailbox (or with another event on its way); returns its key."""
    number = 0

    def send(
        author: Caller,
        reader: Caller,
        *claims: ClaimSum,
        event: VorgangEvent = VorgangEvent.ERSUCHEN,
        aktenzeichen: str = "",
        aktenzeichen_reader: str = "",
        is_test: bool = False,
        way: MessageEvent = MessageEvent.SENT_TO_MAILBOX,
    ) -> int:
        nonlocal number
        number += 1
        new = new_message(author, reader, f"urn:x:{number}")
        own = aktenzeichen or f"AZ-{number}"
        facts = VorgangFacts(event, aktenzeichen=own, aktenzeichen_reader=aktenzeichen_reader)
        new = replace(new, facts=facts, head=replace(new.head, is_test=is_test))
        with database.writing() as stores:
            key = stores.messages.add(new, clock())
            stores.figures.add_claims(key, claims)
            message = stores.messages.find_for_change(key)
            assert message is not None
            record_event(stores, message, way, clock())
        return key

    return send

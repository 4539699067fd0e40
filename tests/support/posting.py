"""Messages where services put them, for tests of lists; and the clerk who looks at them."""

from dataclasses import replace
from datetime import timedelta

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.rights import Role
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.domain.web_user import Actor, WebUser
from server.services.message_events import record_event
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_stores import new_message


class Post:
    """Sends messages, each in a matter of its own; after each the clock goes on by `pause`."""

    def __init__(
        self, database: Database, clock: FixedClock, pause: timedelta = timedelta()
    ) -> None:
        self._database = database
        self._clock = clock
        self._pause = pause
        self._number = 0

    def send(
        self,
        author: Caller,
        reader: Caller,
        *then: MessageEvent,
        first: MessageEvent = MessageEvent.SENT_TO_MAILBOX,
        event: VorgangEvent = VorgangEvent.ERSUCHEN,
        aktenzeichen: str = "",
        schuldner: str = "Beispiel, Erika",
    ) -> str:
        """The MessageID; `schuldner`: names with a semicolon between them."""
        self._number += 1
        message_id = f"urn:x:{self._number}"
        facts = VorgangFacts(
            event,
            aktenzeichen=aktenzeichen or f"AZ {self._number}",
            schuldner_list=tuple(schuldner.split(";")),
        )
        new = replace(new_message(author, reader, message_id), facts=facts)
        with self._database.writing() as stores:
            key = stores.messages.add(new, self._clock.now)
            for step in (first, *then):
                message = stores.messages.find_for_change(key)
                assert message is not None
                record_event(stores, message, step, self._clock.now)
        self._clock.now += self._pause
        return message_id


def actor_of(caller: Caller) -> Actor:
    """A clerk of the Mandant."""
    user = WebUser(1, "eva", "Eva", "", Role.SACHBEARBEITER, caller.mandant.key)
    return Actor(user, caller.mandant)

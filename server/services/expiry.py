"""ObsoleteAfter: messages that end because nobody received them in time."""

from datetime import datetime

from persistence.database import Database, Stores
from server.domain.local_time import find_local_day
from server.domain.message import EXPIRING_STATES, MessageEvent
from server.services.clock import Clock
from server.services.message_events import lock_messages, record_event

_BATCH = 100


class Expiry:
    """Ends messages whose last day has passed. Days are German ones."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def end_obsolete(self) -> int:
        """Takes obsolete messages out of mailboxes and queues; returns how many there were.

        At most a hundred at once, so that no transaction takes long. What a worker delivers at this
        moment is looked at again afterwards.
        """
        moment = self._clock()
        with self._database.reading() as stores:
            obsolete = stores.messages.list_obsolete(find_local_day(moment), _BATCH)
        if not obsolete:
            return 0
        with self._database.writing() as stores:
            lock_messages(stores, [message.key for message in obsolete])
            ended = [message for message in obsolete if self._end(stores, message.key, moment)]
        return len(ended)

    def _end(self, stores: Stores, key: int, moment: datetime) -> bool:
        message = stores.messages.find_for_change(key)
        if message is None or message.state not in EXPIRING_STATES:
            return False
        orders = stores.order_desk.lock_active(key)
        if any(order.is_being_delivered(moment) for order in orders):
            # Its worker has the last word: what it brings there has arrived.
            return False
        day = f"{message.head.obsolete_after:%d.%m.%Y}"
        record_event(stores, message, MessageEvent.OBSOLETE, moment, detail=day)
        stores.orders.cancel(key)
        return True

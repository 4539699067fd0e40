"""Taking back a message whose time has not come."""

import logging

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState, decide
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import make_entry
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock

logger = logging.getLogger(__name__)


class Cancelling:
    """Cancels messages that wait for their NotBefore."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def cancel(self, caller: Caller, message_id: str) -> None:
        """Takes a message back; repeating it changes nothing.

        Raises 9022 where the caller has not sent it (cancelMessage declares no
        InvalidMessageID), 9101 where NotBefore was never set, 9100 where it has passed.
        """
        with self._database.writing() as stores:
            message = stores.messages.find(message_id)
            if message is None or message.author_mandant != caller.mandant.key:
                raise AmtshilfeError(
                    Faults.PARAMETER_COMBINATION,
                    f"Für diesen Account gibt es keine gesendete Nachricht {message_id}.",
                )
            if message.state == MessageState.CANCELLED:
                return
            self._require_time(message)
            moment = self._clock()
            transition = decide(message.state, MessageEvent.CANCELLED)
            entries = [make_entry(code, moment) for code in transition.report_codes]
            stores.messages.record(
                message.key, transition.state, transition.stamps, moment, entries
            )
            stores.orders.cancel(message.key)
        logger.info("message %s: %s", message.head.message_id, MessageEvent.CANCELLED)

    def _require_time(self, message: StoredMessage) -> None:
        not_before = message.head.not_before
        if not_before is None:
            raise AmtshilfeError(
                Faults.NOT_BEFORE_UNSET, "Die Nachricht wurde ohne NotBefore gesendet."
            )
        is_waiting = message.state == MessageState.WAITING_FOR_DELIVERY
        if not_before <= self._clock() or not is_waiting:
            raise AmtshilfeError(
                Faults.NOT_BEFORE_PASSED,
                f"Der Termin {not_before:%d.%m.%Y %H:%M} (UTC) ist verstrichen.",
            )
